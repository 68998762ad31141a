using System.Text;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using Confluent.Kafka;

namespace ActivityConnector.Tests.World;

/// <summary>What a cluster holds: a topic of events, a compacted topic of checkpoints and known ids, and the fences of writers.</summary>
internal sealed class KafkaLog(Random random)
{
    private readonly Dictionary<SourceKey, int> _epochs = [];
    private readonly Dictionary<string, int> _readers = [];
    private List<Message<byte[], byte[]?>> _checkpoints = [];

    public List<Message<byte[], byte[]?>> Events { get; } = [];

    public HashSet<string> DeadLetters { get; } = [];

    public Guid ClusterId { get; } = new("6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11");

    public int Fence(SourceKey source) => _epochs[source] = _epochs.GetValueOrDefault(source) + 1;

    /// <exception cref="JournalFencedException">Another producer was opened since.</exception>
    public void Commit(
        SourceKey source,
        int epoch,
        IEnumerable<OutgoingRecord> events,
        IEnumerable<DeadLetter> letters,
        IEnumerable<OutgoingRecord> checkpoints,
        DateTimeOffset at)
    {
        if (epoch != _epochs[source]) throw new JournalFencedException($"A newer writer owns {source}.", "Nothing.");

        Events.AddRange(events.Select(e => Message(e, at)));
        DeadLetters.UnionWith(letters.Select(letter => letter.Id));
        _checkpoints.AddRange(checkpoints.Select(c => Message(c, at)));
        if (random.Is(0.1)) Compact();
    }

    public StoredSource Read(SourceKey source)
    {
        var stored = new StoredSource(source);
        foreach (var message in _checkpoints)
        {
            if (CheckpointRecord.Parse(message) is var (of, segment) && of == source) stored.Take(message, segment);
        }

        return stored;
    }

    public int Position(string reader) => _readers.GetValueOrDefault(reader);

    public void Acknowledge(string reader, int position) => _readers[reader] = Math.Max(Position(reader), position);

    private static Message<byte[], byte[]?> Message(OutgoingRecord record, DateTimeOffset at)
    {
        var message = record.ToMessage();
        message.Timestamp = new Timestamp(record.Time ?? at);
        return message;
    }

    /// <summary>Of each key the newest record stays; a deletion goes with what it deleted.</summary>
    private void Compact() => _checkpoints =
        [
            .. _checkpoints.Index()
                .GroupBy(m => Encoding.UTF8.GetString(m.Item.Key)).Select(same => same.Last())
                .OrderBy(m => m.Index).Select(m => m.Item).Where(m => m.Value is not null),
        ];
}

/// <summary>The Kafka journal's own records and memory over a <see cref="KafkaLog"/>; only the client is not the real one.</summary>
internal sealed class KafkaLogJournal(KafkaLog log, TimeProvider time, TimeSpan reread) : IJournal, IJournalOperator
{
    /// <summary>Small, so that ids are forgotten in histories as short as these.</summary>
    private const int Rewritten = 4;
    private const int FewestNew = 8;

    public int MaxEventBytes => 900_000;

    public Guid AgentId => log.ClusterId;

