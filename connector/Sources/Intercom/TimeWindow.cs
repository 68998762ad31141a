using System.Globalization;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>One closed range of Unix seconds: what is asked for at once.</summary>
/// <param name="From">The first second.</param>
/// <param name="To">The last second.</param>
internal readonly record struct TimeWindow(long From, long To)
{
    public long Seconds => To - From + 1;

    /// <summary>The query's bounds are a second wider, so that it does not matter whether the vendor includes them.</summary>
    public string Query(int pageSize) => string.Create(
        CultureInfo.InvariantCulture, $"created_at_after={Math.Max(From - 1, 0)}&created_at_before={To + 1}&per_page={pageSize}");

    /// <summary>
    /// Leaves out what only the wider bounds brought: the windows beside this one bring it. Any other time stays, however strange: the
    /// vendor has put the record here, and no other window is certain to bring it.
    /// </summary>
    public bool IsNoEdge(PageRecord record) =>
        record.Time == RecordTime.Unknown || (record.Time / 1000 != From - 1 && record.Time / 1000 != To + 1);
}
