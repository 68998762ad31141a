namespace ActivityConnector.Pipeline;

/// <summary>Decides when states that last are logged: each when it begins, and once an hour while it lasts.</summary>
/// <remarks>Not thread-safe. A step of the wall clock changes nothing.</remarks>
internal sealed class HourlyReminder(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly Dictionary<string, long> _logged = [];

    /// <summary>Whether the state is to be logged now; the hour begins again when it is.</summary>
    public bool IsDue(string state)
    {
        if (_logged.TryGetValue(state, out var at) && time.GetElapsedTime(at) < Interval) return false;

        _logged[state] = time.GetTimestamp();
        return true;
    }

    /// <summary>As above, for a journal that fails: that it is full is one state, however its numbers change.</summary>
    public bool IsDue(JournalException failure) => IsDue(failure is JournalFullException ? nameof(JournalFullException) : failure.Message);

    /// <summary>All states are over.</summary>
    public void Clear() => _logged.Clear();
}
