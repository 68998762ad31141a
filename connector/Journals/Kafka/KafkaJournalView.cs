using System.Runtime.CompilerServices;
using ActivityConnector.Pipeline;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Journals.Kafka;

/// <summary>A look into the topics while a connector may be writing to them; sees what is committed.</summary>
/// <remarks>Thread-safe: each question has a connection of its own.</remarks>
public sealed class KafkaJournalView : IJournalView
{
    private const int Stride = 1_000;

    /// <summary>Dead letters in memory at a time: as many as have 32 MB at most.</summary>
    private const int MostLetters = 500;

    private const string NoLetter = "it is no dead letter";

    private readonly KafkaClients _clients;
    private readonly IReadOnlyCollection<string> _sources;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private LeftOutRecords? _leftOut;

    /// <param name="sources">The vendors whose topics are looked at.</param>
    public KafkaJournalView(KafkaOptions options, IReadOnlyCollection<string> sources, TimeProvider time)
    {
        _clients = new KafkaClients(options, NullLogger.Instance);
        _sources = sources;
        _time = time;
    }

    /// <inheritdoc/>
    public LeftOutRecords? LeftOut
    {
        get
        {
            lock (_gate)
            {
                return _leftOut;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SourceKey>> SourcesAsync(CancellationToken cancellationToken) => AskAsync<IReadOnlyList<SourceKey>>(
        reading => [.. CheckpointsTopic.ReadAll(_clients.Topics, reading, LeaveOut, cancellationToken)
            .Where(s => s.Value.Newest is not null).Select(s => s.Key).OrderBy(s => s.ToString(), StringComparer.Ordinal)],
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<byte[]?> CheckpointAsync(SourceKey source, CancellationToken cancellationToken) =>
        AskAsync(reading => CheckpointsTopic.Read(source, _clients.Topics, reading, cancellationToken).Newest, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SeenEvent> SeenAsync(SourceKey source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var memory = await AskAsync(reading => CheckpointsTopic.Read(source, _clients.Topics, reading, cancellationToken).Memory(), cancellationToken);
        foreach (var seen in memory.All()) yield return seen;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DeadLetter> DeadLettersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var thread = await OpenAsync();
        var open = await thread.RunAsync(
            reading => DeadLetterTopic.Open(_clients.Topics, reading, _ => true, cancellationToken).Select(letter => letter.Place.Offset).ToList(),
            cancellationToken);
        foreach (var places in open.Chunk(MostLetters))
        {
            var records = await thread.RunAsync(reading => DeadLetterTopic.At(_clients.Topics, reading, places, cancellationToken), cancellationToken);
            foreach (var record in records)
            {
                if (DeadLetterRecord.Read(record.Message) is { } letter)
                {
                    yield return letter;
                }
                else
                {
                    LeaveOut(record.TopicPartitionOffset, NoLetter);
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<DeadLetterStage, long>> OpenDeadLettersAsync(CancellationToken cancellationToken)
    {
        var open = await AskAsync(
            reading => DeadLetterTopic.Open(_clients.Topics, reading, message => DeadLetterRecord.Read(message)?.Stage, cancellationToken).ToList(),
            cancellationToken);
        foreach (var (place, _) in open.Where(letter => letter.Letter is null)) LeaveOut(place, NoLetter);

        return open.Where(letter => letter.Letter is not null).CountBy(letter => letter.Letter!.Value).ToDictionary(pair => pair.Key, pair => (long)pair.Value);
    }

    /// <inheritdoc/>
    public async ValueTask<DeadLetter?> DeadLetterAsync(string id, CancellationToken cancellationToken) =>
        await AskAsync(
            reading => DeadLetterTopic.Open(_clients.Topics, reading, m => DeadLetterRecord.IdOf(m) == id ? DeadLetterRecord.Read(m) : null, cancellationToken)
                .Select(letter => letter.Letter).FirstOrDefault(letter => letter is not null),
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Backlog?> BacklogAsync(string reader, CancellationToken cancellationToken) => await AskAsync<Backlog?>(
        reading =>
        {
            var partitions = _sources.SelectMany(source => reading.Partitions(_clients.Topics.Events(source))).ToList();
            var acknowledged = reading.Acknowledged(_clients.Topics.ReaderGroup(reader), partitions, cancellationToken);
            if (acknowledged.Count == 0) return null;

            var waiting = 0L;
            foreach (var partition in partitions)
            {
                var (first, end) = reading.Bounds(partition, cancellationToken);
                waiting += end - Math.Max(first, acknowledged.GetValueOrDefault(partition, first));
            }

            return new Backlog(Math.Max(0, waiting), null);
        },
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JournalEvent>> LatestAsync(
        EventFilter filter, string? text, int count, CancellationToken cancellationToken) => AskAsync<IReadOnlyList<JournalEvent>>(
        reading =>
        {
            var partitions = _sources.SelectMany(source => reading.Partitions(_clients.Topics.Events(source))).ToList();
            var (latest, position) = (new List<JournalEvent>(), 0L);
            foreach (var partition in partitions)
            {
                var vendor = _clients.Topics.VendorOf(partition.Topic);
                var (first, end) = reading.Bounds(partition, cancellationToken);
                var from = Math.Max(first, end - (IJournalView.MostSearched / partitions.Count));
                foreach (var record in reading.Read(partition, from, cancellationToken))
                {
                    if (FoundEvent.Of(record.Message, vendor, ++position).Event is { } e && filter.Accepts(e) && EitherJournal.Holds(e, text)) latest.Add(e);

                    if (latest.Count > 2 * count) latest = Newest(latest);
                }
            }

            return Newest(latest);

            List<JournalEvent> Newest(List<JournalEvent> events) =>
                [.. events.OrderByDescending(e => e.CommittedAt).ThenByDescending(e => e.Position).Take(count)];
        },
        cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<JournalEvent> EventsAsync(EventFilter filter, TimeProvider? follow, CancellationToken cancellationToken) =>
        EventsAsync([], filter, follow, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalEvent> WaitingAsync(
        string reader, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var acknowledged = await AskAsync(
            reading => reading.Acknowledged(
                _clients.Topics.ReaderGroup(reader), [.. _sources.SelectMany(source => reading.Partitions(_clients.Topics.Events(source)))], cancellationToken),
            cancellationToken);
        var next = acknowledged.ToDictionary(pair => pair.Key, pair => new Offset(pair.Value));
        await foreach (var e in EventsAsync(next, filter, follow: null, cancellationToken)) yield return e;
    }

    /// <inheritdoc/>
    public ValueTask<DeletedEvents> DeletedAsync(SourceKey source, CancellationToken cancellationToken) => AskAsync(
        reading =>
        {
            DateTimeOffset? until = null;
            foreach (var partition in reading.Partitions(_clients.Topics.Events(source.Source)))
            {
                // From offset 0 on it holds all that was ever committed to it.
                if (reading.Bounds(partition, cancellationToken).First == 0) continue;

                var first = reading.Read(partition, null, cancellationToken).FirstOrDefault();
                var bound = first is null ? DateTimeOffset.MaxValue : FoundEvent.CommittedAt(first.Message);
                bound = bound < DateTimeOffset.MaxValue - DeletedEvents.Disorder ? bound + DeletedEvents.Disorder : DateTimeOffset.MaxValue;
                until = bound > until ? bound : until ?? bound;
            }

            return new DeletedEvents(until, null);
        },
        cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <param name="next">Where each partition is read from; its beginning where it is not named.</param>
    private async IAsyncEnumerable<JournalEvent> EventsAsync(
        Dictionary<TopicPartition, Offset> next, EventFilter filter, TimeProvider? follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var thread = await OpenAsync();
        var position = 0L;
        while (true)
        {
            // Asked each time: there may be more of them by now.
            var partitions = await thread.RunAsync(
                reading => _sources.SelectMany(source => reading.Partitions(_clients.Topics.Events(source))).ToList(), cancellationToken);
            foreach (var partition in partitions)
            {
                var vendor = _clients.Topics.VendorOf(partition.Topic);
                Offset? from = next.TryGetValue(partition, out var offset) ? offset : null;
                var records = await thread.RunAsync(reading => reading.Read(partition, from, cancellationToken).GetEnumerator(), cancellationToken);
                while (await thread.RunAsync(_ => NextRecords(records), cancellationToken) is { Count: > 0 } some)
                {
                    foreach (var record in some)
                    {
                        next[partition] = record.Offset + 1;
                        var found = FoundEvent.Of(record.Message, vendor, ++position);
                        if (found.Trouble is { } trouble) LeaveOut(record.TopicPartitionOffset, trouble);

                        if (found.Event is { } e && filter.Accepts(e)) yield return e;
                    }
                }
            }

            if (follow is null) yield break;

            // A partition is read to its end and let go: the client does not report that it has grown.
            await Task.Delay(EitherJournal.FollowEvery, follow, cancellationToken);
        }
    }

    private static List<ConsumeResult<byte[], byte[]?>> NextRecords(IEnumerator<ConsumeResult<byte[], byte[]?>> records)
    {
        var some = new List<ConsumeResult<byte[], byte[]?>>(Stride);
        while (some.Count < Stride && records.MoveNext()) some.Add(records.Current);

        return some;
    }

    private void LeaveOut(TopicPartitionOffset record, string trouble)
    {
        lock (_gate)
        {
            _leftOut = _leftOut is { } before
                ? before with { Count = before.Count + 1 }
                : new LeftOutRecords(1, $"{DeadLetterRecord.PlaceOf(record)}: {trouble}");
        }
    }

    private async ValueTask<T> AskAsync<T>(Func<TopicReading, T> question, CancellationToken cancellationToken)
    {
        await using var thread = await OpenAsync();
        return await thread.RunAsync(question, cancellationToken);
    }

    private ValueTask<WorkThread<TopicReading>> OpenAsync() =>
        WorkThread<TopicReading>.OpenAsync("journal view", () => new TopicReading(_clients, _time));
}
