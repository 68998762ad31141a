using ActivityConnector.Pipeline;

namespace ActivityConnector.Sources.Http;

/// <summary>How long to wait before the same request is sent again. Pure but for the random source it is given.</summary>
internal static class RetryDelay
{
    private static readonly TimeSpan FirstFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestFailure = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>So often in a row a wait of less than <see cref="FirstWait"/> is believed.</summary>
    private const int MostShortWaits = 5;

    /// <summary>After a failure: full jitter over 1, 2, 4 … 30 s, but not before the server's Retry-After.</summary>
    public static TimeSpan AfterFailure(int failures, TimeSpan? retryAfter, Random random)
    {
        var delay = ExponentialDelay.WithFullJitter(failures, FirstFailure, LongestFailure, random);
        return retryAfter > delay ? retryAfter.Value : delay;
    }

    /// <summary>
    /// After a refused quota: what the headers say and up to a second more; without headers, or where what they say was not enough several times,
    /// half to all of 5, 10 … 60 s.
    /// </summary>
    public static TimeSpan ForQuota(int waits, RateLimit limit, Random random)
    {
        var asked = Max(limit.RetryAfter, limit.UntilReset);
        if (asked is { } wait && (wait >= FirstWait || waits < MostShortWaits)) return wait + TimeSpan.FromSeconds(random.NextDouble());

        return ExponentialDelay.WithHalfJitter(waits, FirstWait, LongestWait, random);
    }

    private static TimeSpan? Max(TimeSpan? a, TimeSpan? b) => a is null ? b : b is null ? a : a > b ? a : b;
}
