namespace ActivityConnector.Simulation;

/// <summary>A stream of repeatable numbers for one (seed, purpose, index): any record can be drawn again at any time without those before it.</summary>
internal struct RandomStream(int seed, int purpose, long index)
{
    private ulong _state = Mix(Mix((uint)seed | ((ulong)(uint)purpose << 32)) ^ (ulong)index);

    public ulong Bits() => Mix(_state += 0x9E3779B97F4A7C15UL);

    /// <summary>A number from 0 up to, not including, <paramref name="below"/>.</summary>
    public int Below(int below) => (int)((Bits() >> 32) * (ulong)below >> 32);

    public bool Chance(double share) => (Bits() >> 11) * (1.0 / (1UL << 53)) < share;

    // The finaliser of SplitMix64.
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
