using ActivityConnector.Pipeline;

namespace ActivityConnector.Sources.Http;

/// <summary>The present: the earlier of the host's clock and the vendor's, so that neither can make a record look older than it is.</summary>
/// <remarks>The vendor's time is the Date of its last response, run on with the monotonic clock. A Date from a cache only makes it earlier.</remarks>
internal sealed class ServerClock(TimeProvider time)
{
    /// <summary>The two clocks may be so far apart before that counts as wrong.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    private DateTimeOffset? _date;
    private long _at;

    public DateTimeOffset Now
    {
        get
        {
            var host = time.GetUtcNow();
            if (_date is not { } date) return host;

            // Subtracted, because a Date may be the last moment there is.
            var elapsed = time.GetElapsedTime(_at);
            return host - date < elapsed ? host : date + elapsed;
        }
    }

    /// <summary>How far the vendor's clock was ahead of the host's at the last response that told, negative where it was behind; null without one. To the second.</summary>
    public TimeSpan? Ahead { get; private set; }

    /// <summary>
    /// As <see cref="Ahead"/>, where it is more than <see cref="Tolerance"/> in either direction: one of the two clocks is wrong, or the Date comes from
    /// a cache, and what happened between the two is not read as long as that lasts. Null otherwise.
    /// </summary>
    public TimeSpan? Contradiction => Ahead?.Duration() > Tolerance ? Ahead : null;

    /// <summary>What to tell of a contradiction.</summary>
    public static SourceClockException ExceptionOf(string vendor, TimeSpan contradiction) => new(
        $"{vendor}'s clock was {contradiction:d\\.hh\\:mm\\:ss} {(contradiction > TimeSpan.Zero ? "ahead of" : "behind")} this host's: records were read up to the present by the earlier of the two.",
        "Set the host's clock (a time server keeps it right). If it is right, the vendor's Date header is wrong, or a proxy answers from a cache: ask whoever runs it.");

    public void Observe(DateTimeOffset? date)
    {
        if (date is null) return;

        _date = date;
        Ahead = date - time.GetUtcNow();
        _at = time.GetTimestamp();
    }
}
