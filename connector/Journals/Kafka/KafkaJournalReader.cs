using ActivityConnector.Pipeline;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The events topics as a member of a consumer group: the members share the partitions, and the group's offsets are what was acknowledged.
/// </summary>
/// <remarks>
/// A thread of its own keeps talking to the cluster whether or not anybody reads, so that a sink which is down for hours does not cost
/// the membership; it holds a bounded number of events ready. What is ready of a partition that goes to another member is forgotten: that
/// member reads it again from the last acknowledgement.
/// </remarks>
internal sealed class KafkaJournalReader : IJournalReader
{
    private const int MostReady = 4_000;
    private const long MostReadyBytes = 8 << 20;

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstAssignment = TimeSpan.FromSeconds(90);

    /// <summary>How long what was read of a partition may still be acknowledged before it goes to another member.</summary>
    private static readonly TimeSpan Handover = TimeSpan.FromSeconds(20);

    private readonly KafkaJournal _journal;
    private readonly GroupMember _member;
    private readonly ClientTrouble _trouble = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // What stands below is guarded by it, and waited for with it.
    private readonly object _gate = new();
    private readonly Queue<ConsumeResult<byte[], byte[]?>> _ready = [];
    private readonly Queue<(long Position, TopicPartitionOffset Place)> _delivered = [];
    private readonly Dictionary<TopicPartition, Offset> _ends = [];
    private HashSet<TopicPartition>? _assigned;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JournalException? _failure;
    private long _readyBytes;
    private long _position;
    private int _acknowledging;
    private bool _stopping;

    private KafkaJournalReader(KafkaJournal journal, KafkaClients clients, IEnumerable<string> sources, string reader)
    {
        _journal = journal;
        _member = new GroupMember(clients.Options.Security, journal.Clock, sources.Select(clients.Topics.Events), credentials =>
            clients.Member(credentials, clients.Topics.ReaderGroup(reader), _trouble)
                .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
                .SetPartitionsRevokedHandler((_, partitions) => Revoked(partitions.ConvertAll(p => p.TopicPartition), Handover))
                .SetPartitionsLostHandler((_, partitions) => Revoked(partitions.ConvertAll(p => p.TopicPartition), TimeSpan.Zero))
                .Build());
    }

    public static KafkaJournalReader Open(KafkaJournal journal, KafkaClients clients, IEnumerable<string> sources, string reader)
    {
        var opened = new KafkaJournalReader(journal, clients, sources, reader);
        new Thread(opened.Run) { Name = $"journal reader {reader}", IsBackground = true }.Start();
        return opened;
    }

    public async ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(int maxEvents, CancellationToken cancellationToken)
    {
        var started = _journal.Clock.GetTimestamp();
        while (true)
        {
            List<ConsumeResult<byte[], byte[]?>> taken = [];
            Dictionary<TopicPartition, Offset>? ends = null;
            Task changed;
            TimeSpan patience;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_stopping, this);
                if (_failure is { } failure)
                {
                    throw failure;
                }

                changed = _changed.Task;
                patience = _assigned is null ? FirstAssignment : Patience;
                if (_assigned is not null && _assigned.All(_ends.ContainsKey))
                {
                    ends = new(_ends);
                }

                // A full batch, unless there is no more to come or it takes too long.
                if (_ready.Count >= maxEvents || !HasRoom || ends is not null || _journal.Clock.GetElapsedTime(started) >= Patience)
                {
                    taken = Take(maxEvents);
                }
            }

            if (taken.Count > 0)
            {
                if (await DeliverAsync(taken, cancellationToken) is { Count: > 0 } events)
                {
                    return events;
                }

                continue;
            }

            // A transaction that stays open is not waited for.
            if (ends is not null && (!await IsBehindAsync(ends, cancellationToken) || _journal.Clock.GetElapsedTime(started) >= Patience))
            {
                return [];
            }

