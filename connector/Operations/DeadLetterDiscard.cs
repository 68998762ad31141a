using ActivityConnector.Pipeline;

namespace ActivityConnector.Operations;

/// <summary>Deletes one dead letter permanently, or those that are open when it begins.</summary>
internal static class DeadLetterDiscard
{
    /// <param name="id">Of one; null = all.</param>
    /// <param name="view">Where they are looked up.</param>
    /// <param name="removal">What tells of them and deletes them.</param>
    /// <param name="cancellationToken">Ends it; what was told of by then is deleted.</param>
    /// <returns>How many were deleted; 0 when there is none with this id.</returns>
    public static async Task<int> RunAsync(string? id, IJournalView view, DeadLetterRemoval removal, CancellationToken cancellationToken)
    {
        if (id is not null)
        {
            var one = await view.DeadLetterAsync(id, cancellationToken);
            return one is null ? 0 : await removal.RunAsync(one.SourceText, [id], cancellationToken);
        }

        // Of each only what it is of and its id: there may be more letters than fit into memory.
        var count = 0;
        await foreach (var source in view.DeadLettersAsync(cancellationToken).GroupBy(l => l.SourceText, l => l.Id).WithCancellation(cancellationToken))
        {
            count += await removal.RunAsync(source.Key, [.. source], cancellationToken);
        }

        return count;
    }
}
