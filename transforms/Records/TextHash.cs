using System.Buffers.Binary;
using System.Numerics;

namespace ActivityConnector.Transforms;

/// <summary>A hash of a text's bytes for the tables here: by the processor's own checksum, eight bytes at a time.</summary>
internal static class TextHash
{
    public static uint Of(ReadOnlySpan<byte> text)
    {
        var hash = (uint)text.Length;
        if (text.Length < sizeof(ulong))
        {
            foreach (var b in text)
            {
                hash = BitOperations.Crc32C(hash, b);
            }

            return hash;
        }

        for (var rest = text; rest.Length > sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            hash = BitOperations.Crc32C(hash, BinaryPrimitives.ReadUInt64LittleEndian(rest));
        }

        return BitOperations.Crc32C(hash, BinaryPrimitives.ReadUInt64LittleEndian(text[^sizeof(ulong)..]));
    }
}
