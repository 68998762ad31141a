using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// A walk from the newest record down. It ends where most records of two pages in a row, and of at least <see cref="PageTimes.Proof"/> records,
/// are older than a time: a few records with a wrong time end nothing, and a page without times neither counts nor interrupts.
/// </summary>
/// <param name="list">Where it begins.</param>
/// <param name="stop">The time in Unix milliseconds.</param>
/// <param name="notBefore">Dated records before this time (Unix milliseconds) are left out.</param>
internal sealed class DescendingWalk(ListWalk list, long stop, long notBefore)
{
    private int _olderPages;
    private int _olderRecords;

    public ListWalk List => list;

    /// <summary>The times of the pages so far: the newest of all, and the median of the last that has one.</summary>
    public PageTimes Times { get; private set; } = PageTimes.Unknown;

    /// <summary>Fills a batch, oldest record first.</summary>
    public async ValueTask FillAsync(BatchBuilder batch, CancellationToken cancellationToken)
    {
        batch.Clear();
        while (!list.IsOver && !SequenceBatches.IsFull(batch, SequenceBatches.StandingPages) && await list.NextAsync(cancellationToken) is { } page)
        {
            var times = PageTimes.Of(page);
            batch.Take(page, notBefore);
            list.Follow(page);
            if (IsOldEnough(times))
            {
                list.Stop();
                break;
            }

            // The last page may come again and must not count twice.
            if (list.Step == WalkStep.Tail) (_olderPages, _olderRecords) = (0, 0);
            await list.ConfirmAsync(cancellationToken);
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
