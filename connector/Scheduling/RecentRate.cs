namespace ActivityConnector.Scheduling;

/// <summary>How fast a total grows, over about the last five minutes.</summary>
/// <remarks>Thread-safe. It knows the totals that it was shown: show them often.</remarks>
internal sealed class RecentRate(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Queue<(long At, long Total)> _samples = new();
    private long _newest;

    /// <summary>Notes a total and returns how much it grows a minute; null as long as there is nothing to compare with.</summary>
    public double? PerMinute(long total)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_samples.Count == 0 || time.GetElapsedTime(_newest, now) >= Step)
            {
                _samples.Enqueue((now, total));
                _newest = now;
            }

            while (_samples.Count > 1 && time.GetElapsedTime(_samples.Peek().At, now) > Window) _samples.Dequeue();

            var first = _samples.Peek();
            var minutes = time.GetElapsedTime(first.At, now).TotalMinutes;
            return minutes > 0 ? (total - first.Total) / minutes : null;
        }
    }
}
