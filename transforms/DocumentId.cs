using System.Buffers.Binary;

namespace ActivityConnector.Transforms;

/// <summary>
/// The id of an event's document: the first 20 bytes of SHA-256 over <c>v1\n dataset \n tenant \n event.id</c>; a revised event adds
/// <c>\n</c> and the 16 hex digits of <see cref="EcsEvent.ContentDigest"/>. Of immutable inputs only, so the same record always has the same id. (Mapping 2.2.)
/// </summary>
public readonly record struct DocumentId
{
    public const int Bytes = 20;

    private readonly ulong _first;
    private readonly ulong _second;
    private readonly uint _last;

    /// <summary>Takes the first bytes of a digest, or those that <see cref="Write"/> wrote.</summary>
    public DocumentId(ReadOnlySpan<byte> digest)
    {
        _first = BinaryPrimitives.ReadUInt64BigEndian(digest);
        _second = BinaryPrimitives.ReadUInt64BigEndian(digest[8..]);
        _last = BinaryPrimitives.ReadUInt32BigEndian(digest[16..]);
    }

    /// <summary>What is hashed before the event's own id.</summary>
    internal static string PrefixOf(string dataset, string tenant) => $"v1\n{dataset}\n{tenant}\n";

    /// <summary>The first 16 bytes, big-endian: what the journals keep to know an event again.</summary>
    public UInt128 Key => new(_first, _second);

    /// <summary>Writes the bytes.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64BigEndian(to, _first);
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], _second);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], _last);
    }

    /// <summary>The bytes as 40 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
