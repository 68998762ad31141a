using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>How the pages of the list are put together to batches.</summary>
internal static class SequenceBatches
{
    /// <summary>The most pages of a batch that moves the position.</summary>
    public const int MovingPages = 50;

    /// <summary>The most pages of a batch while the position stands still.</summary>
    public const int StandingPages = 10;

    private const int MaxRecords = 1_500;
    public static bool IsFull(BatchBuilder batch, int maxPages) =>
        batch.Pages >= maxPages || batch.Records >= MaxRecords || batch.Bytes >= BatchBuilder.MostBytes;

    /// <summary>Takes over a page.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="page">The page.</param>
    /// <param name="notBefore">Dated records before this time (Unix milliseconds) are left out: the vendor has no filter by time.</param>
    /// <param name="notAfter">The same for those after this time.</param>
    public static void Take(this BatchBuilder batch, VendorPage page, long notBefore, long notAfter = long.MaxValue)
    {
        batch.Add(
            page,
            "sequence " + SequencePages.Path,
            record => record.Time == RecordTime.Unknown || (record.Time >= notBefore && record.Time <= notAfter));
    }
}
