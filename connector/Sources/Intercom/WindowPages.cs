using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>The pages that are asked for while one window is read. Their records go into its batch.</summary>
/// <param name="pages">Where pages come from.</param>
/// <param name="batch">Takes the records.</param>
/// <param name="window">What is read: records outside of it are left for their own window.</param>
/// <param name="attempts">How often a request may fail.</param>
/// <param name="cancellationToken">Ends every request and wait.</param>
internal sealed class WindowPages(IntercomPages pages, BatchBuilder batch, TimeWindow window, int attempts, CancellationToken cancellationToken)
{
    public TimeWindow Window => window;

    /// <inheritdoc cref="IntercomPages.PageSize"/>
    public int PageSize => pages.PageSize;

    /// <summary>More records or bytes than one batch should hold.</summary>
    public bool IsTooMuch => window.Seconds > 1
        ? batch.Records > WindowSpan.MaxRecords || batch.Bytes > BatchBuilder.MostBytes
        : batch.Records > WindowSpan.MaxRecords * WindowSpan.MostOfOneSecond || batch.Bytes > WindowSpan.MaxBytesOfOneSecond;

    /// <inheritdoc cref="IntercomPages.FirstAsync"/>
    public ValueTask<Reply<IntercomPage>> FirstAsync(TimeWindow range) => pages.FirstAsync(range, attempts, cancellationToken);

    /// <inheritdoc cref="IntercomPages.AskAsync"/>
    public ValueTask<Reply<IntercomPage>> AskAsync(TimeWindow range, int perPage, int number, string? cursor = null) =>
        pages.AskAsync(range, perPage, number, cursor, attempts, cancellationToken);

    /// <summary>Takes the page's new records over. Its records are not to be used afterwards.</summary>
    public void Add(IntercomPage page) => batch.AddAgain(page.Content, IntercomPages.OriginOf(window, page.Number), window.IsNoEdge);

    /// <summary>
    /// Whether a page that was not offered has other records than these, or none and leads on. One that the vendor refuses is not there, nor one that
    /// repeats an earlier page. Asked for as often as any request: no narrower window would help.
    /// </summary>
    public async ValueTask<(bool IsThere, Failure? Failure)> IsThereAsync(TimeWindow range, int perPage, int number, HashSet<string> ids)
    {
        var reply = await pages.AskAsync(range, perPage, number, cursor: null, VendorClient.MaxAttempts, cancellationToken);
        if (reply.Value is not { } page) return (false, IsNotThere(reply.Failure) ? null : reply.Failure);

        var isThere = page.IsEmpty ? page.LeadsOn : !page.Ids().IsSubsetOf(ids);
        Add(page);
        return (isThere, null);
    }

    /// <summary>The vendor refuses a page, although it answers others of the same range.</summary>
    public static bool IsNotThere(Failure? failure) => failure is { Kind: FailureKind.Rejected } or { Status: 404 };
}
