using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Shared;

internal static class JournalOperatorExtensions
{
    /// <summary>Sets a source's position, whatever it was, and tells of it nowhere.</summary>
    public static ValueTask<long> SetCheckpointAsync(
        this IJournalOperator journal, SourceKey source, Checkpoint checkpoint, IReadOnlyList<SeenEvent> alsoSeen, CancellationToken cancellationToken) =>
        journal.ChangeAsync(source, (_, _) => new(checkpoint, null) { AlsoSeen = alsoSeen }, cancellationToken);
}
