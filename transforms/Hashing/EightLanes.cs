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

    /// <summary>A quarter of a block is a row of four words: the rows of lanes n and n + 4 share a register, and four registers are turned into columns.</summary>
    public static void LoadBlocks(ref byte blocks, ReadOnlySpan<int> starts, int offset, Span<Vector256<uint>> words)
    {
        ref var start = ref MemoryMarshal.GetReference(starts);
        ref var word = ref MemoryMarshal.GetReference(words);
        for (var quarter = 0; quarter < 4; quarter++)
        {
            ref var row = ref Unsafe.Add(ref blocks, offset + (quarter * 16));
            var r0 = Rows(ref row, ref start);
            var r1 = Rows(ref row, ref Unsafe.Add(ref start, 1));
            var r2 = Rows(ref row, ref Unsafe.Add(ref start, 2));
            var r3 = Rows(ref row, ref Unsafe.Add(ref start, 3));
            var low01 = Avx2.UnpackLow(r0, r1).AsUInt64();
            var high01 = Avx2.UnpackHigh(r0, r1).AsUInt64();
            var low23 = Avx2.UnpackLow(r2, r3).AsUInt64();
            var high23 = Avx2.UnpackHigh(r2, r3).AsUInt64();
            word = Avx2.UnpackLow(low01, low23).AsUInt32();
            Unsafe.Add(ref word, 1) = Avx2.UnpackHigh(low01, low23).AsUInt32();
            Unsafe.Add(ref word, 2) = Avx2.UnpackLow(high01, high23).AsUInt32();
            Unsafe.Add(ref word, 3) = Avx2.UnpackHigh(high01, high23).AsUInt32();
            word = ref Unsafe.Add(ref word, 4);
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

    /// <summary>Of the forms there are, the one whose second half is the first half of the round before, which is still at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Majority(Vector256<uint> a, Vector256<uint> b, Vector256<uint> c) => b ^ ((a ^ b) & (b ^ c));

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
    private static Vector256<uint> Rows(ref byte row, ref int start)
        => Avx2.Shuffle(
            Vector256.Create(
                Vector128.LoadUnsafe(ref row, (nuint)start),
                Vector128.LoadUnsafe(ref row, (nuint)Unsafe.Add(ref start, 4))),
            Vector256.Create(0x0405060700010203UL, 0x0C0D0E0F08090A0BUL, 0x0405060700010203UL, 0x0C0D0E0F08090A0BUL).AsByte()).AsUInt32();
}
