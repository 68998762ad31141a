using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActivityConnector.Transforms;

/// <summary>The compression function of SHA-256 for one block of every lane at a time. (FIPS 180-4, 6.2.2.)</summary>
internal static class LaneCompression<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    /// <param name="blocks">The buffer that holds all messages, padded.</param>
    /// <param name="starts">Where each lane's message begins.</param>
    /// <param name="from">The first block to take of each lane.</param>
    /// <param name="to">The block to stop at.</param>
    /// <param name="state">The eight state words, each of all lanes.</param>
    public static void Run(ref byte blocks, ReadOnlySpan<int> starts, int from, int to, Span<uint> state)
    {
        Span<TVector> words = stackalloc TVector[16];
        ref var s = ref MemoryMarshal.GetReference(state);
        var lanes = TLanes.Count;
        for (var block = from; block < to; block++)
        {
            TLanes.LoadBlocks(ref blocks, starts, block * Sha256Constants.BlockBytes, words);
            // Loaded anew for each block: across the call above they could not stay in registers.
            var a = TLanes.Load(ref s);
            var b = TLanes.Load(ref Unsafe.Add(ref s, lanes));
            var c = TLanes.Load(ref Unsafe.Add(ref s, 2 * lanes));
            var d = TLanes.Load(ref Unsafe.Add(ref s, 3 * lanes));
            var e = TLanes.Load(ref Unsafe.Add(ref s, 4 * lanes));
            var f = TLanes.Load(ref Unsafe.Add(ref s, 5 * lanes));
            var g = TLanes.Load(ref Unsafe.Add(ref s, 6 * lanes));
            var h = TLanes.Load(ref Unsafe.Add(ref s, 7 * lanes));
            ref var w = ref MemoryMarshal.GetReference(words);
            ref var k = ref MemoryMarshal.GetReference(Sha256Constants.Rounds);
            for (var t = 0; t < 64; t += 8)
            {
                if (t >= 16)
                {
                    Extend(ref w, t & 15);
                }

                ref var w8 = ref Unsafe.Add(ref w, t & 15);
                Round(a, b, c, ref d, e, f, g, ref h, TLanes.Add(w8, TLanes.Broadcast(k)));
                Round(h, a, b, ref c, d, e, f, ref g, TLanes.Add(Unsafe.Add(ref w8, 1), TLanes.Broadcast(Unsafe.Add(ref k, 1))));
                Round(g, h, a, ref b, c, d, e, ref f, TLanes.Add(Unsafe.Add(ref w8, 2), TLanes.Broadcast(Unsafe.Add(ref k, 2))));
                Round(f, g, h, ref a, b, c, d, ref e, TLanes.Add(Unsafe.Add(ref w8, 3), TLanes.Broadcast(Unsafe.Add(ref k, 3))));
                Round(e, f, g, ref h, a, b, c, ref d, TLanes.Add(Unsafe.Add(ref w8, 4), TLanes.Broadcast(Unsafe.Add(ref k, 4))));
                Round(d, e, f, ref g, h, a, b, ref c, TLanes.Add(Unsafe.Add(ref w8, 5), TLanes.Broadcast(Unsafe.Add(ref k, 5))));
                Round(c, d, e, ref f, g, h, a, ref b, TLanes.Add(Unsafe.Add(ref w8, 6), TLanes.Broadcast(Unsafe.Add(ref k, 6))));
                Round(b, c, d, ref e, f, g, h, ref a, TLanes.Add(Unsafe.Add(ref w8, 7), TLanes.Broadcast(Unsafe.Add(ref k, 7))));
                k = ref Unsafe.Add(ref k, 8);
            }

            AddTo(ref s, a);
            AddTo(ref Unsafe.Add(ref s, lanes), b);
            AddTo(ref Unsafe.Add(ref s, 2 * lanes), c);
            AddTo(ref Unsafe.Add(ref s, 3 * lanes), d);
            AddTo(ref Unsafe.Add(ref s, 4 * lanes), e);
            AddTo(ref Unsafe.Add(ref s, 5 * lanes), f);
            AddTo(ref Unsafe.Add(ref s, 6 * lanes), g);
            AddTo(ref Unsafe.Add(ref s, 7 * lanes), h);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ref uint state, TVector v) => TLanes.Store(TLanes.Add(TLanes.Load(ref state), v), ref state);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(TVector a, TVector b, TVector c, ref TVector d, TVector e, TVector f, TVector g, ref TVector h, TVector keyedWord)
    {
        var t1 = TLanes.Add(TLanes.Add(h, keyedWord), TLanes.Add(TLanes.BigSigma1(e), TLanes.Choose(e, f, g)));
        d = TLanes.Add(d, t1);
        h = TLanes.Add(t1, TLanes.Add(TLanes.BigSigma0(a), TLanes.Majority(a, b, c)));
    }

    /// <summary>Puts the next eight words of the schedule in the place of the eight oldest ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Extend(ref TVector w, int first)
    {
        for (var t = first; t < first + 8; t++)
        {
            ref var word = ref Unsafe.Add(ref w, t);
            word = TLanes.Add(
                TLanes.Add(word, TLanes.SmallSigma0(Unsafe.Add(ref w, (t + 1) & 15))),
                TLanes.Add(Unsafe.Add(ref w, (t + 9) & 15), TLanes.SmallSigma1(Unsafe.Add(ref w, (t + 14) & 15))));
        }
    }
}
