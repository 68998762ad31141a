using ActivityConnector.Pipeline;

namespace ActivityConnector.Operations;

/// <summary>Deletes dead letters permanently, each told of before it goes.</summary>
internal static class DeadLetterDiscard
{
    /// <param name="id">Of one; null = all.</param>
    /// <param name="view">Where they are looked up.</param>
    /// <param name="journal">What deletes them.</param>
    /// <param name="tellAsync">Makes the audit event of the letters of an origin durable.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many were deleted; 0 when there is none with this id.</returns>
    public static async Task<int> RunAsync(
        string? id, IJournalView view, IJournalOperator journal, Func<string, IReadOnlyList<string>, Task> tellAsync, CancellationToken cancellationToken)
    {
        var letters = id is null ? await view.DeadLettersAsync(cancellationToken).ToListAsync(cancellationToken)
            : await view.DeadLetterAsync(id, cancellationToken) is { } one ? [one]
            : [];
        foreach (var origin in letters.GroupBy(letter => letter.SourceText, letter => letter.Id)) await tellAsync(origin.Key, [.. origin]);

        return id is null ? await journal.DiscardDeadLettersAsync(cancellationToken)
            : letters.Count > 0 && await journal.DiscardDeadLetterAsync(id, cancellationToken) ? 1
            : 0;
    }
}
