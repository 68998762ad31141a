using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// Reads one time window until the vendor's own answers show it complete. First pages are asked for, because numbered pages shift when a
/// record appears or is removed while they are walked; a single second with more than a page, and pages without records, are walked by number.
/// </summary>
/// <remarks>
/// A first page is sorted newest first, so that all that it leaves out is not later than its oldest second: the next first page ends there. Thread-safe:
/// several windows may be read at once, each into a batch of its own.
/// </remarks>
internal sealed class IntercomWindows(IntercomPages pages, ILogger logger)
{
    private readonly NumberedPages _numbered = new(logger);

    /// <summary>What came of a window.</summary>
    public enum Outcome
    {
        /// <summary>The vendor's answers show that every record of it was read.</summary>
        Complete,

        /// <summary>It has to be read narrower.</summary>
        TooWide,

        /// <summary>It has too much to be held before its turn: it has to be read again then.</summary>
        TooMuchAhead,

        Failed,

        /// <summary>It is not shown complete, and narrower windows would not show it either.</summary>
        Unproven,
    }

    /// <param name="Outcome">What came of it.</param>
    /// <param name="Failure">Why it is not complete.</param>
    /// <param name="AsOf">The present before its first page was asked for: what was visible then has been read.</param>
    /// <param name="Narrower">The width to continue with.</param>
    public readonly record struct Reading(Outcome Outcome, Failure? Failure, DateTimeOffset AsOf, long Narrower);

    /// <param name="window">What is read.</param>
    /// <param name="batch">Takes what is read of it.</param>
    /// <param name="attempts">How often a request may fail.</param>
    /// <param name="ahead">Set while windows before this one are read; null = it is its turn.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<Reading> ReadAsync(TimeWindow window, BatchBuilder batch, int attempts, ReadAhead? ahead, CancellationToken cancellationToken)
    {
        batch.Clear();
        var asked = new WindowPages(pages, batch, window, attempts, ahead, cancellationToken);
        var (asOf, isFirst, announced) = (pages.Present, true, 0L);
        for (var rest = window; rest.To >= window.From;)
        {
            var reply = await asked.FirstAsync(rest);
            if (pages.Present < asOf) asOf = pages.Present;
            if (reply.Value is not { } page) return Failed(reply.Failure!);

            if (isFirst)
            {
                if (page.Content.AsOf < asOf) asOf = page.Content.AsOf;
                announced = (long)(page.Paging.TotalPages ?? 0) * page.Count;
                isFirst = false;
            }

            var doubted = !page.LeadsOn && page.TotalIsMore ? page.Ids() : null;
            asked.Add(page);
            if (!page.Content.HasReadablePaging) return Failed(RangeFailures.NoPaging);

            var leadsOn = page.LeadsOn;
            if (doubted is not null)
            {
                (leadsOn, var failure, var isNotShown) = await CheckTotalAsync(asked, rest, page, doubted);
                if (failure is not null) return isNotShown ? Unproven(failure) : Failed(failure);
            }

            if (!leadsOn) break;

            if (window.Seconds > 1 && _numbered.Totals.MayNarrow && announced > WindowSpan.MaxRecords)
            {
                return TooWide(WindowSpan.Fitting(window.Seconds, announced));
            }

            if (window.Seconds > 1 && asked.IsTooMuch) return TooWide(window.Seconds / 2);

            var isSorted = page.IsDated && page.IsSorted;
            if (isSorted && page.Oldest < page.Newest && page.Oldest < rest.To)
            {
                rest = rest with { To = page.Oldest };
            }
            else if (isSorted && rest.Seconds > 1)
            {
                var dense = Math.Clamp(page.Oldest, rest.From, rest.To);
                var (isTooWide, failure) = await ReadFromAsync(asked, rest with { From = dense });
                if (isTooWide) return TooWide((window.Seconds + 1) / 2);
                if (failure is not null) return Failed(failure);

                rest = rest with { To = dense - 1 };
            }
            else if (page.IsEmpty || rest.Seconds == 1)
            {
                var (isTooMuch, failure) = await _numbered.WalkAsync(asked, rest);
                if (isTooMuch) return TooWide(window.Seconds / 2);
                if (failure is not null) return Failed(failure);

                break;
            }
            else
            {
                return TooWide((window.Seconds + 1) / 2);
            }
        }

        if (announced > 2L * (batch.Records + pages.PageSize)) _numbered.Totals.MayNarrow = false;
        return new Reading(Outcome.Complete, null, asOf, 0);

        Reading Failed(Failure failure) => Incomplete(failure == RangeFailures.OnlyEmptyPages ? Outcome.Unproven : Outcome.Failed, failure, 0);
        Reading Unproven(Failure failure) => Incomplete(Outcome.Unproven, failure, 0);
        Reading TooWide(long narrower) => Incomplete(Outcome.TooWide, null, narrower);
        Reading Incomplete(Outcome outcome, Failure? failure, long narrower) =>
            new(asked.IsAhead && (asked.IsTooMuchAhead || failure is { TooLarge: true }) ? Outcome.TooMuchAhead : outcome, failure, asOf, narrower);
    }

