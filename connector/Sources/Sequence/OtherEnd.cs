using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>What an order begins with; of the first three at most one is set.</summary>
/// <param name="Record">The first record that the credential may see. Without it the list shows none, unless something else is said.</param>
/// <param name="Failure">Why the vendor cannot be asked.</param>
/// <param name="Problem">What is wrong with its answers.</param>
/// <param name="IsHidden">More pages than are asked for show the credential nothing.</param>
internal readonly record struct FirstOfOrder(ListedRecord? Record, Failure? Failure = null, string? Problem = null, bool IsHidden = false);

/// <summary>The record that an order begins with: where a walk in the other order has to arrive.</summary>
/// <remarks>Lives as long as the source. Not thread-safe.</remarks>
internal sealed class OtherEnd(SequencePages pages, TimeProvider time)
{
    private const int MostPages = 100;

    /// <summary>By so much the servers of one vendor may differ.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly Dictionary<SortOrder, (string After, FirstOfOrder First)> _behindHidden = [];

    /// <summary>Waits until a server that is a little behind the others has what they have.</summary>
    public Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(Pause, time, cancellationToken);

    /// <param name="order">The order.</param>
    /// <param name="isNew">Whether what was found behind the same hidden record before does not count.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    public async ValueTask<FirstOfOrder> FindAsync(SortOrder order, bool isNew, CancellationToken cancellationToken)
    {
        var reply = await pages.FirstAsync(order, cancellationToken);
        if (reply.Page is null) return new(null, reply.Failure);

        string? after;
        using (reply.Page)
        {
            foreach (var record in ListedRecord.AllOf(reply.Page)) return new(record);

            after = reply.Page.HasReadablePaging ? SequencePaging.After(reply.Page.Paging) : null;
        }

        if (!isNew && after is not null && _behindHidden.TryGetValue(order, out var behind) && behind.After == after) return behind.First;

        var first = await SearchAsync(order, cancellationToken);
        if (after is not null && first is { Failure: null, Problem: null }) _behindHidden[order] = (after, first);
        return first;
    }

    /// <summary>The first records may be hidden from the credential, or one cannot be read: whole pages are asked for.</summary>
    private async ValueTask<FirstOfOrder> SearchAsync(SortOrder order, CancellationToken cancellationToken)
    {
        var trail = new CursorTrail(null, 0);
        var step = WalkStep.More;
        for (var i = 0; i < MostPages && step == WalkStep.More; i++)
        {
            var reply = await pages.GetAsync(order, trail.Cursor, trail.Limit, cancellationToken);
            if (reply.Page is null) return new(null, reply.Failure);

            using (reply.Page)
            {
                foreach (var record in ListedRecord.AllOf(reply.Page)) return new(record);
                step = trail.Follow(reply.Page, reply.Limit);
            }
        }

        return new(null, Problem: trail.Problem, IsHidden: step == WalkStep.More);
    }
}
