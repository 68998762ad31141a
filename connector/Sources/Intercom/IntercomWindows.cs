using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// Reads one time window until the vendor's own answers show it complete. First pages are asked for, because numbered pages shift when a
/// record appears or is removed while they are walked; a single second with more than a page, and pages without records, are walked by number.
/// </summary>
/// <remarks>A first page is sorted newest first, so that all that it leaves out is not later than its oldest second: the next first page ends there.</remarks>
internal sealed class IntercomWindows(IntercomPages pages, ILogger logger)
{
    /// <summary>Walks, or first pages, that differ each time before a range counts as never at rest.</summary>
    private const int MaxWalks = 5;

    /// <summary>More pages than any window has, and more empty ones in a row than a filter leaves: a list without end.</summary>
    private const int MaxPages = 10_000;

    /// <inheritdoc cref="MaxPages"/>
    private const int MaxEmptyPages = 200;

    private const int EmptyPagesBeyondTotal = 2;

    private bool _toldOfCursors;
    private bool _toldOfTotals;
    private bool _trustsTotals = true;

    /// <summary>There were records on a page beyond the last one by the vendor's total: no later walk ends by it.</summary>
    private bool _totalsFallShort;

    /// <summary>What came of a window.</summary>
    public enum End
    {
        Complete,

        /// <summary>A walk over its pages showed a record twice, and so perhaps another not at all.</summary>
        Unsteady,

        /// <summary>It has to be read narrower.</summary>
        TooWide,

        Failed,
    }

    /// <param name="End">What came of it.</param>
    /// <param name="Failure">Why it is not complete.</param>
    /// <param name="AsOf">The present before its first page was asked for: what was visible then has been read.</param>
    /// <param name="Narrower">The width to go on with.</param>
    public readonly record struct Reading(End End, Failure? Failure, DateTimeOffset AsOf, long Narrower);

    /// <summary>What was read of the last window.</summary>
    public BatchBuilder Batch { get; } = new("intercom");

    /// <param name="window">What is read.</param>
    /// <param name="attempts">How often a request may fail.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async ValueTask<Reading> ReadAsync(TimeWindow window, int attempts, CancellationToken cancellationToken)
    {
        Batch.Clear();
        var asOf = pages.Present;
        var isFirst = true;
        var announced = 0L;
        for (var rest = window; rest.To >= window.From;)
        {
            var reply = await pages.FirstAsync(rest, attempts, cancellationToken);
            if (pages.Present < asOf) asOf = pages.Present;
            if (reply.Value is not { } page) return Failed(reply.Failure!);

            if (isFirst)
            {
                if (page.Content.AsOf < asOf) asOf = page.Content.AsOf;
                announced = (long)page.Paging.TotalPages * page.Count;
                isFirst = false;
            }

            var isDoubtful = !page.LeadsOn && page.TotalSaysMore;
            var ids = isDoubtful ? page.Ids() : null;
            var count = Add(page, window);
            if (!page.Content.HasReadablePaging) return Failed(NoPaging);

            var more = page.LeadsOn;
            if (isDoubtful)
            {
                (more, var failure) = await CheckTotalAsync(ids!, page.PerPage, page.Paging.TotalPages, rest, window, attempts, cancellationToken);
                if (failure is not null) return Failed(failure);
            }

            if (!more) break;

            if (window.Seconds > 1 && _trustsTotals && announced > WindowSpan.MaxRecords) return TooWide(WindowSpan.Fitting(window.Seconds, announced));
            if (IsTooMuch(window)) return TooWide(window.Seconds / 2);

            if (page.IsDated && page.IsSorted && page.Oldest < page.Newest && page.Oldest < rest.To)
            {
                rest = rest with { To = page.Oldest };
            }
            else if (page.IsDated && page.IsSorted && rest.Seconds > 1)
            {
                // A second with more than a page, perhaps one that only the wider bounds brought. Alone it does not show how the list is sorted.
                // The second after it is walked, too: with wider bounds any range that begins there has this page again.
                var second = Math.Clamp(page.Oldest, rest.From, rest.To);
                var dense = new TimeWindow(second, Math.Min(second + 1, rest.To));
                if (dense.To < rest.To)
                {
                    var later = await pages.FirstAsync(new TimeWindow(dense.To + 1, rest.To), attempts, cancellationToken);
                    if (later.Value is not { } behind) return Failed(later.Failure!);

                    Add(behind, window);
                    if (!behind.Content.HasReadablePaging) return Failed(NoPaging);
                    if (behind.LeadsOn || behind.TotalSaysMore) return TooWide((window.Seconds + 1) / 2);
                }

                var walk = await WalkAsync(dense, window, attempts, cancellationToken);
                if (walk.End != End.Complete) return walk with { AsOf = asOf };

                rest = rest with { To = second - 1 };
            }
            else if (count == 0 || rest.Seconds == 1)
            {
                var walk = await WalkAsync(rest, window, attempts, cancellationToken);
                if (walk.End != End.Complete) return walk with { AsOf = asOf };
                break;
            }
            else
            {
                return TooWide((window.Seconds + 1) / 2);
            }
        }

        if (announced > 2L * (Batch.Records + pages.PageSize)) _trustsTotals = false;
        if (Batch.Broken > 0) SourceLog.BrokenRecords(logger, "Intercom", Batch.Broken);
        return new Reading(End.Complete, null, asOf, 0);

        Reading Failed(Failure failure) => new(End.Failed, failure, asOf, 0);
        Reading TooWide(long narrower) => new(End.TooWide, null, asOf, narrower);
    }

