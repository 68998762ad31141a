using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>A walk from a cursor up, to another cursor or to the end of the list, that does not move the position.</summary>
/// <param name="list">Where it begins.</param>
/// <param name="stopAt">The cursor at which it ends; null = none.</param>
/// <param name="notBefore">Dated records before this time (Unix milliseconds) are left out.</param>
/// <param name="logger">Sees no cursor.</param>
internal sealed class AscendingWalk(ListWalk list, string? stopAt, long notBefore, ILogger logger)
{
    public ListWalk List => list;

    /// <summary>Fills a batch, oldest record first.</summary>
    public async ValueTask FillAsync(BatchBuilder batch, CancellationToken cancellationToken)
    {
        batch.Clear();
        while (!list.IsOver && !SequenceBatches.IsFull(batch, SequenceBatches.MovingPages) && await list.NextAsync(cancellationToken) is { } page)
        {
            batch.Take(page, notBefore, logger);
            list.Follow(page);
            if (list.Step == WalkStep.More && list.Trail.Cursor == stopAt) list.Stop();
            else await list.ConfirmAsync(cancellationToken);
        }
    }
}
