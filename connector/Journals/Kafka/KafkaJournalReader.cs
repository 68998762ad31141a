using ActivityConnector.Pipeline;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The events topics as a member of a consumer group: the members share the partitions, and the group's offsets are what was acknowledged.
/// </summary>
/// <remarks>
/// A thread of its own keeps talking to the cluster whether or not events are read, so that a sink which is down for hours does not cost
/// the membership; it holds a bounded number of events ready. What is ready of a partition that goes to another member is forgotten: that
/// member reads it again from the last acknowledgement. What the cluster has removed before it was read is reported, never passed over in
/// silence; then it continues with what is left.
/// </remarks>
internal sealed partial class KafkaJournalReader : IJournalReader
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long a transaction may be open and still be waited for.</summary>
    private static readonly TimeSpan Undecided = TimeSpan.FromSeconds(5);

    private readonly KafkaJournal _journal;
    private readonly string _name;
    private readonly RetentionWatch _watch;
    private readonly StrangerWatch _strangers;
    private readonly ILogger _logger;
    private readonly GroupMember _member;
    private readonly ReadAhead _ahead;
    private readonly ClientErrors _errors = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A partition that came while the others were paused is not. Of the reader's own thread.</summary>
    private bool _isAssignedAnew;

    private KafkaJournalReader(
        KafkaJournal journal, KafkaClients clients, IEnumerable<string> sources, string reader, RetentionWatch watch, StrangerWatch strangers, ILogger logger)
    {
        _journal = journal;
        _name = reader;
        _watch = watch;
        _strangers = strangers;
        _logger = logger;
        _ahead = new ReadAhead(journal.Clock);
        _member = new GroupMember(clients.Options.Security, journal.Clock, sources.Select(clients.Topics.Events), credentials =>
            clients.Member(credentials, clients.Topics.ReaderGroup(reader), _errors)
                .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
                .SetPartitionsRevokedHandler((_, partitions) => _ahead.Revoked(partitions.ConvertAll(p => p.TopicPartition), KafkaAssignment.Handover))
                .SetPartitionsLostHandler((_, partitions) => _ahead.Revoked(partitions.ConvertAll(p => p.TopicPartition), TimeSpan.Zero))
                .Build());
    }

    public static KafkaJournalReader Open(
        KafkaJournal journal, KafkaClients clients, IEnumerable<string> sources, string reader, RetentionWatch watch, StrangerWatch strangers, ILogger logger)
    {
        var opened = new KafkaJournalReader(journal, clients, sources, reader, watch, strangers, logger);
        new Thread(opened.Run) { Name = $"journal reader {reader}", IsBackground = true }.Start();
        return opened;
    }

    public async ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(int maxEvents, CancellationToken cancellationToken)
    {
        var started = _journal.Clock.GetTimestamp();
        while (true)
        {
            var (taken, ends, isAssigned, changed) = _ahead.Take(maxEvents, hasWaited: _journal.Clock.GetElapsedTime(started) >= Patience);
            var patience = isAssigned ? Patience : KafkaAssignment.First;
            if (taken.Count > 0)
            {
                if (await DeliverAsync(taken, cancellationToken) is { Count: > 0 } events) return events;

                continue;
            }

            if (ends is not null && (!await IsBehindAsync(ends, cancellationToken) || _journal.Clock.GetElapsedTime(started) >= Undecided))
            {
                await CommitAsync(_ahead.Ends(), cancellationToken);
                return [];
            }

            try
            {
                await changed.WaitAsync(patience, _journal.Clock, cancellationToken);
            }
            catch (TimeoutException) when (patience == KafkaAssignment.First)
            {
                throw new JournalUnavailableException(
                    $"The cluster gave no partitions within {KafkaAssignment.First:c}{(_errors.Last is { } said ? $" ({said})" : "")}.",
                    "See that the brokers of Kafka:BootstrapServers can be reached and are well; the command check shows more.");
            }
            catch (TimeoutException)
            {
                // Look again.
            }

            if (!isAssigned)
            {
                // A group may take seconds to assign its partitions: events are waited for from then on.
                started = _journal.Clock.GetTimestamp();
            }
        }
    }

    public async ValueTask AcknowledgeAsync(JournalEvent last, CancellationToken cancellationToken) =>
        await CommitAsync(_ahead.Acknowledge(last.Position), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _journal.Closed(this);
        _ahead.Stop();
        await _ended.Task;
    }

    private async Task CommitAsync(List<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
    {
        var started = _journal.Clock.GetTimestamp();
        try
        {
            if (offsets.Count > 0)
            {
                await Task.Run(() => Commit(offsets), cancellationToken);
                Instruments.Messaged("commit", _journal.Clock.GetElapsedTime(started));
            }
        }
        finally
        {
            _ahead.Acknowledged();
        }
    }

    private void Commit(List<TopicPartitionOffset> offsets)
    {
        try
        {
            _member.Client.Commit(offsets);
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration
            or ErrorCode.RebalanceInProgress or ErrorCode.Local_NoOffset)
        {
            // The partitions are another member's now or about to be: what was delivered of them is read again there, and stored once.
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(e, "Acknowledging", _errors.Last);
        }
    }

    /// <summary>As events; what this connector did not write becomes a dead letter first, and is acknowledged with its neighbours.</summary>
    private async ValueTask<IReadOnlyList<JournalEvent>> DeliverAsync(List<ConsumeResult<byte[], byte[]?>> records, CancellationToken cancellationToken)
    {
        var (events, invalid, passed) = (new List<JournalEvent>(records.Count), new List<DeadLetter>(), new List<long>());
        var group = Spans.IsOn ? _journal.Topics.ReaderGroup(_name) : null;
        foreach (var (position, record) in _ahead.Delivering(records))
        {
            var trace = group is null ? null : new EventTrace(default, record.Topic, group);
            var found = FoundEvent.Of(record.Message, _journal.Topics.VendorOf(record.Topic), position, trace);
            if (found.Event is { } e)
            {
                events.Add(e);
            }
            else
            {
                var letter = DeadLetterRecord.OfStranger(record, found.Trouble!, _journal.Clock.GetUtcNow());
                invalid.Add(_journal.WithholdsStrangers ? letter.WithoutBody() : letter);
                passed.Add(position);
            }
        }

        if (invalid.Count > 0)
        {
            await KeepInvalidAsync(invalid, cancellationToken);
            await CommitAsync(_ahead.Settle(passed), cancellationToken);
        }

        foreach (var (vendor, count) in events.CountBy(e => e.Source.Source))
        {
            Instruments.Consumed(_journal.Topics.Events(vendor), _journal.Topics.ReaderGroup(_name), count);
        }

        return events;
    }

    /// <summary>What was taken and not delivered would be acknowledged with what comes after it: without its dead letters this reader ends.</summary>
    private async ValueTask KeepInvalidAsync(IReadOnlyList<DeadLetter> invalid, CancellationToken cancellationToken)
    {
        var kept = false;
        try
        {
            await _journal.KeepDeadLettersAsync(invalid, cancellationToken);
            kept = true;
            _strangers.Found(invalid);
        }
        finally
        {
            if (!kept)
            {
                _ahead.Fail(new JournalUnavailableException("Dead letters could not be kept.", "Nothing; what was read is read again."));
            }
        }
    }

    /// <summary>
    /// Whether anything was written since the ends were seen, committed or not: the cluster answers a commit before it shows what was
    /// committed.
    /// </summary>
    private async Task<bool> IsBehindAsync(Dictionary<TopicPartition, Offset> ends, CancellationToken cancellationToken)
    {
        try
        {
            using var admin = new DependentAdminClientBuilder(_member.Client.Handle).Build();
            var latest = await admin.ListOffsetsAsync(
                ends.Keys.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Latest() }),
                new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = KafkaClients.AnswerTimeout })
                .WaitAsync(cancellationToken);
            var behind = latest.ResultInfos.Sum(r =>
                Math.Max(0, r.TopicPartitionOffsetError.Offset.Value - ends[r.TopicPartitionOffsetError.TopicPartition].Value));
            Instruments.KafkaStableLag.Record(behind, Instruments.Tag(Instruments.Sink, _name));
            return behind > 0;
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(e, "Reading the journal", _errors.Last);
        }
        catch (ObjectDisposedException)
        {
            return true; // The next look says so.
        }
    }

    private void Run()
    {
        try
        {
            var paused = false;
            while (_ahead.AwaitRoom(Patience) is { } room)
            {
                if (_member.FollowCredentials())
                {
                    paused = false;
                    _ahead.Return();
                }

                var client = _member.Client;
                if (room == paused || (paused && _isAssignedAnew))
                {
                    (paused, _isAssignedAnew) = (!room, false);
                    (paused ? (Action<IEnumerable<TopicPartition>>)client.Pause : client.Resume)(client.Assignment);
                }

                // Paused or not: a consumer that asks nothing for five minutes is no member any more.
                if (Consume(paused ? TimeSpan.Zero : Slice) is { } result)
                {
                    _errors.Clear();
                    _ahead.Add(result);
                }

                Watch();
            }

            _member.Client.Close();
        }
        catch (KafkaException e)
        {
            Fail(KafkaFailure.Of(e, "Reading the journal", _errors.Last));
        }
        catch (JournalException e)
        {
            Fail(e);
        }
        finally
        {
            _member.Dispose();
            _ended.SetResult();
        }
    }

    private void Fail(JournalException failure)
    {
        _journal.Failed(failure);
        _ahead.Fail(failure);
    }

    private ConsumeResult<byte[], byte[]?>? Consume(TimeSpan timeout)
    {
        try
        {
            return _member.Client.Consume(timeout);
        }
        catch (ConsumeException e) when (e.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            GoOnFromTheFirst(e.ConsumerRecord.TopicPartitionOffset);
            return null;
        }
    }

    /// <summary>There is no position in this partition yet, or nothing is there any more.</summary>
    private void GoOnFromTheFirst(TopicPartitionOffset stood)
    {
        var (client, partition) = (_member.Client, stood.TopicPartition);
        var first = client.QueryWatermarkOffsets(partition, KafkaClients.AnswerTimeout).Low;
        _ahead.GoesOn(partition);

        // It has stopped reading the partition, so that nothing can be sought there.
        client.IncrementalUnassign([partition]);
        client.IncrementalAssign([new TopicPartitionOffset(partition, first)]);
        _isAssignedAnew = true;
        if (stood.Offset.IsSpecial)
        {
            // From now on it is known what is missing.
            Commit([new(partition, first)]);
        }
        else if (stood.Offset < first)
        {
            LogRemoved(_name, first.Value - stood.Offset.Value, partition.Topic, partition.Partition.Value, stood.Offset.Value, first.Value - 1);
        }
        else
        {
            LogAnother(_name, partition.Topic, partition.Partition.Value, stood.Offset.Value, first.Value);
        }
    }

    /// <summary>How old is what the sink does not have yet.</summary>
    private void Watch()
    {
        if (_ahead.Oldest() is var (topic, committed)) _watch.Oldest(topic, _journal.Clock.GetUtcNow() - committed);
    }

    private void Assigned(List<TopicPartition> partitions)
    {
        _isAssignedAnew = true;
        _ahead.Assigned(partitions);
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Reader}: up to {Count} events of {Topic}, partition {Partition}, were removed by retention before they were delivered "
            + "(offsets {From} to {To}, in which marks of transactions count too). Delivery continues with what is left. "
            + "Raise the topic's retention.ms above the longest outage; "
            + "to have them delivered after all, let the source be read again (checkpoint set, checkpoint reset).")]
    private partial void LogRemoved(string reader, long count, string topic, int partition, long from, long to);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Reader}: {Topic}, partition {Partition}, ends before offset {From}, up to which it was delivered: "
            + "the topic has lost what it held, or was restored from a copy. "
            + "Delivery continues from its first event, at {First}; what is there already is stored once.")]
    private partial void LogAnother(string reader, string topic, int partition, long from, long first);
}