    /// <summary>
    /// The page says that it is the last, but its total says that it is not: the next page and the last one decide, or the same page once more.
    /// </summary>
    private async ValueTask<(bool More, Failure? Failure)> CheckTotalAsync(
        HashSet<string> ids, int perPage, int total, TimeWindow rest, TimeWindow window, int attempts, CancellationToken cancellationToken)
    {
        for (var i = 0; i < MaxWalks; i++)
        {
            int[] beyond = total is > 2 and <= MaxPages ? [2, total] : [2];
            foreach (var number in beyond)
            {
                var (isThere, failure) = await IsThereAsync(number, perPage, ids, rest, window, attempts, cancellationToken);
                if (isThere || failure is not null) return (isThere, failure);
            }

            var again = await pages.AskAsync(rest, perPage, number: 1, cursor: null, attempts, cancellationToken);
            if (again.Value is not { } same) return (false, again.Failure);

            var before = ids;
            ids = same.Ids();
            Add(same, window);
            if (same.LeadsOn) return (true, null);
            if (!ids.SetEquals(before)) continue;

            if (!_toldOfTotals) SourceLog.WrongTotals(logger, "Intercom");
            _toldOfTotals = true;
            return (false, null);
        }

        return (false, NeverAtRest);
    }

    /// <summary>
    /// Whether a page that was not offered has other records than these, or none and leads on. One that the vendor refuses is not there, nor one that
    /// repeats an earlier page.
    /// </summary>
    private async ValueTask<(bool IsThere, Failure? Failure)> IsThereAsync(
        int number, int perPage, HashSet<string> ids, TimeWindow rest, TimeWindow window, int attempts, CancellationToken cancellationToken)
    {
        var reply = await pages.AskAsync(rest, perPage, number, cursor: null, attempts, cancellationToken);
        if (reply.Value is { } page)
        {
            var isThere = page.IsEmpty ? page.LeadsOn : !page.Ids().IsSubsetOf(ids);
            Add(page, window);
            return (isThere, null);
        }

        return (false, IsNotThere(reply.Failure) ? null : reply.Failure);
    }

    /// <summary>A page that no link has offered is refused: other pages of the same window were not.</summary>
    private static bool IsNotThere(Failure? failure) => failure is { Kind: FailureKind.Rejected } or { Status: 404 };

    /// <summary>
    /// Follows the pages to their end, until two walks in a row show the same records: each may have missed one that moved between pages.
    /// </summary>
    private async ValueTask<Reading> WalkAsync(TimeWindow rest, TimeWindow window, int attempts, CancellationToken cancellationToken)
    {
        var perPage = pages.PageSize;
        HashSet<string>? before = null;
        for (var walks = 0; walks < MaxWalks;)
        {
            var ids = new HashSet<string>();
            var walk = await WalkOnceAsync(rest, window, perPage, ids, attempts, cancellationToken);
            if (walk.Failure is { TooLarge: true } && perPage > 1)
            {
                perPage /= 2;
                continue;
            }

            if (walk.End is not (End.Complete or End.Unsteady) || (walk.End == End.Complete && before?.SetEquals(ids) == true)) return walk;

            before = walk.End == End.Complete ? ids : null;
            walks++;
        }

        return new Reading(End.Failed, NeverAtRest, default, 0);
    }

