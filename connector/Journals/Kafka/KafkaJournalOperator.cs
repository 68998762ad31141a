using ActivityConnector.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Journals.Kafka;

/// <summary>Positions and dead letters changed by hand. A running collector of the source is fenced and finds the change when it comes back.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class KafkaJournalOperator : IJournalOperator
{
    private readonly KafkaClients _clients;
    private readonly TopicSetup _setup;
    private readonly TimeSpan _reread;
    private readonly TimeProvider _time;

    /// <param name="reread">How far back before the present any source may look again: ids of this time are kept.</param>
    public KafkaJournalOperator(KafkaOptions options, JournalOptions journal, IReadOnlyCollection<string> sources, TimeSpan reread, TimeProvider time)
    {
        _clients = new KafkaClients(options, NullLogger.Instance);
        _setup = new TopicSetup(_clients, journal.Retention, sources, time);
        _reread = reread;
        _time = time;
    }

    /// <inheritdoc/>
    public ValueTask<long> SetCheckpointAsync(
        SourceKey source, Checkpoint checkpoint, IReadOnlyList<SeenEvent> alsoSeen, CancellationToken cancellationToken) => ChangeAsync(
        source,
        stored =>
        {
            var memory = stored.Memory();
            var added = alsoSeen.Where(s => memory.Find(s.Key) is null).DistinctBy(s => s.Key).ToList();
            var next = WithoutFloors(checkpoint) with
            {
                Sequence = stored.Sequence + 1,
                Source = checkpoint.Source with { Type = source.Source, Account = source.Account },
            };
            var seen = memory.Plan(added, next, _reread);
            next = next with { KnownFrom = Later(seen.KnownFrom, KnownFrom(checkpoint, memory.Count + added.Count)) };
            var partition = _clients.Topics.CheckpointPartition(source);
            return (next.Sequence, CheckpointRecord.Of(partition, source, seen).Append(CheckpointRecord.Of(partition, source, next)));
        },
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ResetCheckpointAsync(SourceKey source, CancellationToken cancellationToken) => ChangeAsync(
        source,
        stored => stored.Newest is null
            ? (false, [])
            : (true, new[] { CheckpointRecord.Reset(_clients.Topics.CheckpointPartition(source), source, System.Environment.MachineName, stored.KnownFrom) }.AsEnumerable()),
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<bool> DiscardDeadLetterAsync(string id, CancellationToken cancellationToken) =>
        await DiscardAsync(known => known == id, cancellationToken) > 0;

    /// <inheritdoc/>
    public ValueTask<int> DiscardDeadLettersAsync(CancellationToken cancellationToken) => DiscardAsync(_ => true, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Floors are numbers of commits, and those of the checkpoint may be another journal's: 0 until a walk has found them anew.</summary>
    private static Checkpoint WithoutFloors(Checkpoint checkpoint) => checkpoint.Cursor is { } cursor
        ? checkpoint with { Cursor = cursor with { Floor = 0, Days = [.. cursor.Days.Select(day => day with { Floor = 0 })] } }
        : checkpoint;

    /// <summary>From when on the events that the checkpoint counts are known; null = all of them are. An older build may have exported fewer.</summary>
    private static DateTimeOffset? KnownFrom(Checkpoint checkpoint, long known) =>
        checkpoint.KnownFrom ?? (checkpoint.Totals.Published > known ? StoredSource.OlderKnownFrom(checkpoint) : null);

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => b is null || a > b ? a : b;

    /// <summary>One transaction under the source's own id: whoever writes it now is fenced, and what it had open is decided first.</summary>
    private async ValueTask<T> ChangeAsync<T>(
        SourceKey source, Func<StoredSource, (T Answer, IEnumerable<OutgoingRecord> Records)> change, CancellationToken cancellationToken)
    {
        await _setup.EnsureAsync(cancellationToken);
        await using var thread = await WorkThread<TransactionalProducer>.OpenAsync(
            $"change of {source}", () => TransactionalProducer.Open(source, _clients, _time, cancellationToken));
        return await thread.RunAsync(
            producer =>
            {
                using var reading = new TopicReading(_clients, _time);
                var (answer, records) = change(CheckpointsTopic.Read(source, _clients.Topics, reading, cancellationToken));
                var changed = records.ToList();
                if (changed.Count > 0)
                {
                    producer.Commit(changed, cancellationToken);
                }

                return answer;
            },
            cancellationToken);
    }

    private async ValueTask<int> DiscardAsync(Func<string, bool> which, CancellationToken cancellationToken)
    {
        await _setup.EnsureAsync(cancellationToken);
        await using var thread = await WorkThread<TopicReading>.OpenAsync("dead letters", () => new TopicReading(_clients, _time));
        var ids = await thread.RunAsync(reading => DeadLetterTopic.Places(_clients.Topics, reading, cancellationToken).Values.Where(which).ToList(), cancellationToken);
        await DeadLetterTopic.WriteAsync(_clients, ids.Select(id => DeadLetterRecord.Discard(_clients.Topics.DeadLetterPartition, id)), cancellationToken);
        return ids.Count;
    }
}
