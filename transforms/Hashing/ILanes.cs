namespace ActivityConnector.Transforms;

/// <summary>What SHA-256 needs of a vector that holds one 32-bit word of each of several messages. (FIPS 180-4, 4.1.2.)</summary>
internal interface ILanes<TVector>
    where TVector : unmanaged
{
    static abstract int Count { get; }

    /// <summary>Loads the block of every lane: word <c>n</c> of all of them, big-endian, into <c>words[n]</c>.</summary>
    static abstract void LoadBlocks(ref byte blocks, ReadOnlySpan<int> starts, int offset, Span<TVector> words);

    static abstract TVector Load(ref uint from);

    static abstract void Store(TVector v, ref uint to);

    static abstract TVector Broadcast(uint value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Choose(TVector e, TVector f, TVector g);

    static abstract TVector Majority(TVector a, TVector b, TVector c);

    static abstract TVector BigSigma0(TVector a);

    static abstract TVector BigSigma1(TVector e);

    static abstract TVector SmallSigma0(TVector w);

    static abstract TVector SmallSigma1(TVector w);
}
