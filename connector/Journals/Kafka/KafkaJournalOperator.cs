using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
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
    public async ValueTask TellAsync(SourceKey source, EcsEvent told, CancellationToken cancellationToken)
    {
        await _setup.EnsureAsync(cancellationToken);
        var topic = _clients.Topics.Events(source.Source);
        var schemas = await new ValueSchemas(_clients.Options, _setup.Sources, EventSchema, _time).EnsureAsync(cancellationToken);
        var record = new EventRecord(source, topic, _clients.Options.Key, schemas.TryGetValue(topic, out var id) ? id : null).Of(told, told.Time);
        await ChangeAsync<int>(source, stored => (0, stored.Newest is null ? [] : [record]), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> SetCheckpointAsync(
        SourceKey source, Checkpoint checkpoint, IReadOnlyList<SeenEvent> alsoSeen, CancellationToken cancellationToken) => ChangeAsync(
        source,
        stored => OperatorCheckpoint.Set(
            stored, stored.Memory(_clients.MaxEventBytes), _clients.Topics.CheckpointPartition(source), source, checkpoint, alsoSeen, _longestReach),
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ResetCheckpointAsync(SourceKey source, CancellationToken cancellationToken) => ChangeAsync(
        source,
        stored => OperatorCheckpoint.Reset(stored, _clients.Topics.CheckpointPartition(source), source),
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

    /// <summary>One transaction under the source's own id: the present writer is fenced, and what it had open is decided first.</summary>
    private async ValueTask<T> ChangeAsync<T>(
        SourceKey source, Func<StoredSource, (T Answer, IReadOnlyList<OutgoingRecord> Records)> change, CancellationToken cancellationToken)
    {
        await _setup.EnsureAsync(cancellationToken);
        await using var thread = await WorkThread<TransactionalProducer>.OpenAsync(
            $"change of {source}", () => TransactionalProducer.Open(source, _clients, _time, cancellationToken));
        return await thread.RunAsync(
            producer =>
            {
                using var reading = new TopicReading(_clients, _time);
                var (answer, records) = change(CheckpointsTopic.Read(source, _clients.Topics, reading, cancellationToken));
                if (records.Count > 0) producer.Commit(records, cancellationToken);

                return answer;
            },
            cancellationToken);
    }
}
