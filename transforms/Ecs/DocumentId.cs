using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActivityConnector.Transforms;

/// <summary>The document id: of immutable inputs only, so the same record has the same id for ever. (Mapping 2.)</summary>
internal readonly record struct DocumentId(string Hex, UInt128 Key)
{
    private const int HexDigits = 40;

    public static DocumentId Of(ReadOnlySpan<byte> digest)
        => new(Convert.ToHexStringLower(digest[..(HexDigits / 2)]), BinaryPrimitives.ReadUInt128BigEndian(digest));

    /// <summary>The id of the same record with other content: it has its own document.</summary>
    public static DocumentId OfRevision(EcsEvent e, string eventHash)
        => Of(SHA256.HashData(Encoding.UTF8.GetBytes($"v1\n{e.Dataset}\n{e.Tenant}\n{e.EventId}\n{eventHash}")));
}
