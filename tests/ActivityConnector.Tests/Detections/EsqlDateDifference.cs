namespace ActivityConnector.Tests.Detections;

/// <summary>The units of <c>DATE_DIFF</c>, and how many of them have passed in full.</summary>
internal static class EsqlDateDifference
{
    private static readonly Dictionary<string, Func<DateTimeOffset, DateTimeOffset, long>> Units = new(StringComparer.OrdinalIgnoreCase);

    static EsqlDateDifference()
    {
        Add((a, b) => Months(a, b) / 12, "year", "years", "yyyy", "yy");
        Add((a, b) => Months(a, b) / 3, "quarter", "quarters", "qq", "q");
        Add(Months, "month", "months", "mm", "m");
        Add(Ticks(TimeSpan.TicksPerDay * 7), "week", "weeks", "wk", "ww");
        Add(Ticks(TimeSpan.TicksPerDay), "dayofyear", "dy", "y", "day", "days", "dd", "d", "weekday", "weekdays", "dw");
        Add(Ticks(TimeSpan.TicksPerHour), "hour", "hours", "hh");
        Add(Ticks(TimeSpan.TicksPerMinute), "minute", "minutes", "mi", "n");
        Add(Ticks(TimeSpan.TicksPerSecond), "second", "seconds", "ss", "s");
        Add(Ticks(TimeSpan.TicksPerMillisecond), "millisecond", "milliseconds", "ms");
        Add(Ticks(TimeSpan.TicksPerMicrosecond), "microsecond", "microseconds", "mcs");
    }

    public static bool IsUnit(string unit) => Units.ContainsKey(unit);

    /// <summary>Null when it is more than an integer holds, as Elasticsearch gives it.</summary>
    public static object? Between(string unit, DateTimeOffset start, DateTimeOffset end) =>
        Units[unit](start.ToUniversalTime(), end.ToUniversalTime()) is var count and >= int.MinValue and <= int.MaxValue ? count : null;

    private static void Add(Func<DateTimeOffset, DateTimeOffset, long> difference, params string[] names)
    {
        foreach (var name in names) Units.Add(name, difference);
    }

    private static Func<DateTimeOffset, DateTimeOffset, long> Ticks(long unit) => (start, end) => (end - start).Ticks / unit;

    private static long Months(DateTimeOffset start, DateTimeOffset end)
    {
        if (end < start) return -Months(end, start);

        var months = ((end.Year - start.Year) * 12) + end.Month - start.Month;
        var isFull = (end.Day, end.TimeOfDay).CompareTo((start.Day, start.TimeOfDay)) >= 0;
        return isFull ? months : months - 1;
    }
}
