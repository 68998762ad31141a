using ActivityConnector.Transforms;

namespace ActivityConnector.Pipeline;

/// <summary>What a person changes in a journal by hand. A writer of the source that is changed is fenced first.</summary>
/// <remarks>Thread-safe. Each change is there as a whole or not at all, and durable when the call returns.</remarks>
public interface IJournalOperator : IAsyncDisposable
{
    /// <inheritdoc cref="IJournal.AgentId"/>
    Guid AgentId { get; }

    /// <summary>Commits an event that tells of a change which is made in another way. The position stays; does nothing for a source without one.</summary>
    ValueTask TellAsync(SourceKey source, EcsEvent told, CancellationToken cancellationToken);

    /// <summary>Sets a source's position under the next sequence number, which it gives back.</summary>
    /// <param name="alsoSeen">Events that are to be known when they are read again, besides those that are known already.</param>
    ValueTask<long> SetCheckpointAsync(
        SourceKey source, Checkpoint checkpoint, IReadOnlyList<SeenEvent> alsoSeen, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets a source's position: it is read from the start again, and what the journal still knows is not published twice.
    /// False if there is no such source.
    /// </summary>
    ValueTask<bool> ResetCheckpointAsync(SourceKey source, CancellationToken cancellationToken);

    /// <summary>Deletes the dead letters with these ids permanently, and no others, and returns how many of them there were.</summary>
    ValueTask<int> DiscardDeadLettersAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);
}
