namespace ActivityConnector.Pipeline;

/// <summary>
/// Counts the changes of each record in a day: one whose content is another with every read (a counter, a link that expires) must not be
/// published with every read.
/// </summary>
/// <remarks>Not thread-safe. Days are counted from the first change on the monotonic clock; a new process counts anew.</remarks>
internal sealed class ChangesOfDay(TimeProvider time)
{
    /// <summary>So many changes of one record are published in a day.</summary>
    public const int Most = 5;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Dictionary<EventKey, int> _counts = [];
    private long _began;

    /// <summary>Counts one more change; false when there were enough of them today.</summary>
    public bool Allows(EventKey key)
    {
        if (_counts.Count > 0 && time.GetElapsedTime(_began) >= Day) _counts.Clear();

        if (_counts.Count == 0) _began = time.GetTimestamp();

        _counts[key] = _counts.GetValueOrDefault(key) + 1;
        return _counts[key] <= Most;
    }
}
