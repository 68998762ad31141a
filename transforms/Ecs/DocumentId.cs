using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActivityConnector.Transforms;

/// <summary>The document id: of immutable inputs only, so the same record has the same id for ever. (Mapping 2.2.)</summary>
internal static class DocumentId
{
    private const int Bytes = 20;

    /// <summary>The id's hex digits, from the first 16 bytes of its digest and the four after them.</summary>
    public static string Hex(UInt128 key, uint tail)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], tail);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The digest of the same record with other content: it has its own document.</summary>
    public static byte[] OfRevision(EcsEvent e, ulong contentHash)
        => SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"v1\n{e.Dataset}\n{e.Tenant}\n{e.EventId}\n{contentHash:x16}")));
}
