using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>A walk from a cursor up, to another cursor, to a time or to the end of the list, that does not move the position.</summary>
/// <param name="list">Where it begins.</param>
/// <param name="stopAt">The cursor at which it ends; null = none.</param>
/// <param name="notBefore">Dated records before this time (Unix milliseconds) are left out.</param>
internal sealed class AscendingWalk(ListWalk list, string? stopAt, long notBefore)
{
    private int _laterPages;
    private int _laterRecords;

    public ListWalk List => list;

    /// <summary>Dated records after this time (Unix milliseconds) are left out.</summary>
    public long NotAfter { get; init; } = long.MaxValue;

    /// <summary>
    /// It ends where most records of two pages in a row, and of at least <see cref="PageTimes.Proof"/> records, are later than this time (Unix
    /// milliseconds): a few records with a wrong time end nothing.
    /// </summary>
    public long StopAfter { get; init; } = long.MaxValue;

    /// <summary>The median time of the last page that has one, in Unix milliseconds.</summary>
    public long Reached { get; private set; } = RecordTime.Unknown;

    /// <summary>Fills a batch, oldest record first.</summary>
    public async ValueTask FillAsync(BatchBuilder batch, CancellationToken cancellationToken)
    {
        batch.Clear();
        while (!list.IsOver && !SequenceBatches.IsFull(batch, SequenceBatches.MovingPages) && await list.NextAsync(cancellationToken) is { } page)
        {
            var times = PageTimes.Of(page);
            batch.Take(page, notBefore, NotAfter);
            list.Follow(page);
            if ((list.Step == WalkStep.More && list.Trail.Cursor == stopAt) || IsLateEnough(times))
            {
                list.Stop();
                break;
            }

            // The last page may come again and must not count twice.
            if (list.Step == WalkStep.Tail) (_laterPages, _laterRecords) = (0, 0);
            await list.ConfirmAsync(cancellationToken);
        }
    }

    private bool IsLateEnough(PageTimes times)
    {
        if (!times.IsDated) return false;

        Reached = times.Median;
        (_laterPages, _laterRecords) = times.Median > StopAfter ? (_laterPages + 1, _laterRecords + times.Count) : (0, 0);
        return _laterPages >= 2 && _laterRecords >= PageTimes.Proof;
    }
}
