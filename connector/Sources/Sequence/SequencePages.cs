using System.Globalization;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>The order in which the list is walked.</summary>
internal enum SortOrder
{
    OldestFirst,
    NewestFirst,
}

/// <summary>A page, or why there is none; exactly one is set.</summary>
/// <param name="Page">The page.</param>
/// <param name="Failure">Why there is none.</param>
/// <param name="Limit">What was asked for last.</param>
internal readonly record struct PageReply(VendorPage? Page, Failure? Failure, int Limit)
{
    /// <inheritdoc cref="Reply{T}.OrThrow"/>
    public VendorPage OrThrow() => Page ?? throw Failure!.ToException();
}

/// <summary>
/// Requests for pages of the list. What cannot be read as a whole is asked for with half the limit, down to one record; a smaller limit that
/// worked is kept, and grows again with good pages.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class SequencePages(VendorClient client, int pageSize)
{
    public const string Path = "activity-logs";

    private const int GoodPagesBeforeGrowth = 4;

    public static readonly PageShape Shape = new(
        "items"u8.ToArray(),
        "pagination"u8.ToArray(),
        SequencePaging.Check,
        null,
        "createdAt"u8.ToArray(),
        "activityType"u8.ToArray(),
        "sequenceAccountId"u8.ToArray());

    private int _limit = pageSize;
    private int _most = pageSize;
    private int _goodPages;

    /// <summary>The page after a cursor, or the first one; or why there is none, after everything that a smaller limit can do.</summary>
    /// <param name="order">The order of the walk.</param>
    /// <param name="after">The cursor; null = from the end of the list that the order begins with.</param>
    /// <param name="cursorLimit">The limit that the cursor was given for: it is tried where the vendor refuses the cursor with another.</param>
    /// <param name="cancellationToken">Ends the request and every wait.</param>
    public async ValueTask<PageReply> GetAsync(SortOrder order, string? after, int cursorLimit, CancellationToken cancellationToken)
    {
        var reply = await AskAsync(order, _limit, after, VendorClient.MaxAttempts, cancellationToken);
        if (IsRejected(reply) && after is not null && cursorLimit != _limit)
        {
            reply = await AskAsync(order, cursorLimit, after, VendorClient.MaxAttempts, cancellationToken);
            if (IsRejected(reply)) return reply;

            // The cursors of this list hold only with their limit.
            (_limit, _most) = (cursorLimit, cursorLimit);
        }

        while (reply.Failure is { ConcernsRange: true } && reply.Limit > 1)
        {
            var smaller = reply.Limit / 2;
            var narrower = await AskAsync(order, smaller, after, smaller == 1 ? VendorClient.MaxAttempts : 1, cancellationToken);
            if (IsRejected(narrower)) break;

            reply = narrower;
        }

        if (reply is { Failure.TooLarge: true, Limit: 1 })
        {
            reply = Of(await client.GetOutsizedAsync(Path, Query(order, 1, after), Shape, cancellationToken), 1);
        }

        Adapt(reply);
        return reply;
    }

    /// <summary>The first record of an order alone.</summary>
    public async ValueTask<PageReply> FirstAsync(SortOrder order, CancellationToken cancellationToken)
    {
        var reply = await AskAsync(order, 1, null, VendorClient.MaxAttempts, cancellationToken);
        return reply.Failure is { TooLarge: true } ? Of(await client.GetOutsizedAsync(Path, Query(order, 1, null), Shape, cancellationToken), 1) : reply;
    }

    private async ValueTask<PageReply> AskAsync(SortOrder order, int limit, string? after, int attempts, CancellationToken cancellationToken)
    {
        var reply = Of(await client.GetPageAsync(Path, Query(order, limit, after), Shape, cancellationToken, attempts), limit);

        // Whether it is the cursor that is gone, and not the endpoint, is shown by the requests without one.
        return after is not null && reply.Failure is { Status: 404 or 410 } gone ? reply with { Failure = gone with { Kind = FailureKind.Rejected } } : reply;
    }

    private static PageReply Of(Reply<VendorPage> reply, int limit) => new(reply.Value, reply.Failure, limit);

    private static bool IsRejected(PageReply reply) => reply.Failure is { Kind: FailureKind.Rejected };

    private void Adapt(PageReply reply)
    {
        if (reply.Page is null)
        {
            (_limit, _goodPages) = (_most, 0);
        }
        else if (reply.Limit < _limit)
        {
            (_limit, _goodPages) = (reply.Limit, 1);
        }
        else if (_limit < _most && ++_goodPages >= GoodPagesBeforeGrowth)
        {
            (_limit, _goodPages) = (Math.Min(_most, _limit * 2), 0);
        }
    }

    private static string Query(SortOrder order, int limit, string? after) => string.Create(
        CultureInfo.InvariantCulture,
        $"sortOrder={(order == SortOrder.OldestFirst ? "ASC" : "DESC")}&limit={limit}{(after is null ? "" : "&after=" + Uri.EscapeDataString(after))}");
}
