using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>Positions changed by hand, as the records of one transaction.</summary>
internal static class OperatorCheckpoint
{
    /// <param name="stored">What the topic says of the source.</param>
    /// <param name="memory">What it knows; not changed.</param>
    /// <param name="partition">Where the records go.</param>
    /// <param name="source">Whose position it is.</param>
    /// <param name="change">What becomes of the position, perhaps of another journal.</param>
    /// <param name="longestReach">How far back before the present any source may look again: ids of this time are kept.</param>
    /// <returns>Without the event that tells of it.</returns>
    public static (long Sequence, IReadOnlyList<OutgoingRecord> Records) Change(
        StoredSource stored, SeenMemory memory, TopicPartition partition, SourceKey source, CheckpointChange change, TimeSpan longestReach)
    {
        if (change.Checkpoint is not { } checkpoint)
        {
            // Also for a source without a position: it may have been lost.
            var reset = CheckpointRecord.Reset(partition, source, System.Environment.MachineName, stored.KnownFrom);
            return (0, [.. change.Told is { } told && IsTold(stored, change) ? Tell(stored, memory, partition, source, told) : [], reset]);
        }

        var added = change.AlsoSeen.Where(s => memory.Find(s.Key) is null).DistinctBy(s => s.Key).ToList();
        var next = WithoutFloors(checkpoint) with { Sequence = stored.Sequence + 1, Source = source };
        var seen = memory.Plan(change.Told is null ? added : [.. added, SeenEvent.Of(change.Told)], next, longestReach);
        next = next with { KnownFrom = Later(seen.KnownFrom, KnownFrom(checkpoint, memory.Count + added.Count)) };
        return (next.Sequence, [.. CheckpointRecord.Of(partition, source, seen), CheckpointRecord.Of(partition, source, next)]);
    }

    /// <summary>Whether the change is told of: a source without a position has no place for it.</summary>
    public static bool IsTold(StoredSource stored, CheckpointChange change) => stored.Newest is not null || change.Checkpoint is not null;

    /// <summary>That the event is known from now on, beside the position.</summary>
    public static IEnumerable<OutgoingRecord> Tell(StoredSource stored, SeenMemory memory, TopicPartition partition, SourceKey source, EcsEvent told) =>
        CheckpointRecord.Of(partition, source, memory.Plan([SeenEvent.Of(told)], stored.Sequence + 1));

    /// <summary>Floors are numbers of commits, and those of the checkpoint may be another journal's: 0 until a walk has found them anew.</summary>
    private static Checkpoint WithoutFloors(Checkpoint checkpoint) => checkpoint.Cursor is { } cursor
        ? checkpoint with { Cursor = cursor with { Floor = 0, Days = [.. cursor.Days.Select(day => day with { Floor = 0 })] } }
        : checkpoint;

    /// <summary>From when on the events that the checkpoint counts are known; null = all of them are. An older build may have exported fewer.</summary>
    private static DateTimeOffset? KnownFrom(Checkpoint checkpoint, long known) =>
        checkpoint.KnownFrom ?? (checkpoint.Totals.Published > known ? StoredSource.OlderKnownFrom(checkpoint) : null);

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => b is null || a > b ? a : b;
}
