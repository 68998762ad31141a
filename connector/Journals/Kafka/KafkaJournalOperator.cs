using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Journals.Kafka;

/// <summary>Positions and dead letters changed by hand. A running collector of the source is fenced and finds the change when it comes back.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class KafkaJournalOperator : IJournalOperator
{
    private readonly KafkaClients _clients;
    private readonly TopicSetup _setup;
    private readonly TimeSpan _longestReach;
    private readonly TimeProvider _time;

    /// <param name="longestReach">How far back before the present any source may look again: ids of this time are kept.</param>
    public KafkaJournalOperator(KafkaOptions options, JournalOptions journal, IReadOnlyCollection<string> sources, TimeSpan longestReach, TimeProvider time)
    {
        _clients = new KafkaClients(options, NullLogger.Instance);
        _setup = new TopicSetup(_clients, journal.Retention, sources, time);
        _longestReach = longestReach;
        _time = time;
        AgentId = KafkaJournal.IdOf(options);
    }

    /// <inheritdoc cref="KafkaJournal.EventSchema"/>
    public string EventSchema { get; init; } = "";

    /// <inheritdoc/>
    public Guid AgentId { get; }

    /// <inheritdoc/>
    public async ValueTask TellAsync(SourceKey source, EcsEvent told, CancellationToken cancellationToken) => await ChangeAsync(
        source,
        (stored, partition, events) =>
            (0, stored.Newest is null ? [] : [events.Of(told, told.Time), .. OperatorCheckpoint.Tell(stored, Memory(stored), partition, source, told)]),
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> ChangeAsync(SourceKey source, Func<byte[]?, long, CheckpointChange> change, CancellationToken cancellationToken) => ChangeAsync(
        source,
        (stored, partition, events) =>
        {
            var changed = change(stored.Newest, stored.Sequence + 1);
            var (sequence, records) = OperatorCheckpoint.Change(stored, Memory(stored), partition, source, changed, _longestReach);
            return (sequence, changed.Told is { } told && OperatorCheckpoint.IsTold(stored, changed) ? [events.Of(told, told.Time), .. records] : records);
        },
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<int> DiscardDeadLettersAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await _setup.EnsureAsync(cancellationToken);
        await using var thread = await WorkThread<TopicReading>.OpenAsync("dead letters", () => new TopicReading(_clients, _time));
        var wanted = ids.ToHashSet();
        var open = await thread.RunAsync(
            reading => DeadLetterTopic.Open(_clients.Topics, reading, DeadLetterRecord.IdOf, cancellationToken)
                .Select(letter => letter.Letter).Where(wanted.Contains).ToList(),
            cancellationToken);
        var topic = _clients.Topics.DeadLetterPartition;
        await DeadLetterTopic.WriteAsync(_clients, _ => open.Select(id => DeadLetterRecord.Discard(topic, id)), cancellationToken);
        return open.Count;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private SeenMemory Memory(StoredSource stored) => stored.Memory(_clients.MaxEventBytes);

    /// <summary>One transaction under the source's own id: the present writer is fenced, and what it had open is decided first.</summary>
    private async ValueTask<long> ChangeAsync(
        SourceKey source,
        Func<StoredSource, TopicPartition, EventRecord, (long Sequence, IReadOnlyList<OutgoingRecord> Records)> change,
        CancellationToken cancellationToken)
    {
        await _setup.EnsureAsync(cancellationToken);
        var topic = _clients.Topics.Events(source.Source);
        var schemas = await new ValueSchemas(_clients.Options, _setup.Sources, EventSchema, _time).EnsureAsync(cancellationToken);
        var events = new EventRecord(source, topic, _clients.Options.Key, schemas.TryGetValue(topic, out var id) ? id : null);
        await using var thread = await WorkThread<TransactionalProducer>.OpenAsync(
            $"change of {source}", () => TransactionalProducer.Open(source, _clients, _time, cancellationToken));
        return await thread.RunAsync(
            producer =>
            {
                using var reading = new TopicReading(_clients, _time);
                var stored = CheckpointsTopic.Read(source, _clients.Topics, reading, cancellationToken);
                var (sequence, records) = change(stored, _clients.Topics.CheckpointPartition(source), events);
                if (records.Count > 0) producer.Commit(records, cancellationToken);

                return sequence;
            },
            cancellationToken);
    }
}
