using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ActivityConnector.Transforms;

/// <summary>Sixteen messages in AVX-512 registers, which rotate and mix three words in one instruction.</summary>
internal readonly struct SixteenLanes : ILanes<Vector512<uint>>
{
    private const byte Xor3 = 0x96, Select = 0xCA, MajorityOf3 = 0xE8;

    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    public static int Count => 16;

    private static Vector512<byte> SwapBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(0x0405060700010203UL, 0x0C0D0E0F08090A0BUL, 0x0405060700010203UL, 0x0C0D0E0F08090A0BUL,
            0x0405060700010203UL, 0x0C0D0E0F08090A0BUL, 0x0405060700010203UL, 0x0C0D0E0F08090A0BUL).AsByte();
    }

    /// <summary>A block is one row of sixteen words: the rows are turned into columns, four by four and then in quarters.</summary>
    public static void LoadBlocks(ref byte blocks, ReadOnlySpan<int> starts, int offset, Span<Vector512<uint>> words)
    {
        ref var start = ref MemoryMarshal.GetReference(starts);
        ref var word = ref MemoryMarshal.GetReference(words);
        for (var row = 0; row < 16; row += 4)
        {
            var r0 = Row(ref blocks, Unsafe.Add(ref start, row) + offset);
            var r1 = Row(ref blocks, Unsafe.Add(ref start, row + 1) + offset);
            var r2 = Row(ref blocks, Unsafe.Add(ref start, row + 2) + offset);
            var r3 = Row(ref blocks, Unsafe.Add(ref start, row + 3) + offset);
            var low01 = Avx512F.UnpackLow(r0, r1).AsUInt64();
            var high01 = Avx512F.UnpackHigh(r0, r1).AsUInt64();
            var low23 = Avx512F.UnpackLow(r2, r3).AsUInt64();
            var high23 = Avx512F.UnpackHigh(r2, r3).AsUInt64();
            Unsafe.Add(ref word, row) = Avx512F.UnpackLow(low01, low23).AsUInt32();
            Unsafe.Add(ref word, row + 1) = Avx512F.UnpackHigh(low01, low23).AsUInt32();
            Unsafe.Add(ref word, row + 2) = Avx512F.UnpackLow(high01, high23).AsUInt32();
            Unsafe.Add(ref word, row + 3) = Avx512F.UnpackHigh(high01, high23).AsUInt32();
        }

        for (var k = 0; k < 4; k++)
        {
            var (q0, q1) = (Unsafe.Add(ref word, k), Unsafe.Add(ref word, k + 4));
            var (q2, q3) = (Unsafe.Add(ref word, k + 8), Unsafe.Add(ref word, k + 12));
            var even01 = Avx512F.Shuffle4x128(q0, q1, 0x88);
            var odd01 = Avx512F.Shuffle4x128(q0, q1, 0xDD);
            var even23 = Avx512F.Shuffle4x128(q2, q3, 0x88);
            var odd23 = Avx512F.Shuffle4x128(q2, q3, 0xDD);
            Unsafe.Add(ref word, k) = Avx512F.Shuffle4x128(even01, even23, 0x88);
            Unsafe.Add(ref word, k + 4) = Avx512F.Shuffle4x128(odd01, odd23, 0x88);
            Unsafe.Add(ref word, k + 8) = Avx512F.Shuffle4x128(even01, even23, 0xDD);
            Unsafe.Add(ref word, k + 12) = Avx512F.Shuffle4x128(odd01, odd23, 0xDD);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Load(ref uint from) => Vector512.LoadUnsafe(ref from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<uint> v, ref uint to) => v.StoreUnsafe(ref to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Broadcast(uint value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> a, Vector512<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Choose(Vector512<uint> e, Vector512<uint> f, Vector512<uint> g) => Avx512F.TernaryLogic(e, f, g, Select);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Majority(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) => Avx512F.TernaryLogic(a, b, c, MajorityOf3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> BigSigma0(Vector512<uint> a)
        => Avx512F.TernaryLogic(Avx512F.RotateRight(a, 2), Avx512F.RotateRight(a, 13), Avx512F.RotateRight(a, 22), Xor3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> BigSigma1(Vector512<uint> e)
        => Avx512F.TernaryLogic(Avx512F.RotateRight(e, 6), Avx512F.RotateRight(e, 11), Avx512F.RotateRight(e, 25), Xor3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> SmallSigma0(Vector512<uint> w)
        => Avx512F.TernaryLogic(Avx512F.RotateRight(w, 7), Avx512F.RotateRight(w, 18), w >>> 3, Xor3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> SmallSigma1(Vector512<uint> w)
        => Avx512F.TernaryLogic(Avx512F.RotateRight(w, 17), Avx512F.RotateRight(w, 19), w >>> 10, Xor3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Row(ref byte blocks, int at)
        => Avx512BW.Shuffle(Vector512.LoadUnsafe(ref blocks, (nuint)at), SwapBytes).AsUInt32();
}
