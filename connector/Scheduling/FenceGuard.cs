using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>
/// How long to wait after a newer writer has taken a source: taking it back at once would fence that one, and so on without end.
/// </summary>
/// <remarks>Pure but for the clock and the random source it is given; not thread-safe.</remarks>
internal sealed class FenceGuard(TimeProvider time, Random random)
{
    private const int Contest = 3;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Queue<long> _fences = [];

    /// <summary>How often the source was taken within the last ten minutes.</summary>
    public int Recent => _fences.Count;

    /// <summary>True when that is no take-over any more but two writers that take it from each other.</summary>
    public bool IsContest => Recent >= Contest;

    /// <summary>The source was taken now: 5, 10, 20 s … up to 5 minutes, each half to the whole of it, so that two do not keep step.</summary>
    public TimeSpan Next()
    {
        while (_fences.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > Window) _fences.Dequeue();

        _fences.Enqueue(time.GetTimestamp());
        return ExponentialDelay.WithHalfJitter(_fences.Count - 1, First, Longest, random);
    }
}
