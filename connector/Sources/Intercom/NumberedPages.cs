using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// Follows the pages of a range by their numbers, or by cursors where the vendor gives them, to the last one. Records that appear or are removed
/// meanwhile move between pages, so that two walks in a row have to show the same ones.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class NumberedPages(ILogger logger)
{
    /// <summary>Walks that differ each time before a range counts as never at rest.</summary>
    public const int MaxWalks = 5;

    /// <summary>No range has more pages: a list without end.</summary>
    public const int MaxPages = 10_000;

    /// <summary>So many pages in a row show nothing new: a filter leaves fewer of them in narrower windows, a list without end does not.</summary>
    private const int MaxStalledPages = 50;

    private const int StalledPagesBeyondTotal = 2;

    /// <summary>Other lists of Intercom show no page beyond so many records (intercom-ruby, issue 274).</summary>
    private const int DeepestRecord = 10_000;

    private bool _loggedCursors;

    public VendorTotals Totals { get; } = new(logger);

    /// <summary>How one walk ended.</summary>
    private enum WalkOutcome
    {
        Complete,

        /// <summary>It showed a record twice, and so perhaps another not at all.</summary>
        Unsteady,

        TooMuch,
        Failed,
    }

    /// <summary>Walks until two walks in a row show the same records.</summary>
    /// <returns>Whether the range has to be read narrower; or why it is not complete.</returns>
    public async ValueTask<(bool IsTooMuch, Failure? Failure)> WalkAsync(WindowPages pages, TimeWindow range)
    {
        var perPage = pages.PageSize;
        HashSet<string>? before = null;
        for (var walks = 0; walks < MaxWalks;)
        {
            var ids = new HashSet<string>();
            var (end, failure) = await WalkOnceAsync(pages, range, perPage, ids);
            if (failure is { TooLarge: true } && perPage > 1 && !pages.IsAhead)
            {
                perPage /= 2;
                continue;
            }

            if (end == WalkOutcome.TooMuch) return pages.Window.Seconds > 1 ? (true, null) : (false, RangeFailures.TooMuch);
            if (end == WalkOutcome.Failed) return (false, failure);
            if (end == WalkOutcome.Complete && before?.SetEquals(ids) == true) return (false, null);

            before = end == WalkOutcome.Complete ? ids : null;
            walks++;
        }

        return (false, RangeFailures.NeverAtRest);
    }

    private async ValueTask<(WalkOutcome Outcome, Failure? Failure)> WalkOnceAsync(WindowPages pages, TimeWindow range, int perPage, HashSet<string> ids)
    {
        var place = new Place(Number: 1, Cursor: null, IsOffered: true);
        var cursors = new HashSet<string>();
        var (isOrderly, stalled, isLastOfTotalThere) = (true, 0, false);
        var (total, lastShown, largest) = (0, 0, 0);
        while (true)
        {
            var reply = await pages.AskAsync(range, perPage, place.Number, place.Cursor);
            var isBeyond = total > 0 && place.Number > total && !Totals.FallShort;
            if (reply.Value is not { } page)
            {
                if (place.Number == 1 || !WindowPages.IsNotThere(reply.Failure)) return (WalkOutcome.Failed, reply.Failure);

                return place.IsOffered && !isBeyond ? (WalkOutcome.Failed, RangeFailures.PagesMissing) : Ended();
            }

            var pageIds = page.Ids();
            var isRepeated = pageIds.Count > 0 && pageIds.IsSubsetOf(ids);
            if (isRepeated && (!place.IsOffered || isBeyond))
            {
                // The vendor goes no further than its last page, and gives that one again.
                page.Dispose();
                return place.Number < total ? (WalkOutcome.Failed, RangeFailures.PagesMissing) : Ended();
            }

            // A record on two pages of one walk: the order is another with each page, and another record was on none.
            isOrderly &= page.AddIdsTo(ids);
            pages.Add(page);
            if (!page.Content.HasReadablePaging) return (WalkOutcome.Failed, RangeFailures.NoPaging);
            if (pages.IsTooMuch) return (WalkOutcome.TooMuch, null);

            Totals.FallShort |= place.Number > page.Paging.TotalPages && !page.IsEmpty && !isRepeated;
            total = Math.Max(total, page.Paging.TotalPages ?? 0);
            if (!page.IsEmpty) (lastShown, largest) = (place.Number, Math.Max(largest, page.Count));
            stalled = page.IsEmpty || isRepeated ? stalled + 1 : 0;

            // Pages without records beyond the last one by the vendor's own total, however many it offers.
            if (stalled > StalledPagesBeyondTotal && place.Number > page.Paging.TotalPages && !Totals.FallShort) return Ended();

            if (page.Paging is { HasNext: true, StartingAfter: { } after })
            {
                LogOnceCursors();
                if (!cursors.Add(after)) return (WalkOutcome.Failed, RangeFailures.Endless);

                place = new Place(place.Number + 1, after, IsOffered: true);
            }
            else
            {
                if (place.Cursor is not null) return page.IsFull && place.Number < total ? (WalkOutcome.Failed, RangeFailures.PagesMissing) : Ended();

                // A page that was not offered was only asked for to see whether it is there; of empty ones the last one decides.
                var goesOn = page.LeadsOn || (place.Number < total && (place.IsOffered || !page.IsEmpty || isLastOfTotalThere));
                if (!goesOn && place.Number < total && total <= MaxPages)
                {
                    (isLastOfTotalThere, var failure) = await pages.IsThereAsync(range, perPage, total, ids);
                    if (failure is not null) return (WalkOutcome.Failed, failure);

                    goesOn = isLastOfTotalThere;
                }

                if (!goesOn) return Ended();

                var next = page.Paging.HasNext ? page.Paging.NextPage ?? place.Number + 1 : place.Number + 1;
                if (next <= place.Number) return page.IsEmpty && isBeyond ? Ended() : (WalkOutcome.Failed, RangeFailures.Endless);

                place = new Place(next, null, page.Paging.HasNext);
            }

            if (stalled > MaxStalledPages)
            {
                return (WalkOutcome.Failed, await IsEndlessAsync(pages, range, perPage) ? RangeFailures.OnlyEmptyPages : RangeFailures.Endless);
            }

            if (place.Number > MaxPages) return (WalkOutcome.Failed, RangeFailures.Endless);
        }

        (WalkOutcome, Failure?) Ended() => total > lastShown && (lastShown + 1) * largest > DeepestRecord ? (WalkOutcome.Failed, RangeFailures.PagesMissing)
            : (isOrderly ? WalkOutcome.Complete : WalkOutcome.Unsteady, null);
    }

    /// <summary>Whether one second, too, has so many pages without records and leads on: then every window does.</summary>
    private static async ValueTask<bool> IsEndlessAsync(WindowPages pages, TimeWindow range, int perPage)
    {
        var reply = await pages.AskAsync(range with { To = range.From }, perPage, MaxStalledPages + 1);
        using var page = reply.Value;
        return page is { IsEmpty: true, LeadsOn: true };
    }

    private void LogOnceCursors()
    {
        if (!_loggedCursors) SourceLog.CursorPages(logger, "Intercom");
        _loggedCursors = true;
    }

    /// <param name="Number">The number of a page, from 1 on.</param>
    /// <param name="Cursor">Its cursor; null where pages are numbered.</param>
    /// <param name="IsOffered">Whether the page before it leads there; otherwise it is asked for to see whether it is there.</param>
    private readonly record struct Place(int Number, string? Cursor, bool IsOffered);
}
