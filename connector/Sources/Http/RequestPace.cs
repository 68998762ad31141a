namespace ActivityConnector.Sources.Http;

/// <summary>When the next request may be sent: the configured rate, and the server's reserve.</summary>
/// <remarks>Not thread-safe: one source, one request at a time.</remarks>
internal sealed class RequestPace
{
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly long _origin;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _burst;
    private TimeSpan _due;
    private TimeSpan _notBefore;

    /// <param name="requestsPerMinute">0 = only the server's headers count. A tenth of it may come at once.</param>
    /// <param name="time">Only its timestamps are used: a clock that is set does not stop requests.</param>
    /// <param name="random">For jitter.</param>
    public RequestPace(int requestsPerMinute, TimeProvider time, Random random)
    {
        _time = time;
        _random = random;
        _origin = time.GetTimestamp();
        _interval = requestsPerMinute > 0 ? TimeSpan.FromMinutes(1) / requestsPerMinute : TimeSpan.Zero;
        _burst = _interval * Math.Max(0, (requestsPerMinute / 10) - 1);
    }

    /// <summary>Takes the next place and returns how long to wait for it.</summary>
    public TimeSpan Reserve()
    {
        var now = _time.GetElapsedTime(_origin);
        var at = Later(Later(now, _notBefore), _due - _burst);
        _due = Later(_due, at) + _interval;
        return at - now;
    }

    /// <summary>Leaves the last tenth of a shared quota alone until it is renewed. True when that means a wait.</summary>
    public bool Observe(in RateLimit limit)
    {
        if (!limit.IsReserve || limit.UntilReset is not { } wait || wait == TimeSpan.Zero) return false;

        _notBefore = Later(_notBefore, _time.GetElapsedTime(_origin) + wait + TimeSpan.FromMilliseconds(500 * _random.NextDouble()));
        return true;
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
