using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// A walk from the newest record down. It ends where most records of two pages in a row, and of at least <see cref="PageTimes.Proof"/> records,
/// are older than a time: a few records with a wrong time end nothing, and a page without times neither counts nor interrupts.
/// </summary>
/// <param name="pages">Where pages come from.</param>
/// <param name="cursor">Where it goes on; null = at the newest record.</param>
/// <param name="cursorLimit">The limit that the cursor was given for.</param>
/// <param name="stop">The time in Unix milliseconds.</param>
/// <param name="end">Shows that the walk has arrived at the end of the list.</param>
/// <param name="notBefore">Dated records before this time (Unix milliseconds) are left out.</param>
/// <param name="logger">Sees no cursor.</param>
internal sealed class DescendingWalk(
    SequencePages pages, string? cursor, int cursorLimit, long stop, ListEnd end, long notBefore, ILogger logger)
{
    private int _olderPages;
    private int _olderRecords;

    private readonly CursorTrail _trail = new(cursor, cursorLimit);

    /// <summary>Where the next page is asked for.</summary>
    public string? Cursor => _trail.Cursor;

    /// <summary>Why it does not lead on, or its end is not shown.</summary>
    public string? Problem => end.Problem ?? _trail.Problem;

    /// <summary>The times of the pages so far: the newest of all, and the median of the last that has one.</summary>
    public PageTimes Times { get; private set; } = PageTimes.Unknown;

    /// <summary>False before the first page.</summary>
    public bool HasRead { get; private set; }

    /// <summary>How it ended; <see cref="WalkStep.More"/> = not yet.</summary>
    public WalkStep Step { get; private set; }

    /// <summary>Why the next page cannot be had; null when that is not how it ended.</summary>
    public Failure? Failure { get; private set; }

    public bool IsOver => Step != WalkStep.More || Failure is not null;

    /// <summary>Fills a batch, oldest record first.</summary>
    public async ValueTask FillAsync(BatchBuilder batch, CancellationToken cancellationToken)
    {
        batch.Clear();
        while (!IsOver && !SequenceBatches.IsFull(batch, SequenceBatches.StandingPages))
        {
            var (page, failure, limit) = await pages.GetAsync(SortOrder.NewestFirst, _trail.Cursor, _trail.Limit, cancellationToken);
            Failure = failure;
            if (page is null) break;

            HasRead = true;
            var times = PageTimes.Of(page);
            batch.Take(page, notBefore, logger);
            Step = _trail.Follow(page, limit);
            end.See(page, Step);
            if (IsOldEnough(times))
            {
                Step = WalkStep.Tail;
                continue;
            }

            // The last page may come again and must not count twice.
            if (Step == WalkStep.Tail) (_olderPages, _olderRecords) = (0, 0);
            (Step, Failure) = await end.ConfirmAsync(Step, _trail, cancellationToken);
        }

        batch.Reverse();
    }

    private bool IsOldEnough(PageTimes times)
    {
        if (!times.IsDated) return false;

        Times = times with { Newest = Math.Max(Times.Newest, times.Newest), Past = Math.Max(Times.Past, times.Past) };
        (_olderPages, _olderRecords) = times.UpperMedian < stop ? (_olderPages + 1, _olderRecords + times.Count) : (0, 0);
        return _olderPages >= 2 && _olderRecords >= PageTimes.Proof;
    }
}
