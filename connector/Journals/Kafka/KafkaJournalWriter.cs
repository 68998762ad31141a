using System.Diagnostics;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The writer of one source: each commit is one transaction of events, dead letters, known ids and, last, the checkpoint.</summary>
internal sealed class KafkaJournalWriter : IJournalWriter
{
    private readonly KafkaJournal _journal;
    private readonly EventRecord _events;
    private readonly HashSet<string> _deadLetters = [];
    private WorkThread<TransactionalProducer> _thread;
    private readonly bool _wasReset;
    private SeenMemory _seen;

    public KafkaJournalWriter(KafkaJournal journal, SourceKey source, RecoveredSource recovered)
    {
        _journal = journal;
        Source = source;
        _events = journal.EventsOf(source);
        (_thread, Checkpoint, _wasReset, _seen) = (recovered.Producer, recovered.Checkpoint, recovered.WasReset, recovered.Seen);
    }

    public SourceKey Source { get; }

    public Checkpoint? Checkpoint { get; private set; }

    public bool WasReset => _wasReset && Checkpoint is null;

    public ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IReadOnlyList<EventKey> keys, CancellationToken cancellationToken)
    {
        var found = new KnownEvent?[keys.Count];
        for (var i = 0; i < found.Length; i++) found[i] = _seen.Find(keys[i]);

        return ValueTask.FromResult<IReadOnlyList<KnownEvent?>>(found);
    }

    public void RequireOwned() => _journal.Shared?.Require(Source);

    public async ValueTask CommitAsync(JournalCommit commit, CancellationToken cancellationToken)
    {
        RefuseStranger(commit.Checkpoint);
        RefuseKnown(commit);
        var shared = _journal.Shared;
        shared?.BeginCommit(Source);
        try
        {
            await WriteAsync(commit, cancellationToken);
        }
        catch (JournalException e)
        {
            _journal.Failed(e);
            throw;
        }
        finally
        {
            shared?.EndCommit(Source);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _journal.Closed(this);
        await _thread.DisposeAsync();
    }

    private async ValueTask WriteAsync(JournalCommit commit, CancellationToken cancellationToken)
    {
        if (await _thread.RunAsync(producer => producer.IsOutdated(), cancellationToken)) await RenewAsync(cancellationToken);

        try
        {
            await SendAsync(commit, cancellationToken);
        }
        catch (JournalUnavailableException e) when (e.InnerException is KafkaException { Error.Code: ErrorCode.InvalidProducerIdMapping })
        {
            // The source was idle for so long that the cluster forgot its id, and refused the transaction. That nothing of it is there is read back.
            await RenewAsync(cancellationToken);
            await SendAsync(commit, cancellationToken);
        }
    }

    private async ValueTask SendAsync(JournalCommit commit, CancellationToken cancellationToken)
    {
        var letters = commit.DeadLetters.Where(letter => !_deadLetters.Contains(letter.Id)).DistinctBy(letter => letter.Id).ToList();
        var seen = _seen.Plan([.. commit.Events.Select(SeenEvent.Of)], commit.Checkpoint, _journal.LongestReach);
        var checkpoint = commit.Checkpoint with { KnownFrom = seen.KnownFrom };
        var most = await _thread.RunAsync(producer => producer.MaxEventBytes, cancellationToken);
        var spans = _journal.RecordSpans.Create(commit.Events, _events.Topic, _events.Describe);
        using var send = Spans.Start($"send {_events.Topic}", ActivityKind.Client, Spans.LinksTo(spans));
        var started = _journal.Clock.GetTimestamp();
        try
        {
            var sent = await _thread.RunAsync(
                producer => producer.Commit(Records(commit.Events, spans, letters, seen, checkpoint, most), cancellationToken), cancellationToken);
            send.SetMessaging(_events.Topic, "send", "send");
            send?.SetTag(Spans.MessageCount, sent);
            Instruments.Messaged("send", _journal.Clock.GetElapsedTime(started));
        }
        catch (JournalMisconfiguredException e) when (KafkaFailure.IsOfSize(e) && _journal.LowerMaxEventBytes(most))
        {
            send.Fail(e);
            throw new JournalLimitException(e.Message, e.Fix, e);
        }
        catch (Exception e)
        {
            send.Fail(e);
            throw;
        }

        var known = _seen.Count;
        _seen.Apply(seen);
        Instruments.Committed(Source, _events.Topic, commit.Events.Count, _seen.Count, known + commit.Events.Count - _seen.Count);
        _deadLetters.UnionWith(letters.Select(letter => letter.Id));
        Checkpoint = checkpoint;
    }

    private IEnumerable<OutgoingRecord> Records(
        IReadOnlyList<EcsEvent> events, IReadOnlyList<ActivityContext> spans, List<DeadLetter> letters, SeenChange seen, Checkpoint checkpoint, int most)
    {
        var topics = _journal.Topics;
        var checkpoints = topics.CheckpointPartition(Source);
        return events.Select((e, i) => _events.Of(e, checkpoint.CommittedAt, i < spans.Count ? spans[i] : default))
            .Concat(letters.Select(letter => DeadLetterRecord.Of(topics.DeadLetterPartition, letter, most)))
            .Concat(CheckpointRecord.Of(checkpoints, Source, seen))
            .Append(CheckpointRecord.Of(checkpoints, Source, checkpoint));
    }

    private void RefuseStranger(Checkpoint checkpoint)
    {
        if (checkpoint.Source != Source) throw new ArgumentException($"The checkpoint is not of {Source}.", nameof(checkpoint));

        if (checkpoint.Sequence != (Checkpoint?.Sequence ?? 0) + 1)
        {
            throw new JournalCorruptException(
                $"The checkpoint of {Source} has number {checkpoint.Sequence} where {(Checkpoint?.Sequence ?? 0) + 1} follows.",
                "Start the connector again; report it if it comes again.");
        }
    }

    private void RefuseKnown(JournalCommit commit)
    {
        var inCommit = new HashSet<EventKey>(commit.Events.Count);
        foreach (var e in commit.Events)
        {
            var key = EventKey.Of(e);
            if (_seen.Find(key) is not null || !inCommit.Add(key))
            {
                throw new InvalidOperationException($"The event {e.Id} is already in the journal.");
            }
        }
    }

    /// <summary>Another client, which fences the one before and reads back; no other writer may have written meanwhile.</summary>
    private async ValueTask RenewAsync(CancellationToken cancellationToken)
    {
        await _thread.DisposeAsync();
        var recovered = await _journal.RecoverAsync(Source, cancellationToken);
        _thread = recovered.Producer;
        if (recovered.Checkpoint?.Sequence != Checkpoint?.Sequence)
        {
            throw new JournalFencedException(
                $"{Source} was written by another process while its client was renewed.", "Nothing, if it was taken over on purpose.");
        }

        _seen = recovered.Seen;
    }
}

/// <summary>A source as its new writer finds it: no other writer can write it any more, and this is what was committed.</summary>
internal sealed record RecoveredSource(WorkThread<TransactionalProducer> Producer, Checkpoint? Checkpoint, bool WasReset, SeenMemory Seen);
