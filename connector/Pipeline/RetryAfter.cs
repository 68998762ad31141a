using System.Net.Http.Headers;

namespace ActivityConnector.Pipeline;

/// <summary>The wait that a server asks for with <c>Retry-After</c> (RFC 9110, 10.2.3).</summary>
internal static class RetryAfter
{
    /// <summary>A header cannot stop anything for a day.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>From nothing to <see cref="Longest"/>; null = the server asks for none.</summary>
    /// <param name="header">As it was sent.</param>
    /// <param name="now">By the server's own clock, where it has one.</param>
    public static TimeSpan? Of(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        if (header is null) return null;

        var wait = header.Delta ?? header.Date!.Value - now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
    }
}
