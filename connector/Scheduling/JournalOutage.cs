using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>
/// Decides when it is logged that the journal cannot be used: when that begins, when its cause becomes another, once an hour while it lasts, and when it
/// is over.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class JournalOutage(TimeProvider time)
{
    private readonly HourlyReminder _reminder = new(time);
    private long? _since;

    /// <summary>Whether this failure is to be logged now.</summary>
    public bool IsDue(JournalException failure)
    {
        _since ??= time.GetTimestamp();

        // Its message has details of connections that differ each time; what is to be done stays the same.
        return _reminder.IsDue($"{failure.GetType().Name} {failure.Fix}");
    }

    /// <summary>The journal was used: how long it could not be before; null when it could.</summary>
    public TimeSpan? End()
    {
        if (_since is not { } since) return null;

        _reminder.Clear();
        _since = null;
        return time.GetElapsedTime(since);
    }
}
