using System.Globalization;
using System.Net.Http.Headers;

namespace ActivityConnector.Sources.Http;

/// <summary>What a response says about the quota.</summary>
/// <param name="Limit">Requests per window; 0 = not given.</param>
/// <param name="Remaining">Requests left in the window.</param>
/// <param name="UntilReset">Time to the next window by the server's own clock, 0..60 s; null = not given.</param>
/// <param name="RetryAfter">The wait the server asks for, 0..5 min; null = not given.</param>
internal readonly record struct RateLimit(long Limit, long Remaining, TimeSpan? UntilReset, TimeSpan? RetryAfter)
{
    public static readonly TimeSpan LongestReset = TimeSpan.FromSeconds(60);

    /// <summary>The quota is shared with the customer's other apps: the last tenth is theirs.</summary>
    public bool IsReserve => Limit > 0 && UntilReset is not null && IsLessThan(ReservePercent);

    /// <summary>How much of a quota is left to the customer's other apps.</summary>
    public const int ReservePercent = 10;

    /// <summary>Whether so much of the quota, or less than that, is left.</summary>
    /// <param name="percent">Of the whole quota.</param>
    /// <param name="unanswered">Requests that are under way, which the response may not have counted.</param>
    public bool IsLessThan(int percent, int unanswered = 0) => (Remaining - unanswered) * 100 < Limit * percent;

    /// <param name="headers">Of the response.</param>
    /// <param name="now">Used where the response has no Date of its own.</param>
    public static RateLimit Of(HttpResponseHeaders headers, DateTimeOffset now)
    {
        now = headers.Date ?? now;
        var limit = Number(headers, "X-RateLimit-Limit") ?? 0;
        var remaining = Number(headers, "X-RateLimit-Remaining");
        return new RateLimit(
            remaining is null ? 0 : limit,
            remaining ?? 0,
            Number(headers, "X-RateLimit-Reset") is { } reset ? Clamp(TimeSpan.FromSeconds(reset - now.ToUnixTimeSeconds()), LongestReset) : null,
            Pipeline.RetryAfter.Of(headers.RetryAfter, now));
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan longest) =>
        value < TimeSpan.Zero ? TimeSpan.Zero : value > longest ? longest : value;

    private static long? Number(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values)
        && long.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && n <= int.MaxValue * 4L
            ? n
            : null;
}
