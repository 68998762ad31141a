namespace ActivityConnector.Pipeline;

/// <summary>
/// Measures how long after its own time a record first became visible: the present of the poll that found it, minus its time. Only for what a
/// poll finds that follows closely on one that was up to date: what a first read, a sweep or a poll after an outage finds says nothing about the vendor.
/// </summary>
/// <remarks>
/// Not thread-safe. The interval between two polls is part of what is measured, so polls that are further apart than a quarter of the overlap
/// measure nothing. What only a sweep finds is counted as late instead.
/// </remarks>
/// <param name="overlap">How far back every poll reads again: a greater delay loses a record until the next sweep.</param>
internal sealed class VisibilityDelay(string source, TimeSpan overlap, TimeProvider time)
{
    /// <summary>Of the overlap: a greater delay is near it.</summary>
    private const double Near = 0.75;

    private readonly HourlyReminder _reminder = new(time);
    private long? _lastEnd;
    private bool _isSteady;

    private TimeSpan _longest;

    /// <summary>A poll begins. One that does not come to its end makes the next one measure nothing.</summary>
    public void Begin()
    {
        _isSteady = _lastEnd is { } end && time.GetElapsedTime(end) <= overlap / 4;
        _lastEnd = null;
        _longest = default;
    }

    /// <summary>The poll has read up to the present.</summary>
    /// <returns>The longest delay that it met when that is near the overlap and was not said within the hour; else null.</returns>
    public TimeSpan? End()
    {
        _lastEnd = time.GetTimestamp();
        return overlap > TimeSpan.Zero && _longest >= overlap * Near && _reminder.IsDue(source) ? _longest : null;
    }

    /// <summary>The poll has found an event that was not known.</summary>
    public void Found(DateTimeOffset eventTime, DateTimeOffset present)
    {
        if (!_isSteady || present < eventTime) return;

        var delay = present - eventTime;
        if (delay > _longest) _longest = delay;

        Instruments.VisibilityDelay.Record(delay.TotalSeconds, Instruments.Tag(Instruments.Source, source));
    }
}
