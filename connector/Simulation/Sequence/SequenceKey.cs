using System.Buffers.Binary;

namespace ActivityConnector.Simulation.Sequence;

/// <summary>UUIDv7 from and to a place in the order: its milliseconds, then its tie.</summary>
internal static class SequenceKey
{
    private const int TieBits = 62;

    public const ulong TieMask = (1UL << TieBits) - 1;

    public static Guid ToId(long milliseconds, ulong tie)
    {
        // 12 bits of the tie stand before the variant, 50 after it; the last 12 are filled from them.
        var high = ((ulong)milliseconds << 16) | 0x7000 | (tie >> 50);
        var low = (2UL << 62) | ((tie & ((1UL << 50) - 1)) << 12) | ((tie * 0x9E3779B97F4A7C15UL) >> 52);
        return new Guid((uint)(high >> 32), (ushort)(high >> 16), (ushort)high,
            (byte)(low >> 56), (byte)(low >> 48), (byte)(low >> 40), (byte)(low >> 32), (byte)(low >> 24), (byte)(low >> 16), (byte)(low >> 8), (byte)low);
    }

    public static (long Milliseconds, ulong Tie) FromId(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        var low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        return ((long)(high >> 16), ((high & 0xfff) << 50) | ((low >> 12) & ((1UL << 50) - 1)));
    }
}
