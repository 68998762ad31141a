using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>One closed range of Unix seconds: what is asked for at once.</summary>
/// <param name="From">The first second, the overlap included.</param>
/// <param name="Watermark">Everything up to and including this second was walked before.</param>
/// <param name="To">The last second; the watermark afterwards.</param>
internal readonly record struct TimeWindow(long From, long Watermark, long To)
{
    /// <summary>The seconds that are new.</summary>
    public long Width => To - Watermark;

    /// <summary>The query's bounds are a second wider, so that it does not matter whether the vendor includes them.</summary>
    public string Query(int pageSize) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"created_at_after={Math.Max(From - 1, 0)}&created_at_before={To + 1}&per_page={pageSize}");

    /// <summary>The same start with fewer new seconds.</summary>
    public TimeWindow Narrowed(long width) => this with { To = Watermark + width };

    /// <summary>
    /// Leaves out what only the wider bounds brought, and what the next window is certain to bring. A time beyond the present (a skewed
    /// clock, or milliseconds by mistake) is in no later window and stays.
    /// </summary>
    /// <param name="now">The vendor's time in Unix seconds.</param>
    public Filter FilterAt(long now) => new(this, now);

    internal readonly struct Filter(TimeWindow window, long now) : IRecordFilter
    {
        public bool Takes(in PageRecord record)
        {
            if (record.Time == RecordTime.Unknown) return true;

            var second = Math.DivRem(record.Time, 1000).Quotient;
            return second != window.From - 1 && (second <= window.To || second > now);
        }
    }
}