            try
            {
                await changed.WaitAsync(patience, _journal.Clock, cancellationToken);
            }
            catch (TimeoutException) when (patience == FirstAssignment)
            {
                throw new JournalUnavailableException(
                    $"The cluster gave no partitions within {FirstAssignment:c}{(_trouble.Said is { } said ? $" ({said})" : "")}.",
                    "See that the brokers of Kafka:BootstrapServers can be reached and are well; the verb check tells more.");
            }
            catch (TimeoutException)
            {
                // Look again.
            }
        }
    }

    public async ValueTask AcknowledgeAsync(JournalEvent last, CancellationToken cancellationToken)
    {
        var offsets = new Dictionary<TopicPartition, Offset>();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            while (_delivered.TryPeek(out var delivered) && delivered.Position <= last.Position)
            {
                _delivered.Dequeue();
                offsets[delivered.Place.TopicPartition] = delivered.Place.Offset + 1;
            }

            _acknowledging++;
        }

        try
        {
            if (offsets.Count > 0)
            {
                await CommitAsync([.. offsets.Select(o => new TopicPartitionOffset(o.Key, o.Value))], cancellationToken);
            }
        }
        finally
        {
            lock (_gate)
            {
                _acknowledging--;
                Monitor.PulseAll(_gate);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _journal.Closed(this);
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        await _ended.Task;
    }

    private async Task CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(() => _member.Client.Commit(offsets), cancellationToken);
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress or ErrorCode.Local_NoOffset)
        {
            // The partitions are another member's now or about to be: what was delivered of them is read again there, and stored once.
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(e, "Acknowledging", _trouble.Said);
        }
    }

    private List<ConsumeResult<byte[], byte[]?>> Take(int maxEvents)
    {
        var taken = new List<ConsumeResult<byte[], byte[]?>>(Math.Min(maxEvents, _ready.Count));
        while (taken.Count < maxEvents && _ready.TryDequeue(out var record))
        {
            _readyBytes -= record.Message.Value?.Length ?? 0;
            taken.Add(record);
        }

        Monitor.PulseAll(_gate);
        return taken;
    }

    /// <summary>As events; what this connector did not write becomes a dead letter first, and is acknowledged with its neighbours.</summary>
    private async ValueTask<IReadOnlyList<JournalEvent>> DeliverAsync(List<ConsumeResult<byte[], byte[]?>> records, CancellationToken cancellationToken)
    {
        var (events, strangers) = (new List<JournalEvent>(records.Count), new List<DeadLetter>());
        lock (_gate)
        {
            foreach (var record in records)
            {
                _delivered.Enqueue((++_position, record.TopicPartitionOffset));
                if (EventRecord.Read(record.Message, _position) is { } e)
                {
                    events.Add(e);
                }
                else
                {
                    strangers.Add(DeadLetterRecord.OfStranger(record, _journal.Now));
                }
            }
        }

        if (strangers.Count > 0)
        {
            await KeepAsync(strangers, cancellationToken);
        }

        return events;
    }

    /// <summary>What was taken and not delivered would be acknowledged with what comes after it: without its dead letters this reader ends.</summary>
    private async ValueTask KeepAsync(IReadOnlyList<DeadLetter> strangers, CancellationToken cancellationToken)
    {
        var kept = false;
        try
        {
            await _journal.KeepAsync(strangers, cancellationToken);
            kept = true;
        }
        finally
        {
            if (!kept)
            {
                Fail(new JournalUnavailableException("Dead letters could not be kept.", "Nothing; what was read is read again."));
            }
        }
    }

    private void Fail(JournalException failure)
    {
        lock (_gate)
        {
            _failure = failure;
            SignalChange();
        }
    }

    /// <summary>To be asked with the lock held.</summary>
    private bool HasRoom => _ready.Count < MostReady && _readyBytes < MostReadyBytes;

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
                new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = KafkaClients.AnswerTimeout }).WaitAsync(cancellationToken);
            return latest.ResultInfos.Any(r => r.TopicPartitionOffsetError.Offset > ends[r.TopicPartitionOffsetError.TopicPartition]);
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(e, "Reading the journal", _trouble.Said);
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
            while (AwaitRoom() is { } room)
            {
                if (_member.FollowCredentials())
                {
                    paused = false;
                    Return();
                }

                var client = _member.Client;
                if (room == paused)
                {
                    paused = !room;
                    (paused ? (Action<IEnumerable<TopicPartition>>)client.Pause : client.Resume)(client.Assignment);
                }

                // Paused or not: whoever asks nothing for five minutes is no member any more.
                if (client.Consume(paused ? TimeSpan.Zero : Slice) is { } result)
                {
                    _trouble.Clear();
                    Add(result);
                }
            }

            _member.Client.Close();
        }
        catch (KafkaException e)
        {
            Fail(KafkaFailure.Of(e, "Reading the journal", _trouble.Said));
        }
        finally
        {
            _member.Dispose();
            _ended.SetResult();
        }
    }

    /// <summary>Whether more may be taken in; waits a moment for room. Null when it is time to stop.</summary>
    private bool? AwaitRoom()
    {
        lock (_gate)
        {
            if (!_stopping && !HasRoom)
            {
                Monitor.Wait(_gate, Patience);
            }

            return _stopping ? null : HasRoom;
        }
    }

    private void Add(ConsumeResult<byte[], byte[]?> result)
    {
        lock (_gate)
        {
            if (result.IsPartitionEOF)
            {
                _ends[result.TopicPartition] = result.Offset;
            }
            else
            {
                _ends.Remove(result.TopicPartition);
                _ready.Enqueue(result);
                _readyBytes += result.Message.Value?.Length ?? 0;
            }

            SignalChange();
        }
    }

    private void Assigned(List<TopicPartition> partitions)
    {
        lock (_gate)
        {
            (_assigned ??= []).UnionWith(partitions);
            SignalChange();
        }
    }

    /// <summary>The member is a new one: what it will be given is not known yet.</summary>
    private void Return()
    {
        lock (_gate)
        {
            _assigned = null;
        }
    }

    /// <summary>On the thread that asks the cluster: until it returns, the partitions are still this member's.</summary>
    private void Revoked(List<TopicPartition> partitions, TimeSpan handover)
    {
        var going = partitions.ToHashSet();
        lock (_gate)
        {
            Forget(_ready, record => going.Contains(record.TopicPartition));
            _readyBytes = _ready.Sum(record => (long)(record.Message.Value?.Length ?? 0));
            var until = _journal.Clock.GetTimestamp();
            while (!_stopping && (_acknowledging > 0 || _delivered.Any(d => going.Contains(d.Place.TopicPartition)))
                && handover - _journal.Clock.GetElapsedTime(until) is { Ticks: > 0 } left)
            {
                Monitor.Wait(_gate, left);
            }

            Forget(_delivered, delivered => going.Contains(delivered.Place.TopicPartition));
            foreach (var partition in going)
            {
                _ends.Remove(partition);
                _assigned?.Remove(partition);
            }

            SignalChange();
        }
    }

    private static void Forget<T>(Queue<T> queue, Func<T, bool> which)
    {
        for (var count = queue.Count; count > 0; count--)
        {
            var one = queue.Dequeue();
            if (!which(one))
            {
                queue.Enqueue(one);
            }
        }
    }

    /// <summary>To be called with the lock held.</summary>
    private void SignalChange()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
