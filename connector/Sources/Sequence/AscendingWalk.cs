using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>A walk from a cursor up, to another cursor or to the end of the list, that does not move the position.</summary>
/// <param name="pages">Where pages come from.</param>
/// <param name="end">Shows that the walk has arrived at the end of the list.</param>
/// <param name="cursor">Where it begins.</param>
/// <param name="cursorLimit">The limit that the cursor was given for.</param>
/// <param name="first">The page there.</param>
/// <param name="stopAt">The cursor at which it ends; null = none.</param>
/// <param name="notBefore">Dated records before this time (Unix milliseconds) are left out.</param>
/// <param name="logger">Sees no cursor.</param>
internal sealed class AscendingWalk(
    SequencePages pages, ListEnd end, string? cursor, int cursorLimit, PageReply first, string? stopAt, long notBefore, ILogger logger)
{
    private readonly CursorTrail _trail = new(cursor, cursorLimit);
    private PageReply? _next = first;

    /// <summary>Where the next page is asked for.</summary>
    public string? Cursor => _trail.Cursor;

    /// <summary>How it ended; <see cref="WalkStep.More"/> = not yet.</summary>
    public WalkStep Step { get; private set; }

    /// <summary>Why the next page cannot be had; null when that is not how it ended.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>Why it does not lead on, or its end is not shown.</summary>
    public string? Problem => end.Problem ?? _trail.Problem;

    public bool IsOver => Step != WalkStep.More || Failure is not null;

    /// <summary>Fills a batch, oldest record first.</summary>
    public async ValueTask FillAsync(BatchBuilder batch, CancellationToken cancellationToken)
    {
        batch.Clear();
        while (!IsOver && !SequenceBatches.IsFull(batch, SequenceBatches.MovingPages))
        {
            (var page, Failure, var limit) = _next ?? await pages.GetAsync(SortOrder.OldestFirst, _trail.Cursor, _trail.Limit, cancellationToken);
            _next = null;
            if (page is null) break;

            batch.Take(page, notBefore, logger);
            Step = _trail.Follow(page, limit);
            end.See(page, Step);
            if (Step == WalkStep.More && _trail.Cursor == stopAt) Step = WalkStep.Tail;
            else (Step, Failure) = await end.ConfirmAsync(Step, _trail, cancellationToken);
        }
    }
}
