using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>The record that an order begins with: where a walk in the other order has to arrive.</summary>
/// <remarks>Lives as long as the source. Not thread-safe.</remarks>
internal sealed class OtherEnd(SequencePages pages)
{
    private readonly Dictionary<SortOrder, (string After, ListedRecord Record)> _behindHidden = [];

    /// <summary>The first record that the credential may see.</summary>
    /// <param name="order">The order that it is the first one of.</param>
    /// <param name="isNew">Whether what was found behind the same hidden records before does not count.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    /// <returns>The record; or why the vendor cannot be asked; or what is wrong with its answers; or nothing: the list is empty.</returns>
    public async ValueTask<(ListedRecord? Record, Failure? Failure, string? Problem)> FindAsync(SortOrder order, bool isNew, CancellationToken cancellationToken)
    {
        var reply = await pages.FirstAsync(order, cancellationToken);
        if (reply.Page is null) return (null, reply.Failure, null);

        string? after;
        using (reply.Page)
        {
            foreach (var record in ListedRecord.AllOf(reply.Page)) return (record, null, null);

            after = reply.Page.HasReadablePaging ? SequencePaging.After(reply.Page.Paging) : null;
            if (after is null && reply.Page is { IsEmpty: true, HasReadablePaging: true }) return (null, null, null);
        }

        if (!isNew && after is not null && _behindHidden.TryGetValue(order, out var behind) && behind.After == after) return (behind.Record, null, null);

        var found = await SearchAsync(order, reply.Limit, cancellationToken);
        if (after is not null && found.Record is { } first) _behindHidden[order] = (after, first);
        return found;
    }

    /// <summary>The first records may be hidden from the credential, or one cannot be read: whole pages are asked for.</summary>
    private async ValueTask<(ListedRecord? Record, Failure? Failure, string? Problem)> SearchAsync(SortOrder order, int limit, CancellationToken cancellationToken)
    {
        var trail = new CursorTrail(null, limit);
        for (var step = WalkStep.More; step == WalkStep.More;)
        {
            var reply = await pages.GetAsync(order, trail.Cursor, trail.Limit, cancellationToken);
            if (reply.Page is null) return (null, reply.Failure, null);

            using (reply.Page)
            {
                foreach (var record in ListedRecord.AllOf(reply.Page)) return (record, null, null);
                step = trail.Follow(reply.Page, reply.Limit);
            }
        }

        return (null, null, trail.Problem);
    }
}
