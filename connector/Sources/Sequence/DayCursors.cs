using ActivityConnector.Pipeline;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// The cursors that a position keeps, newest first and at least a day apart: a sweep starts at one, and they are gone back to when the
/// vendor refuses the position's own. Pure.
/// </summary>
internal static class DayCursors
{
    private const long DaySeconds = 24 * 60 * 60;
    private const int Most = 64;

    /// <summary>The beginning of the list. Whatever is known can lie beyond it.</summary>
    public static DayCursor Beginning { get; } = new(null, 0, 0);

    /// <summary>With the cursor that the position has moved to, if a day lies between it and the newest one.</summary>
    /// <param name="days">As the position has them.</param>
    /// <param name="after">The cursor.</param>
    /// <param name="at">The median record time of the page before it, Unix seconds.</param>
    /// <param name="keepFrom">Of the cursors before this time (Unix seconds) only the two newest stay: no sweep needs an earlier one.</param>
    public static IReadOnlyList<DayCursor> With(IReadOnlyList<DayCursor> days, string after, long at, long keepFrom)
    {
        if (days is [{ } newest, ..] && at < newest.At + DaySeconds) return days;

        List<DayCursor> kept = [new DayCursor(after, at, null), .. days];
        if (kept.FindIndex(day => day.At < keepFrom) is >= 0 and var first && kept.Count > first + 2) kept.RemoveRange(first + 2, kept.Count - first - 2);
        if (kept.Count > Most) kept.RemoveAt(Most / 2);
        return kept;
    }

    /// <summary>
    /// Where a sweep of everything from <paramref name="from"/> (Unix seconds) on may start, the best first. A cursor's time is the median of
    /// the page before it, so that half of that page can be younger: the start is one cursor further back.
    /// </summary>
    public static IEnumerable<DayCursor> Before(IReadOnlyList<DayCursor> days, long from)
    {
        var older = days.Where(day => day.At < from).ToList();
        return older is [{ After: null }] ? older : older.Skip(1);
    }
}
