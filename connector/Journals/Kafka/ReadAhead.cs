using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// What a reader has got from the cluster and has not acknowledged: a bounded number of records ready to be taken, and the places of those
/// that were delivered. It stands between the thread that talks to the cluster and the one that reads.
/// </summary>
/// <remarks>Thread-safe. What is to be waited for is pulsed, or reported by the task that <see cref="Take"/> gives.</remarks>
internal sealed class ReadAhead(TimeProvider clock)
{
    private const int MostReady = 4_000;
    private const long MostReadyBytes = 8 << 20;

    private readonly object _gate = new();
    private readonly Queue<ConsumeResult<byte[], byte[]?>> _ready = [];
    private readonly Queue<Delivered> _delivered = [];

    /// <summary>The positions among them that are settled without an acknowledgement of their own.</summary>
    private readonly HashSet<long> _settled = [];
    private readonly Dictionary<TopicPartition, Offset> _ends = [];
    private readonly Dictionary<TopicPartition, Offset> _keptEnds = [];
    private HashSet<TopicPartition>? _assigned;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JournalException? _failure;
    private long _readyBytes;
    private long _position;
    private int _acknowledging;
    private bool _stopping;

    /// <summary>To be asked with the lock held.</summary>
    private bool HasRoom => _ready.Count < MostReady && _readyBytes < MostReadyBytes;

