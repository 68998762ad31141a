using ActivityConnector.Pipeline;

namespace ActivityConnector.Sources.Http;

/// <summary>The present: the earlier of the host's clock and the vendor's, so that neither can make a record look older than it is.</summary>
/// <remarks>
/// The vendor's time is the Date of its last response, run on with the monotonic clock. A Date from a cache only makes it earlier. Thread-safe.
/// </remarks>
internal sealed class ServerClock(TimeProvider time)
{
    /// <summary>The two clocks may be so far apart before that counts as wrong.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private DateTimeOffset? _date;
    private long _at;

    public DateTimeOffset Now
    {
        get
        {
            lock (_gate)
            {
                var host = time.GetUtcNow();
                if (_date is not { } date) return host;

                // Subtracted, because a Date may be the last moment there is.
                var elapsed = time.GetElapsedTime(_at);
                return host - date < elapsed ? host : date + elapsed;
            }
        }
    }

    /// <summary>
    /// How far the vendor's clock was ahead of the host's at the last response that had a Date header, negative where it was behind; null without one.
    /// To the second.
    /// </summary>
    public TimeSpan? Ahead { get; private set; }

    /// <summary>
    /// The greatest <see cref="Ahead"/> since <see cref="Begin"/> that was more than <see cref="Tolerance"/> in either direction: one of the two
    /// clocks is wrong, or the Date came from a cache. Null = there was none.
    /// </summary>
    public TimeSpan? Contradiction { get; private set; }

    /// <summary>Begins a read: contradictions are noticed anew, beginning with that of the last response, which the present still follows.</summary>
    public void Begin()
    {
        lock (_gate) Contradiction = Ahead?.Duration() > Tolerance ? Ahead : null;
    }

    /// <summary>What to say of <see cref="Contradiction"/>; null where there is none.</summary>
    public SourceClockException? ContradictionOf(string vendor) => Contradiction is not { } contradiction ? null : new SourceClockException(
        $"{vendor}'s clock was {contradiction:d\\.hh\\:mm\\:ss} {(contradiction > TimeSpan.Zero ? "ahead of" : "behind")} this host's: "
        + "the present is the earlier of the two, and what is later may not have been read.",
        "Set the host's clock (a time server keeps it right). If it is right, the vendor's Date header is wrong, "
        + "or a proxy answers from a cache: ask its operator.");

    /// <summary>Takes note of the Date of a response.</summary>
    /// <returns>The present by this response, whatever others say that are read at the same time.</returns>
    public DateTimeOffset Observe(DateTimeOffset? date)
    {
        lock (_gate)
        {
            // An implausibly old Date is ignored.
            if (date is null || date < DateTimeOffset.UnixEpoch) return Now;

            var ahead = date.Value - time.GetUtcNow();
            _date = date;
            _at = time.GetTimestamp();
            Ahead = ahead;
            if (ahead.Duration() > Tolerance && !(Contradiction?.Duration() > ahead.Duration())) Contradiction = ahead;
            return Now;
        }
    }
}