    /// <summary>
    /// Reads the end of a range, from a second on that has more records than a page. Sorted newest first, nothing follows that second: a request for what is
    /// later checks that. It begins two seconds later, because bounds are sent a second wider and would bring that page again. The two seconds are walked by
    /// page number.
    /// </summary>
    /// <returns>Whether the window has to be read narrower; or why it is not complete.</returns>
    private async ValueTask<(bool IsTooWide, Failure? Failure)> ReadFromAsync(WindowPages asked, TimeWindow range)
    {
        var dense = range with { To = Math.Min(range.From + 1, range.To) };
        if (dense.To < range.To)
        {
            var behind = range with { From = dense.To + 1 };
            var reply = await asked.FirstAsync(behind);
            if (reply.Value is not { } later) return (false, reply.Failure);

            var doubted = !later.LeadsOn && later.TotalIsMore ? later.Ids() : null;
            asked.Add(later);
            if (!later.Content.HasReadablePaging) return (false, RangeFailures.NoPaging);

            var (leadsOn, failure, _) = doubted is null ? (later.LeadsOn, null, false) : await CheckTotalAsync(asked, behind, later, doubted);
            if (failure is { ConcernsRange: false }) return (false, failure);
            if (leadsOn || failure is not null) return (true, null);
        }

        return await _numbered.WalkAsync(asked, dense);
    }

    /// <summary>
    /// The page says that it is the last, but its total says that it is not: the next page and the last one decide, or the same page once more.
    /// </summary>
    /// <returns>Whether there is more; or why it is not known, and whether narrower windows would not show it either.</returns>
    private async ValueTask<(bool LeadsOn, Failure? Failure, bool IsNotShown)> CheckTotalAsync(
        WindowPages asked, TimeWindow range, IntercomPage page, HashSet<string> ids)
    {
        int[] beyond = page.Paging.TotalPages is { } total and > 2 and <= NumberedPages.MaxPages ? [2, total] : [2];
        for (var i = 0; i < NumberedPages.MaxWalks; i++)
        {
            Failure? failure = null;
            foreach (var number in beyond)
            {
                (var isThere, failure) = await asked.IsThereAsync(range, page.PerPage, number, ids);
                if (isThere) return (true, null, false);
                if (failure is not null) break;
            }

            var again = await asked.AskAsync(range, page.PerPage, number: 1);
            if (again.Value is not { } same) return (false, again.Failure, false);

            var before = ids;
            ids = same.Ids();
            asked.Add(same);
            if (same.LeadsOn) return (true, null, false);

            // This page is answered, so that it is no outage: only a page to which nothing leads cannot be read.
            if (failure is not null) return (false, failure, failure.ConcernsRange);
            if (!ids.SetEquals(before)) continue;

            _numbered.Totals.LogOnceWrongTotals();
            return (false, null, false);
        }

        return (false, RangeFailures.NeverAtRest, false);
    }
}
