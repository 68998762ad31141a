using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>The pages that are asked for while one window is read. Their records go into its batch.</summary>
/// <param name="pages">Where pages come from.</param>
/// <param name="batch">Takes the records.</param>
/// <param name="window">What is read: records outside of it are left for their own window.</param>
/// <param name="attempts">How often a request may fail.</param>
/// <param name="ahead">Set while windows before this one are read; null = it is its turn.</param>
/// <param name="cancellationToken">Ends every request and wait.</param>
internal sealed class WindowPages(
    IntercomPages pages, BatchBuilder batch, TimeWindow window, int attempts, ReadAhead? ahead, CancellationToken cancellationToken)
{
    private readonly int _mostBytes = Math.Min(ahead?.MostBytes ?? int.MaxValue, VendorClient.MaxPageBytes);

    public TimeWindow Window => window;

    /// <summary>Whether windows before this one are read, too.</summary>
    public bool IsAhead => ahead is not null;

    /// <inheritdoc cref="IntercomPages.PageSize"/>
    public int PageSize => pages.PageSize;

    /// <summary>More bytes than it may have before its turn.</summary>
    public bool IsTooMuchAhead => ahead is { IsSearch: true } || batch.Bytes > ahead?.MostBytes;

    /// <summary>More records or bytes than one batch should hold.</summary>
    public bool IsTooMuch => IsTooMuchAhead || (window.Seconds > 1
        ? batch.Records > WindowSpan.MaxRecords || batch.Bytes > BatchBuilder.MostBytes
        : batch.Records > WindowSpan.MaxRecords * WindowSpan.MostOfOneSecond || batch.Bytes > WindowSpan.MaxBytesOfOneSecond);

    /// <inheritdoc cref="IntercomPages.FirstAsync"/>
    public ValueTask<Reply<IntercomPage>> FirstAsync(TimeWindow range) =>
        ahead?.IsDropped == true ? Dropped() : pages.FirstAsync(range, attempts, cancellationToken, _mostBytes);

    /// <inheritdoc cref="IntercomPages.AskAsync"/>
    public ValueTask<Reply<IntercomPage>> AskAsync(TimeWindow range, int perPage, int number, string? cursor = null) =>
        AskAsync(range, perPage, number, cursor, attempts);

    /// <summary>Takes the page's new records over. Its records are not to be used afterwards.</summary>
    public void Add(IntercomPage page) => batch.AddAgain(page.Content, IntercomPages.OriginOf(window, page.Number), window.IsNoEdge);

    /// <summary>
    /// Whether a page that was not offered has other records than these, or none and leads on. One that the vendor refuses is not there, nor one that
    /// repeats an earlier page. Asked for as often as any request: no narrower window would help.
    /// </summary>
    public async ValueTask<(bool IsThere, Failure? Failure)> IsThereAsync(TimeWindow range, int perPage, int number, HashSet<string> ids)
    {
        var reply = await AskAsync(range, perPage, number, cursor: null, VendorClient.MaxAttempts);
        if (reply.Value is not { } page) return (false, IsNotThere(reply.Failure) ? null : reply.Failure);

        var isThere = page.IsEmpty ? page.LeadsOn : !page.Ids().IsSubsetOf(ids);
        Add(page);
        return (isThere, null);
    }

    private ValueTask<Reply<IntercomPage>> AskAsync(TimeWindow range, int perPage, int number, string? cursor, int attempts) =>
        ahead?.IsDropped == true ? Dropped() : pages.AskAsync(range, perPage, number, cursor, attempts, _mostBytes, cancellationToken);

    private static ValueTask<Reply<IntercomPage>> Dropped() => ValueTask.FromResult(new Reply<IntercomPage>(null, RangeFailures.Dropped));

    /// <summary>The vendor refuses a page, although it answers others of the same range.</summary>
    public static bool IsNotThere(Failure? failure) => failure is { Kind: FailureKind.Rejected } or { Status: 404 };
}
