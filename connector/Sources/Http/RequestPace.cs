namespace ActivityConnector.Sources.Http;

/// <summary>When the next request may be sent: the configured rate, and the server's reserve.</summary>
/// <remarks>Thread-safe. Requests that are under way count as used, because the last answer may not have counted them.</remarks>
internal sealed class RequestPace
{
    /// <summary>How much of a quota, and of the configured rate, is left to live records while an operator's range is read.</summary>
    private const int BackgroundReservePercent = 50;

    /// <summary>Two ends of a quota that are nearer are the same one: the server gives whole seconds.</summary>
    private static readonly TimeSpan ResetGrain = TimeSpan.FromSeconds(1.5);

    /// <summary>How soon a request that can wait is sent when it cannot any more.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly long _origin;
    private readonly TimeSpan _interval;
    private readonly int _atOnce;
    private TimeSpan _due;

    /// <summary>What the last answer said of the quota; of answers within one window of it the lowest, because they may come in any order.</summary>
    private RateLimit _limit;
    private TimeSpan _resetAt;
    private TimeSpan _notBefore;
    private int _unanswered;

    /// <param name="requestsPerMinute">0 = only the server's headers count. A tenth of it may come at once.</param>
    /// <param name="time">Only its timestamps are used: a clock that is set does not stop requests.</param>
    /// <param name="random">For jitter; this object's own.</param>
    public RequestPace(int requestsPerMinute, TimeProvider time, Random random)
    {
        _time = time;
        _random = random;
        _origin = time.GetTimestamp();
        _interval = requestsPerMinute > 0 ? TimeSpan.FromMinutes(1) / requestsPerMinute : TimeSpan.Zero;
        _atOnce = Math.Max(0, (requestsPerMinute / 10) - 1);
    }

    /// <summary>Whether what is read can wait: as long as that is so, half of the quota and of the rate is left alone. Null = it cannot.</summary>
    public Func<bool>? CanWait { get; set; }

    /// <summary>So many requests at once never use the reserve of a quota that has just been renewed; at least 1.</summary>
    public long AtOnce
    {
        get
        {
            lock (_gate) return _limit.Limit > 0 ? Math.Max(1, _limit.Limit * (100 - ReservePercent) / 100) : long.MaxValue;
        }
    }

    private bool IsBackground => CanWait?.Invoke() == true;

    private int ReservePercent => IsBackground ? BackgroundReservePercent : RateLimit.ReservePercent;

    /// <summary>Takes a place for one request, which counts as under way from now on; or says after how long to ask again.</summary>
    /// <returns>Zero when the place was taken.</returns>
    public TimeSpan Take()
    {
        lock (_gate)
        {
            var (now, isBackground) = (Elapsed, IsBackground);
            var interval = isBackground ? _interval * 100 / BackgroundReservePercent : _interval;
            var isReserve = _limit.Limit > 0 && _resetAt > now && _limit.IsLessThan(ReservePercent, _unanswered);
            var at = Later(isReserve ? _notBefore : TimeSpan.Zero, _due - (interval * _atOnce));
            if (at > now)
            {
                // A delay is cut to milliseconds.
                var wait = TimeSpan.FromMilliseconds(Math.Ceiling((at - now).TotalMilliseconds));
                return isBackground && wait > LookAgain ? LookAgain : wait;
            }

            if (interval > TimeSpan.Zero) _due = Later(_due, now) + interval;
            _unanswered++;
            return TimeSpan.Zero;
        }
    }

    /// <summary>It has an answer, which was observed, or will have none.</summary>
    public void Answered()
    {
        lock (_gate) _unanswered--;
    }

    /// <summary>Leaves the reserve of a shared quota alone until it is renewed. True when that means a wait for whatever is read.</summary>
    public bool Observe(in RateLimit limit)
    {
        if (limit.Limit == 0 || limit.UntilReset is not { } wait || wait == TimeSpan.Zero) return false;

        lock (_gate)
        {
            var resetAt = Elapsed + wait;
            var isSameWindow = _limit.Limit > 0 && (resetAt - _resetAt).Duration() < ResetGrain && _resetAt > Elapsed;
            _limit = isSameWindow && _limit.Remaining < limit.Remaining ? _limit : limit;
            _resetAt = isSameWindow ? Later(_resetAt, resetAt) : resetAt;
            _notBefore = _resetAt + TimeSpan.FromMilliseconds(500 * _random.NextDouble());
        }

        return limit.IsReserve;
    }

    private TimeSpan Elapsed => _time.GetElapsedTime(_origin);

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
