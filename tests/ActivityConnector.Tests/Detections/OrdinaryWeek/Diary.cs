namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Records as they are written, kept until their day is read. What lies outside its days is dropped.</summary>
internal sealed class Diary(DateTimeOffset start, int days)
{
    private readonly List<WeekRecord>[] _days = [.. Enumerable.Range(0, days).Select(_ => new List<WeekRecord>())];

    public DateTimeOffset Start => start;

    /// <summary>How many events the kept records have.</summary>
    public int Events { get; private set; }

    public void Add(WeekRecord record, int events)
    {
        var day = (int)Math.Floor((record.Time - start).TotalDays);
        if (day < 0 || day >= days) return;
        _days[day].Add(record);
        Events += events;
    }

    /// <summary>The records of a day in the order of their times, which the diary then forgets.</summary>
    public IEnumerable<WeekRecord> Take(int day)
    {
        var records = _days[day];
        _days[day] = [];
        return records.OrderBy(r => r.Time);
    }
}