    /// <summary>
    /// A full batch, or less when there is no more to come or it has been waited for.
    /// </summary>
    /// <exception cref="JournalException">What <see cref="Fail"/> was given.</exception>
    public Taken Take(int maxEvents, bool hasWaited)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_failure is { } failure) throw failure;

            var ends = _assigned is not null && _assigned.All(_ends.ContainsKey) ? new Dictionary<TopicPartition, Offset>(_ends) : null;
            var taken = new List<ConsumeResult<byte[], byte[]?>>();
            if (_ready.Count >= maxEvents || !HasRoom || ends is not null || hasWaited)
            {
                while (taken.Count < maxEvents && _ready.TryDequeue(out var record))
                {
                    _readyBytes -= BytesOf(record);
                    taken.Add(record);
                }

                Monitor.PulseAll(_gate);
            }

            return new(taken, ends, _assigned is not null, _changed.Task);
        }
    }

    /// <summary>Gives each record its position, and keeps its place until that is acknowledged.</summary>
    public List<(long Position, ConsumeResult<byte[], byte[]?> Record)> Delivering(List<ConsumeResult<byte[], byte[]?>> records)
    {
        lock (_gate)
        {
            return records.ConvertAll(record =>
            {
                _delivered.Enqueue(new(++_position, record.TopicPartitionOffset, FoundEvent.CommittedAt(record.Message)));
                return (_position, record);
            });
        }
    }

    /// <summary>
    /// Up to where each partition is acknowledged; nothing is once the reader has failed. Until <see cref="Acknowledged"/> none of them goes to another
    /// member.
    /// </summary>
    public List<TopicPartitionOffset> Acknowledge(long position)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            // The places may be of a topic that was deleted and made again meanwhile.
            if (_failure is { } failure) throw failure;

            _acknowledging++;
            return Pass(position);
        }
    }

    /// <summary>
    /// As <see cref="Acknowledge"/>, up to the first event that is not acknowledged: these positions are no events and are dealt with. Not while another
    /// is on its way; then the next one takes them along.
    /// </summary>
    public List<TopicPartitionOffset> Settle(IEnumerable<long> positions)
    {
        lock (_gate)
        {
            _settled.UnionWith(positions);
            _acknowledging++;
            return _stopping || _acknowledging > 1 ? [] : Pass(0);
        }
    }

    /// <summary>
    /// As <see cref="Acknowledge"/>, when everything is delivered and acknowledged: what follows up to the end is no event, but marks of
    /// transactions and aborted ones. The position moves over them, or their removal would look like a loss. Not while another is on its way to the
    /// cluster, which could come there later and take it back.
    /// </summary>
    public List<TopicPartitionOffset> Ends()
    {
        lock (_gate)
        {
            _acknowledging++;
            if (_stopping || _acknowledging > 1 || _ready.Count > 0 || _delivered.Count > 0) return [];

            List<TopicPartitionOffset> ends =
                [.. _ends.Where(end => _keptEnds.GetValueOrDefault(end.Key) != end.Value).Select(end => new TopicPartitionOffset(end.Key, end.Value))];
            ends.ForEach(end => _keptEnds[end.TopicPartition] = end.Offset);
            return ends;
        }
    }

    /// <summary>What <see cref="Acknowledge"/> or <see cref="Ends"/> gave is with the cluster, or was refused there.</summary>
    public void Acknowledged()
    {
        lock (_gate)
        {
            _acknowledging--;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The topic of the oldest event that is not acknowledged, and when it was committed.</summary>
    public (string Topic, DateTimeOffset Committed)? Oldest()
    {
        lock (_gate)
        {
            return _delivered.TryPeek(out var delivered) ? (delivered.Place.Topic, delivered.Committed)
                : _ready.TryPeek(out var ready) ? (ready.Topic, FoundEvent.CommittedAt(ready.Message))
                : null;
        }
    }

    /// <summary>Whether more may be taken in; waits a moment for room. Null when it is time to stop.</summary>
    public bool? AwaitRoom(TimeSpan patience)
    {
        lock (_gate)
        {
            if (!_stopping && !HasRoom) Monitor.Wait(_gate, patience);

            return _stopping ? null : HasRoom;
        }
    }

    /// <summary>A record, or the end of its partition.</summary>
    public void Add(ConsumeResult<byte[], byte[]?> result)
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
                _readyBytes += BytesOf(result);
            }

            SignalChange();
        }
    }

    /// <summary>The partition is read from another place: where it ends is not known.</summary>
    public void GoesOn(TopicPartition partition)
    {
        lock (_gate)
        {
            _ends.Remove(partition);
        }
    }

    public void Assigned(List<TopicPartition> partitions)
    {
        lock (_gate)
        {
            (_assigned ??= []).UnionWith(partitions);

            // What was committed while members came and went may not have been taken.
            _keptEnds.Clear();
            SignalChange();
        }
    }

    /// <summary>The member is a new one: what it will be given is not known yet.</summary>
    public void Return()
    {
        lock (_gate)
        {
            _assigned = null;
        }
    }

    /// <summary>On the thread that asks the cluster: until it returns, the partitions are still this member's.</summary>
    /// <param name="handover">How long what was delivered of them may still be acknowledged.</param>
    public void Revoked(List<TopicPartition> partitions, TimeSpan handover)
    {
        var going = partitions.ToHashSet();
        lock (_gate)
        {
            Forget(_ready, record => going.Contains(record.TopicPartition));
            _readyBytes = _ready.Sum(BytesOf);
            var since = clock.GetTimestamp();
            while (!_stopping && (_acknowledging > 0 || _delivered.Any(d => going.Contains(d.Place.TopicPartition)))
                && handover - clock.GetElapsedTime(since) is { Ticks: > 0 } left)
            {
                Monitor.Wait(_gate, left);
            }

            Forget(_delivered, delivered => going.Contains(delivered.Place.TopicPartition));
            _settled.IntersectWith(_delivered.Select(delivered => delivered.Position));
            foreach (var partition in going)
            {
                _ends.Remove(partition);
                _assigned?.Remove(partition);
            }

            SignalChange();
        }
    }

    /// <summary>The next read gets this.</summary>
    public void Fail(JournalException failure)
    {
        lock (_gate)
        {
            _failure = failure;
            SignalChange();
        }
    }

    /// <summary>No more reads, and no reader waits.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
    }

    private static long BytesOf(ConsumeResult<byte[], byte[]?> record) => (record.Message.Value?.Length ?? 0) + (record.Message.Key?.Length ?? 0)
        + record.Message.Headers.Sum(header => (long)header.Key.Length + (header.GetValueBytes()?.Length ?? 0));

    /// <summary>To be called with the lock held.</summary>
    private List<TopicPartitionOffset> Pass(long position)
    {
        var offsets = new Dictionary<TopicPartition, Offset>();
        while (_delivered.TryPeek(out var delivered) && (_settled.Remove(delivered.Position) || delivered.Position <= position))
        {
            _delivered.Dequeue();
            offsets[delivered.Place.TopicPartition] = delivered.Place.Offset + 1;
        }

        return [.. offsets.Select(o => new TopicPartitionOffset(o.Key, o.Value))];
    }

    private static void Forget<T>(Queue<T> queue, Func<T, bool> which)
    {
        for (var count = queue.Count; count > 0; count--)
        {
            var one = queue.Dequeue();
            if (!which(one)) queue.Enqueue(one);
        }
    }

    /// <summary>To be called with the lock held.</summary>
    private void SignalChange()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>What there is to take.</summary>
    /// <param name="Ends">Where each partition ends, when that is known of all of them.</param>
    /// <param name="IsAssigned">Whether the cluster has said which partitions are this member's; there may be none.</param>
    /// <param name="Changed">Completes when any of this may be different.</param>
    public readonly record struct Taken(
        List<ConsumeResult<byte[], byte[]?>> Records, Dictionary<TopicPartition, Offset>? Ends, bool IsAssigned, Task Changed);

    /// <summary>What was handed out and is not acknowledged.</summary>
    private readonly record struct Delivered(long Position, TopicPartitionOffset Place, DateTimeOffset Committed);
}