    private async ValueTask<Reading> WalkOnceAsync(
        TimeWindow rest, TimeWindow window, int perPage, HashSet<string> ids, int attempts, CancellationToken cancellationToken)
    {
        var (number, empty, isOrderly) = (1, 0, true);
        string? cursor = null;
        var cursors = new HashSet<string>();
        var (isOffered, isTotalShown, total) = (true, false, 0);
        while (true)
        {
            var reply = await pages.AskAsync(rest, perPage, number, cursor, attempts, cancellationToken);
            if (!isOffered && IsNotThere(reply.Failure)) return Ended();
            if (reply.Value is not { } page) return new Reading(End.Failed, reply.Failure, default, 0);

            // The pager goes no further than the last page.
            if (!isOffered && !page.IsEmpty && page.Ids().IsSubsetOf(ids))
            {
                page.Dispose();
                return Ended();
            }

            // A record on two pages of one walk: the order is another with each page, and another record was on none.
            isOrderly &= page.AddIdsTo(ids);
            var count = Add(page, window);
            if (!page.Content.HasReadablePaging) return new Reading(End.Failed, NoPaging, default, 0);
            if (IsTooMuch(rest)) return new Reading(End.TooWide, null, default, window.Seconds / 2);

            empty = count == 0 ? empty + 1 : 0;
            total = Math.Max(total, page.Paging.TotalPages);
            var isBeyondTotal = page.Paging.TotalPages > 0 && number > page.Paging.TotalPages;
            _totalsFallShort |= isBeyondTotal && count > 0;

            // Pages without records beyond the last one by the vendor's own total, however many it offers.
            if (empty > EmptyPagesBeyondTotal && isBeyondTotal && !_totalsFallShort) return Ended();
            if (page.Paging is { HasNext: true, StartingAfter: { } after })
            {
                if (!_toldOfCursors) SourceLog.CursorPages(logger, "Intercom");
                _toldOfCursors = true;
                if (!cursors.Add(after)) return new Reading(End.Failed, Endless, default, 0);

                cursor = after;
                number++;
                isOffered = true;
            }
            else
            {
                if (cursor is not null) return Ended();

                // A page that was not offered was only asked for to see whether it is there; of empty ones the last one decides.
                var goesOn = page.LeadsOn || (number < total && (isOffered || count > 0 || isTotalShown));
                if (!goesOn && number < total && total <= MaxPages)
                {
                    (isTotalShown, var failure) = await IsThereAsync(total, perPage, ids, rest, window, attempts, cancellationToken);
                    if (failure is not null) return new Reading(End.Failed, failure, default, 0);

                    goesOn = isTotalShown;
                }

                if (!goesOn) return Ended();

                var next = page.Paging.HasNext ? page.Paging.NextPage ?? number + 1 : number + 1;
                if (next <= number) return new Reading(End.Failed, Endless, default, 0);

                isOffered = page.Paging.HasNext;
                number = next;
            }

            if (cursors.Count > MaxPages || number > MaxPages || empty > MaxEmptyPages) return new Reading(End.Failed, Endless, default, 0);
        }

        Reading Ended() => new(isOrderly ? End.Complete : End.Unsteady, null, default, 0);
    }

    /// <summary>Takes the page's new records over. The page itself is not to be used afterwards.</summary>
    private int Add(IntercomPage page, TimeWindow window)
    {
        Batch.AddAgain(page.Content, IntercomPages.OriginOf(window, page.Number), window.WithoutEdges);
        return page.Count;
    }

    private bool IsTooMuch(TimeWindow window) =>
        window.Seconds > 1 && (Batch.Records > WindowSpan.MaxRecords || Batch.Bytes > WindowSpan.MaxBytes);

    private static Failure Endless { get; } = RangeFailure(
        "Intercom's link to the next page leads back to a page that was read, or on without end.");

    private static Failure NoPaging { get; } = RangeFailure(
        "Intercom sent a broken page that does not show whether another follows.");

    private static Failure NeverAtRest { get; } = RangeFailure(
        "Intercom shows other records each time that the same pages are read.");

    private static Failure RangeFailure(string cause) => new(
        FailureKind.Unreadable,
        200,
        cause,
        "It is read again; if it stays so, report it to Intercom with the version in Sources:Intercom:ApiVersion.",
        ConcernsRange: true);
}
