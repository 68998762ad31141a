using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Operations;

/// <summary>Deletes dead letters for an operator: none goes that no audit event names.</summary>
/// <param name="view">Where the sources are looked up.</param>
/// <param name="journal">What deletes them.</param>
/// <param name="audit">The event that tells of letters of one source.</param>
internal sealed class DeadLetterRemoval(IJournalView view, IJournalOperator journal, Func<string, IReadOnlyList<string>, EcsEvent> audit)
{
    private IReadOnlyList<SourceKey>? _sources;

    /// <summary>Commits the event where this process collects the source, and says whether it does; null where no source is collected.</summary>
    public Func<string, EcsEvent, CancellationToken, Task<bool>>? TellHereAsync { get; init; }

    /// <summary>Tells of them, then deletes just these. What is told of is deleted also when the caller goes away in between.</summary>
    /// <param name="source">Of all of them, as they say it: <see cref="DeadLetter.SourceText"/>.</param>
    /// <param name="ids">Of which.</param>
    /// <param name="cancellationToken">Ends it before anything is deleted.</param>
    /// <returns>How many of them there were.</returns>
    /// <exception cref="JournalException">The journal takes no event of the source now. Nothing was deleted.</exception>
    public async Task<int> RunAsync(string source, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var told = audit(source, ids);
        if (TellHereAsync is null || !await TellHereAsync(source, told, cancellationToken))
        {
            _sources ??= await view.SourcesAsync(cancellationToken);
            if (_sources.Where(s => DeadLetter.IsOf(source, s)).ToList() is [var key, ..]) await journal.TellAsync(key, told, cancellationToken);
        }

        return await journal.DiscardDeadLettersAsync(ids, CancellationToken.None);
    }
}
