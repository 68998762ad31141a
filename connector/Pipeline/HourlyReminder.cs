namespace ActivityConnector.Pipeline;

/// <summary>
/// Decides when trouble that lasts is logged: each cause when it begins, and once an hour while it lasts. Causes that differ only in digits are one.
/// </summary>
/// <remarks>Not thread-safe. A step of the wall clock changes nothing.</remarks>
internal sealed class HourlyReminder(TimeProvider time)
{
    /// <summary>Different causes that are logged within an hour: a server's own text can change each time.</summary>
    private const int MostCauses = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly Dictionary<string, long> _logged = [];
    private long _since;

    /// <summary>Whether the cause is to be logged now; its hour begins again when it is.</summary>
    public bool IsDue(string cause)
    {
        if (_logged.Count == 0) _since = time.GetTimestamp();

        var key = string.Concat(cause.Where(c => !char.IsAsciiDigit(c)));
        if (_logged.TryGetValue(key, out var at) ? time.GetElapsedTime(at) < Interval : IsFull()) return false;

        _logged[key] = time.GetTimestamp();
        return true;
    }

    /// <summary>As above, for a journal that fails: its message has details that differ each time, and what is to be done stays the same.</summary>
    public bool IsDue(JournalException failure) => IsDue($"{failure.GetType().Name} {failure.Fix}");

    /// <summary>All trouble is over.</summary>
    /// <returns>How long it lasted, from the first line on; null when nothing was logged.</returns>
    public TimeSpan? Clear()
    {
        if (_logged.Count == 0) return null;

        _logged.Clear();
        return time.GetElapsedTime(_since);
    }

    private bool IsFull()
    {
        foreach (var (cause, at) in _logged)
        {
            if (_logged.Count >= MostCauses && time.GetElapsedTime(at) >= Interval) _logged.Remove(cause);
        }

        return _logged.Count >= MostCauses;
    }
}
