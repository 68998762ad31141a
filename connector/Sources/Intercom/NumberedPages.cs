using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// Follows the pages of a range by their numbers, or by cursors where the vendor gives them, to the last one. Records that appear or are removed
/// meanwhile move between pages, so that two walks in a row have to show the same ones.
/// </summary>
internal sealed class NumberedPages(ILogger logger)
{
    /// <summary>Walks that differ each time before a range counts as never at rest.</summary>
    public const int MaxWalks = 5;

    /// <summary>No range has more pages: a list without end.</summary>
    public const int MaxPages = 10_000;

    /// <summary>More pages without records in a row than a filter leaves: a list without end.</summary>
    private const int MaxEmptyPages = 50;

    private const int EmptyPagesBeyondTotal = 2;

    /// <summary>Offered pages in a row that only repeat earlier ones: a list without end.</summary>
    private const int MaxRepeatedPages = 2;

    /// <summary>Other lists of Intercom show no page beyond so many records (intercom-ruby, issue 274).</summary>
    private const int DeepestRecord = 10_000;

    private bool _toldOfCursors;

    /// <summary>How one walk ended.</summary>
    private enum End
    {
        Complete,

        /// <summary>It showed a record twice, and so perhaps another not at all.</summary>
        Unsteady,

        TooMuch,
        Failed,
    }

    /// <summary>Walks until two walks in a row show the same records.</summary>
    /// <returns>Whether the range has to be read narrower; or why it is not complete.</returns>
    public async ValueTask<(bool IsTooMuch, Failure? Failure)> WalkAsync(WindowPages pages, TimeWindow range, VendorTotals totals)
    {
        var perPage = pages.PageSize;
        HashSet<string>? before = null;
        for (var walks = 0; walks < MaxWalks;)
        {
            var ids = new HashSet<string>();
            var (end, failure) = await WalkOnceAsync(pages, range, totals, perPage, ids);
            if (failure is { TooLarge: true } && perPage > 1)
            {
                perPage /= 2;
                continue;
            }

            if (end == End.TooMuch) return pages.Window.Seconds > 1 ? (true, null) : (false, RangeFailures.TooMuch);
            if (end == End.Failed) return (false, failure);
            if (end == End.Complete && before?.SetEquals(ids) == true) return (false, null);

            before = end == End.Complete ? ids : null;
            walks++;
        }

        return (false, RangeFailures.NeverAtRest);
    }

    private async ValueTask<(End End, Failure? Failure)> WalkOnceAsync(
        WindowPages pages, TimeWindow range, VendorTotals totals, int perPage, HashSet<string> ids)
    {
        var place = new Place(Number: 1, Cursor: null, IsOffered: true);
        var cursors = new HashSet<string>();
        var (empty, repeated, isOrderly, isLastOfTotalThere, total, lastFull) = (0, 0, true, false, 0, 0);
        while (true)
        {
            var reply = await pages.AskAsync(range, perPage, place.Number, place.Cursor);
            if (reply.Value is not { } page)
            {
                if (place.Number == 1 || !WindowPages.IsNotThere(reply.Failure)) return (End.Failed, reply.Failure);

                return place.IsOffered ? (End.Failed, RangeFailures.PagesMissing) : Ended();
            }

            repeated = !page.IsEmpty && page.Ids().IsSubsetOf(ids) ? repeated + 1 : 0;
            var isBeyondTotal = place.Number > page.Paging.TotalPages;
            if (repeated > 0 && (!place.IsOffered || (isBeyondTotal && !totals.FallShort)))
            {
                // The vendor goes no further than its last page, and gives that one again.
                page.Dispose();
                return Ended();
            }

            // A record on two pages of one walk: the order is another with each page, and another record was on none.
            isOrderly &= page.AddIdsTo(ids);
            var isEmpty = pages.Add(page) == 0;
            if (!page.Content.HasReadablePaging) return (End.Failed, RangeFailures.NoPaging);
            if (pages.IsTooMuch) return (End.TooMuch, null);

            empty = isEmpty ? empty + 1 : 0;
            if (!isEmpty) lastFull = page.IsFull ? place.Number : 0;
            total = Math.Max(total, page.Paging.TotalPages ?? 0);
            totals.FallShort |= isBeyondTotal && !isEmpty && repeated == 0;

            // Pages without records beyond the last one by the vendor's own total, however many it offers.
            if (empty > EmptyPagesBeyondTotal && isBeyondTotal && !totals.FallShort) return Ended();

            // A page that was not offered was only asked for to see whether it is there; of empty ones the last one decides.
            var goesOn = page.LeadsOn || (place.Number < total && (place.IsOffered || !isEmpty || isLastOfTotalThere));
            if (page.Paging.StartingAfter is null && place.Cursor is null && !goesOn && place.Number < total && total <= MaxPages)
            {
                (isLastOfTotalThere, var failure) = await pages.IsThereAsync(range, perPage, total, ids);
                if (failure is not null) return (End.Failed, failure);

                goesOn = isLastOfTotalThere;
            }

            if (page.Paging is { HasNext: true, StartingAfter: { } after })
            {
                TellOfCursors();
                if (!cursors.Add(after)) return (End.Failed, RangeFailures.Endless);

                place = new Place(place.Number + 1, after, IsOffered: true);
            }
            else
            {
                if (place.Cursor is not null || !goesOn) return Ended();

                var next = page.Paging.HasNext ? page.Paging.NextPage ?? place.Number + 1 : place.Number + 1;
                if (next <= place.Number) return isBeyondTotal && isEmpty && !totals.FallShort ? Ended() : (End.Failed, RangeFailures.Endless);

                place = new Place(next, null, page.Paging.HasNext);
            }

            if (empty > MaxEmptyPages) return (End.Failed, RangeFailures.OnlyEmptyPages);
            if (place.Number > MaxPages || repeated > MaxRepeatedPages) return (End.Failed, RangeFailures.Endless);
        }

        (End, Failure?) Ended() => lastFull > 0 && total > lastFull && ids.Count >= DeepestRecord ? (End.Failed, RangeFailures.PagesMissing)
            : (isOrderly ? End.Complete : End.Unsteady, null);
    }

    private void TellOfCursors()
    {
        if (!_toldOfCursors) SourceLog.CursorPages(logger, "Intercom");
        _toldOfCursors = true;
    }

    /// <param name="Number">The number of a page, from 1 on.</param>
    /// <param name="Cursor">Its cursor; null where pages are numbered.</param>
    /// <param name="IsOffered">Whether the page before it leads there; otherwise it is asked for to see whether it is there.</param>
    private readonly record struct Place(int Number, string? Cursor, bool IsOffered);
}