    public ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken)
    {
        // The fence first, then the reading back.
        var epoch = log.Fence(source);
        var stored = log.Read(source);
        var checkpoint = stored.Recover(() => log.Events.Count > 0);
        return ValueTask.FromResult<IJournalWriter>(
            new Writer(this, source, epoch, checkpoint, checkpoint is null && stored.WasReset, Memory(stored)));
    }

    public ValueTask<long> ChangeAsync(SourceKey source, Func<byte[]?, long, CheckpointChange> change, CancellationToken cancellationToken)
    {
        var (epoch, stored) = (log.Fence(source), log.Read(source));
        var changed = change(stored.Newest, stored.Sequence + 1);
        var (sequence, records) = OperatorCheckpoint.Change(stored, Memory(stored), Writer.Checkpoints, source, changed, reread);
        OutgoingRecord[] events = changed.Told is { } told && OperatorCheckpoint.IsTold(stored, changed) ? [Told(source, told)] : [];
        log.Commit(source, epoch, events, [], records, time.GetUtcNow());
        return ValueTask.FromResult(sequence);
    }

    public ValueTask TellAsync(SourceKey source, EcsEvent told, CancellationToken cancellationToken)
    {
        var (epoch, stored) = (log.Fence(source), log.Read(source));
        log.Commit(source, epoch, [Told(source, told)], [], OperatorCheckpoint.Tell(stored, Memory(stored), Writer.Checkpoints, source, told), told.Time);
        return ValueTask.CompletedTask;
    }

    public ValueTask<int> DiscardDeadLettersAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        ValueTask.FromResult(ids.Count(log.DeadLetters.Remove));

    public ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        log.DeadLetters.UnionWith(letters.Select(letter => letter.Id));
        return ValueTask.CompletedTask;
    }

    public ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IJournalReader>(new Reader(log, reader));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Writer(KafkaLogJournal journal, SourceKey source, int epoch, Checkpoint? checkpoint, bool wasReset, SeenMemory seen) : IJournalWriter
    {
        public static readonly TopicPartition Checkpoints = new("activity.checkpoints", 0);

        private readonly EventRecord _events = new(source, "activity." + source.Source, KafkaKey.Actor);

        public SourceKey Source => source;

        public Checkpoint? Checkpoint { get; private set; } = checkpoint;

        public bool WasReset => wasReset && Checkpoint is null;

        public ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IReadOnlyList<EventKey> keys, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<KnownEvent?>>([.. keys.Select(seen.Find)]);

        public ValueTask CommitAsync(JournalCommit commit, CancellationToken cancellationToken)
        {
            if (commit.Events.Select(EventKey.Of).FirstOrDefault(key => seen.Find(key) is not null) is var known && known != default)
            {
                throw new InvalidOperationException($"The event {known} is already in the journal.");
            }

            var change = seen.Plan([.. commit.Events.Select(SeenEvent.Of)], commit.Checkpoint, journal.Reread);
            var checkpoint = commit.Checkpoint with { KnownFrom = change.KnownFrom };
            journal.Log.Commit(
                source,
                epoch,
                commit.Events.Select(e => _events.Of(e, checkpoint.CommittedAt)).ToList(),
                commit.DeadLetters,
                CheckpointRecord.Of(Checkpoints, source, change).Append(CheckpointRecord.Of(Checkpoints, source, checkpoint)).ToList(),
                journal.Time.GetUtcNow());
            seen.Apply(change);
            Checkpoint = checkpoint;
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Reader(KafkaLog log, string name) : IJournalReader
    {
        private int _position = log.Position(name);

        public ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(int maxEvents, CancellationToken cancellationToken)
        {
            var found = log.Events.Skip(_position).Take(maxEvents).Select((m, i) => FoundEvent.Of(m, VendorOf(m), _position + i + 1));
            List<JournalEvent> events = [.. found.Select(f => f.Event!)];
            _position += events.Count;
            return ValueTask.FromResult<IReadOnlyList<JournalEvent>>(events);
        }

        private static string VendorOf(Message<byte[], byte[]?> message) => EventRecord.SourceOf(message.Headers)!.Value.Source;

        public ValueTask AcknowledgeAsync(JournalEvent last, CancellationToken cancellationToken)
        {
            log.Acknowledge(name, (int)last.Position);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private static SeenMemory Memory(StoredSource stored) => stored.Memory(rewritten: Rewritten, fewestNew: FewestNew);

    private static OutgoingRecord Told(SourceKey source, EcsEvent told) =>
        new EventRecord(source, "activity." + source.Source, KafkaKey.Actor).Of(told, told.Time);

    private KafkaLog Log => log;

    private TimeProvider Time => time;

    private TimeSpan Reread => reread;
}
