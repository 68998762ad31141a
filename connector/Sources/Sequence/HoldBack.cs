using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>How old a page must be before the position may move past it. Pure.</summary>
internal enum PageAge
{
    /// <summary>Something on it is younger than the hold-back: a late record may still sort before it.</summary>
    Young,

    /// <summary>All of it was older than the hold-back when it was read.</summary>
    Old,

    /// <summary>Nothing on it has a readable time; as <see cref="Young"/>.</summary>
    Unknown,
}

internal static class HoldBack
{
    private const long DayMilliseconds = 24 * 60 * 60 * 1000;

    /// <param name="page">What was read.</param>
    /// <param name="holdBack">At least as long as a record may take to become visible.</param>
    /// <returns>The age, and the newest time on the page in Unix milliseconds.</returns>
    public static (PageAge Age, long Newest) Of(VendorPage page, TimeSpan holdBack)
    {
        var asOf = page.AsOf.ToUnixTimeMilliseconds();
        var newest = RecordTime.Unknown;
        foreach (var record in page.Records)
        {
            // A time far in the future is wrong, and must not hold the position until it comes.
            if (record.Time <= asOf + DayMilliseconds && record.Time > newest) newest = record.Time;
        }

        return newest == RecordTime.Unknown ? (PageAge.Unknown, newest)
            : (newest <= asOf - (long)holdBack.TotalMilliseconds ? PageAge.Old : PageAge.Young, newest);
    }
}
