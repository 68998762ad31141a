namespace ActivityConnector.Sources.Http;

/// <summary>The vendor's time, from the Date of its last response; the host's own clock only until there was one.</summary>
/// <remarks>Between responses it runs with the monotonic clock, so a host whose clock is set does not move it.</remarks>
internal sealed class ServerClock(TimeProvider time)
{
    private DateTimeOffset? _date;
    private long _at;

    public DateTimeOffset Now => _date is { } date ? date + time.GetElapsedTime(_at) : time.GetUtcNow();

    /// <summary>How far it was ahead of the host's clock; null without an answer that told. To the second.</summary>
    public TimeSpan? Ahead { get; private set; }

    public void Observe(DateTimeOffset? date)
    {
        if (date is null) return;

        _date = date;
        Ahead = date - time.GetUtcNow();
        _at = time.GetTimestamp();
    }
}
