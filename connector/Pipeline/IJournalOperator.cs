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

    /// <summary>Changes a source's position, together with the event that tells of it: no commit of another writer comes between.</summary>
    /// <param name="change">
    /// Is given the position as it is stored by then, damaged or not, null when there is none; and the number of the next one. Where it throws, nothing
    /// is changed.
    /// </param>
    /// <returns>The number under which the position is stored; 0 when it was forgotten.</returns>
    ValueTask<long> ChangeAsync(SourceKey source, Func<byte[]?, long, CheckpointChange> change, CancellationToken cancellationToken);

    /// <summary>Deletes the dead letters with these ids permanently, and no others, and returns how many of them there were.</summary>
    ValueTask<int> DiscardDeadLettersAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);
}

/// <summary>What becomes of a source's position.</summary>
/// <param name="Checkpoint">
/// Is stored under the next number. Null = the position is forgotten: the source is read from its start again, and what the journal still knows is not
/// published twice.
/// </param>
/// <param name="Told">Tells of the change; left out for a source that has no position before it and none after it.</param>
public sealed record CheckpointChange(Checkpoint? Checkpoint, EcsEvent? Told)
{
    /// <summary>Events that are to be known when they are read again, besides those that are known already.</summary>
    public IReadOnlyList<SeenEvent> AlsoSeen { get; init; } = [];
}
