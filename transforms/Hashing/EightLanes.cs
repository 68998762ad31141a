using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ActivityConnector.Transforms;

/// <summary>Eight messages in AVX2 registers.</summary>
internal readonly struct EightLanes : ILanes<Vector256<uint>>
{
    public static bool IsSupported => Avx2.IsSupported;

    public static int Count => 8;

    /// <summary>Half a block is one row of eight words: the rows are turned into columns, four by four and then in halves.</summary>
    public static void LoadBlocks(ref byte blocks, ReadOnlySpan<int> starts, int offset, Span<Vector256<uint>> words)
    {
        for (var half = 0; half < 2; half++)
        {
            var word = words.Slice(half * 8, 8);
            for (var row = 0; row < 8; row += 4)
            {
                var r0 = Row(ref blocks, starts[row] + offset + (half * 32));
                var r1 = Row(ref blocks, starts[row + 1] + offset + (half * 32));
                var r2 = Row(ref blocks, starts[row + 2] + offset + (half * 32));
                var r3 = Row(ref blocks, starts[row + 3] + offset + (half * 32));
                var low01 = Avx2.UnpackLow(r0, r1).AsUInt64();
                var high01 = Avx2.UnpackHigh(r0, r1).AsUInt64();
                var low23 = Avx2.UnpackLow(r2, r3).AsUInt64();
                var high23 = Avx2.UnpackHigh(r2, r3).AsUInt64();
                word[row] = Avx2.UnpackLow(low01, low23).AsUInt32();
                word[row + 1] = Avx2.UnpackHigh(low01, low23).AsUInt32();
                word[row + 2] = Avx2.UnpackLow(high01, high23).AsUInt32();
                word[row + 3] = Avx2.UnpackHigh(high01, high23).AsUInt32();
            }

            for (var k = 0; k < 4; k++)
            {
                var (q0, q1) = (word[k], word[k + 4]);
                word[k] = Avx2.Permute2x128(q0, q1, 0x20);
                word[k + 4] = Avx2.Permute2x128(q0, q1, 0x31);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Load(ref uint from) => Vector256.LoadUnsafe(ref from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<uint> v, ref uint to) => v.StoreUnsafe(ref to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Broadcast(uint value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Add(Vector256<uint> a, Vector256<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Choose(Vector256<uint> e, Vector256<uint> f, Vector256<uint> g) => g ^ (e & (f ^ g));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Majority(Vector256<uint> a, Vector256<uint> b, Vector256<uint> c) => (a & b) | (c & (a | b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> BigSigma0(Vector256<uint> a) => Rotated(a, 2) ^ Rotated(a, 13) ^ Rotated(a, 22);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> BigSigma1(Vector256<uint> e) => Rotated(e, 6) ^ Rotated(e, 11) ^ Rotated(e, 25);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> SmallSigma0(Vector256<uint> w) => Rotated(w, 7) ^ Rotated(w, 18) ^ (w >>> 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> SmallSigma1(Vector256<uint> w) => Rotated(w, 17) ^ Rotated(w, 19) ^ (w >>> 10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotated(Vector256<uint> v, int bits) => (v >>> bits) | (v << (32 - bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Row(ref byte blocks, int at)
        => Avx2.Shuffle(
            Vector256.LoadUnsafe(ref blocks, (nuint)at),
            Vector256.Create(0x0405060700010203UL, 0x0C0D0E0F08090A0BUL, 0x0405060700010203UL, 0x0C0D0E0F08090A0BUL).AsByte()).AsUInt32();
}
