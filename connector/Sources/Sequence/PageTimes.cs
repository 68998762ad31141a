using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// The times of a page's records in Unix milliseconds, <see cref="RecordTime.Unknown"/> where none can be read. Times more than a day in the
/// future are wrong and do not count.
/// </summary>
/// <param name="Newest">The newest.</param>
/// <param name="Past">The newest that is not in the future.</param>
/// <param name="Median">The middle one, the earlier of two: a few records with a wrong time do not change it much.</param>
/// <param name="UpperMedian">The middle one, the later of two: when it is before a time, most of the page is.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct PageTimes(long Newest, long Past, long Median, long UpperMedian, int Count)
{
    /// <summary>So many records in a row are not all wrong: only with them do times end anything.</summary>
    public const int Proof = 10;

    private const long DayMilliseconds = 24 * 60 * 60 * 1000;

    public static PageTimes Unknown { get; } = new(RecordTime.Unknown, RecordTime.Unknown, RecordTime.Unknown, RecordTime.Unknown, 0);

    public bool IsDated => Newest != RecordTime.Unknown;

    /// <summary>
    /// Whether the last record is of the future, or has no time although others have: where the list is sorted by time, whatever comes now stands before
    /// it, and so before a cursor behind it.
    /// </summary>
    public bool EndsUnclear { get; private init; }

    public static PageTimes Of(VendorPage page)
    {
        // A time is in the future only by the later of the two clocks: a vendor's Date that stands still makes no record one.
        var present = Math.Max(page.AsOf.ToUnixTimeMilliseconds(), page.ReceivedAt.ToUnixTimeMilliseconds());
        var times = page.Records.Select(r => r.Time).Concat(page.Broken.Select(b => b.Time))
            .Where(time => time != RecordTime.Unknown && time <= present + DayMilliseconds).Order().ToList();
        var read = times.Count == 0 ? Unknown
            : new(
                Newest: times[^1],
                Past: times.LastOrDefault(time => time <= present, RecordTime.Unknown),
                Median: times[(times.Count - 1) / 2],
                UpperMedian: times[times.Count / 2],
                times.Count);
        return read with { EndsUnclear = page.Records is [.., { Time: var last }] && (last > present || (last == RecordTime.Unknown && times.Count > 0)) };
    }

    /// <summary>The later one of a time and the newest that is not in the future.</summary>
    public DateTimeOffset? Later(DateTimeOffset? time)
    {
        if (Past == RecordTime.Unknown) return time;

        var newest = DateTimeOffset.FromUnixTimeMilliseconds(Past);
        return time > newest ? time : newest;
    }
}
