using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// The indices that take no event until an operator acts: each is tried again after a while, and the events of the others do not wait for it.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class HeldIndices(TimeProvider time, ILogger log)
{
    private readonly Dictionary<string, (RetryReason Reason, long From, HourlyReminder Reminder)> _held = [];

    /// <summary>Why the index is left alone for now; null when it may be tried.</summary>
    public RetryReason? Reason(string index) =>
        _held.TryGetValue(index, out var held) && time.GetElapsedTime(held.From) < BackOff.OperatorDelay ? held.Reason : null;

    /// <summary>Whether it took no event the last time.</summary>
    public bool IsHeld(string index) => _held.ContainsKey(index);

    public void Hold(string index, RetryReason reason)
    {
        var reminder = _held.TryGetValue(index, out var held) ? held.Reminder : new HourlyReminder(time);
        _held[index] = (reason, time.GetTimestamp(), reminder);
        if (reminder.IsDue(reason.Cause)) ElasticsearchLog.IndexHeld(log, reason.Cause, reason.Fix, BackOff.OperatorDelay.TotalSeconds);
    }

    /// <summary>It has settled an event.</summary>
    public void Release(string index)
    {
        if (_held.Remove(index, out var held) && held.Reminder.Clear() is { } lasted) ElasticsearchLog.IndexReleased(log, index, lasted.TotalSeconds);
    }
}
