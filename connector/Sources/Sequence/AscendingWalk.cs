using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>A walk from a cursor up, to the position or to the end of the list, that does not move the position.</summary>
/// <param name="pages">Where pages come from.</param>
/// <param name="end">Shows that the end of the list is its end.</param>
/// <param name="trail">Where it begins.</param>
/// <param name="first">The page there.</param>
/// <param name="stopAt">The cursor at which it ends; null = only at the end of the list.</param>
/// <param name="notBefore">Dated records before this time (Unix milliseconds) are left out.</param>
/// <param name="logger">Sees no cursor.</param>
internal sealed class AscendingWalk(
    SequencePages pages, ListEnd end, CursorTrail trail, PageReply first, string? stopAt, long notBefore, ILogger logger)
{
    private PageReply? _next = first;

    public CursorTrail Trail { get; } = trail;

    /// <summary>How it ended; <see cref="WalkStep.More"/> = not yet.</summary>
    public WalkStep Step { get; private set; }

    /// <summary>Why the next page cannot be had; null when that is not how it ended.</summary>
    public Failure? Failure { get; private set; }

    public bool IsOver => Step != WalkStep.More || Failure is not null;

    /// <summary>Fills a batch, oldest record first.</summary>
    public async ValueTask FillAsync(BatchBuilder batch, CancellationToken cancellationToken)
    {
        batch.Clear();
        while (!IsOver && !SequenceBatches.IsFull(batch, SequenceBatches.MovingPages))
        {
            (var page, Failure, var limit) = _next ?? await pages.GetAsync(SortOrder.OldestFirst, Trail.Cursor, Trail.Limit, cancellationToken);
            _next = null;
            if (page is null) break;

            batch.Take(page, notBefore, logger);
            Step = Trail.Follow(page, limit);
            if (Step == WalkStep.Tail) (Step, Failure) = await end.ConfirmAsync(Trail, SortOrder.OldestFirst, null, cancellationToken);
            else if (Step == WalkStep.More && stopAt is not null && Trail.Cursor == stopAt) Step = WalkStep.Tail;
        }
    }
}
