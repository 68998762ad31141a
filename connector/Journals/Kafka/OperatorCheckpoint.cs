using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>Positions changed by hand, as the records of one transaction.</summary>
internal static class OperatorCheckpoint
{
    /// <param name="stored">What the topic says of the source.</param>
    /// <param name="memory">What it knows; not changed.</param>
    /// <param name="partition">Where the records go.</param>
    /// <param name="source">Whose position it is.</param>
    /// <param name="checkpoint">The new position, perhaps of another journal.</param>
    /// <param name="alsoSeen">Events that are to be known from now on, besides those that are known already.</param>
    /// <param name="longestReach">How far back before the present any source may look again: ids of this time are kept.</param>
    public static (long Sequence, IReadOnlyList<OutgoingRecord> Records) Set(
        StoredSource stored,
        SeenMemory memory,
        TopicPartition partition,
        SourceKey source,
        Checkpoint checkpoint,
        IReadOnlyList<SeenEvent> alsoSeen,
        TimeSpan longestReach)
    {
        var added = alsoSeen.Where(s => memory.Find(s.Key) is null).DistinctBy(s => s.Key).ToList();
        var next = WithoutFloors(checkpoint) with { Sequence = stored.Sequence + 1, Source = source };
        var seen = memory.Plan(added, next, longestReach);
        next = next with { KnownFrom = Later(seen.KnownFrom, KnownFrom(checkpoint, memory.Count + added.Count)) };
        return (next.Sequence, [.. CheckpointRecord.Of(partition, source, seen), CheckpointRecord.Of(partition, source, next)]);
    }

    /// <summary>
    /// False for a source that has no position: that it is to be read from its start is written all the same, for one whose position was lost.
    /// </summary>
    public static (bool WasThere, IReadOnlyList<OutgoingRecord> Records) Reset(StoredSource stored, TopicPartition partition, SourceKey source) =>
        (stored.Newest is not null, [CheckpointRecord.Reset(partition, source, System.Environment.MachineName, stored.KnownFrom)]);

    /// <summary>Floors are numbers of commits, and those of the checkpoint may be another journal's: 0 until a walk has found them anew.</summary>
    private static Checkpoint WithoutFloors(Checkpoint checkpoint) => checkpoint.Cursor is { } cursor
        ? checkpoint with { Cursor = cursor with { Floor = 0, Days = [.. cursor.Days.Select(day => day with { Floor = 0 })] } }
        : checkpoint;

    /// <summary>From when on the events that the checkpoint counts are known; null = all of them are. An older build may have exported fewer.</summary>
    private static DateTimeOffset? KnownFrom(Checkpoint checkpoint, long known) =>
        checkpoint.KnownFrom ?? (checkpoint.Totals.Published > known ? StoredSource.OlderKnownFrom(checkpoint) : null);

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => b is null || a > b ? a : b;
}
