using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// Shows that a walk has arrived at the end of the list: it has met the record that the other order begins with. Where it has not, that record may
/// have come since, or the list ended early once: the last page is asked for again, and the walk goes on from there until it has met it.
/// </summary>
/// <param name="pages">The list.</param>
internal sealed class ListEnd(SequencePages pages)
{
    /// <summary>So many times a walk goes on in search of a record that was removed before the walk came to it.</summary>
    private const int MostSought = 3;

    /// <summary>Decides what comes after the page that ends a walk.</summary>
    /// <param name="trail">The walk.</param>
    /// <param name="order">Its order.</param>
    /// <param name="before">What stands for the last record before the walk's beginning; null = it is not known.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    /// <returns>
    /// <see cref="WalkStep.Tail"/>: it is the end. <see cref="WalkStep.More"/>: the last page is to be asked for again. Otherwise the trail says what is
    /// wrong, or the failure why the vendor cannot be asked now.
    /// </returns>
    public async ValueTask<(WalkStep Step, Failure? Failure)> ConfirmAsync(
        CursorTrail trail, SortOrder order, ulong? before, CancellationToken cancellationToken)
    {
        if (trail.Sought is { } sought && trail.HasMet(sought)) return (WalkStep.Tail, null);

        var (last, failure, problem) = await FirstAsync(order == SortOrder.OldestFirst ? SortOrder.NewestFirst : SortOrder.OldestFirst, cancellationToken);
        if (failure is { ConcernsRange: true } or { Kind: FailureKind.Rejected }) problem = failure.Cause;
        else if (failure is not null) return (WalkStep.More, failure);

        if (problem is not null) return (trail.Stuck($"The end of Sequence's list cannot be compared with its newest record: {problem}"), null);

        if (last is not { } record)
        {
            return trail.IsEmpty ? (WalkStep.Tail, null) : (trail.Stuck("Sequence shows records in one order, and none in the other."), null);
        }

        if (trail.HasMet(record) || (trail.IsEmpty && record == before)) return (WalkStep.Tail, null);

        if (record == trail.Sought || trail.TimesSought == MostSought)
        {
            trail.Stuck("Sequence's list ends before its newest record.");
            return (WalkStep.EndsEarly, null);
        }

        trail.Seek(record);
        return (WalkStep.More, null);
    }

    /// <summary>What stands for the first record of an order that the credential may see; null without a problem = the list is empty.</summary>
    private async ValueTask<(ulong? Record, Failure? Failure, string? Problem)> FirstAsync(SortOrder order, CancellationToken cancellationToken)
    {
        var reply = await pages.FirstAsync(order, cancellationToken);
        if (reply.Page is null) return (null, reply.Failure, null);

        using (reply.Page)
        {
            foreach (var record in CursorTrail.MarksOf(reply.Page)) return (record, null, null);
            if (reply.Page is { IsEmpty: true, HasReadablePaging: true } page && SequencePaging.After(page.Paging) is null) return (null, null, null);
        }

        // The first records may be hidden from the credential, or one cannot be read: whole pages are asked for.
        var trail = new CursorTrail(null, reply.Limit);
        var step = WalkStep.More;
        while (step == WalkStep.More)
        {
            reply = await pages.GetAsync(order, trail.Cursor, trail.Limit, cancellationToken);
            if (reply.Page is null) return (null, reply.Failure, null);

            using (reply.Page)
            {
                foreach (var record in CursorTrail.MarksOf(reply.Page)) return (record, null, null);
                step = trail.Follow(reply.Page, reply.Limit);
            }
        }

        return (null, null, trail.Problem);
    }
}
