using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// Which sources this instance collects, when several share them: the partitions of the checkpoints topic that its group gives it. Only a
/// ticket: nothing is read through it, and what keeps a second writer out is the transactional id.
/// </summary>
/// <remarks>
/// Thread-safe. A partition that is taken away is let go when the commit in flight has ended, or after <see cref="KafkaAssignment.Handover"/>.
/// </remarks>
internal sealed class SourceOwnership : IAsyncDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(500);

    private readonly KafkaTopics _topics;
    private readonly TimeProvider _time;
    private readonly Action _gained;
    private readonly GroupMember _member;
    private readonly ClientErrors _errors = new();
    private readonly TaskCompletionSource _assigned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // What stands below is guarded by it, and waited for with it.
    private readonly object _gate = new();
    private readonly HashSet<TopicPartition> _owned = [];
    private readonly Dictionary<TopicPartition, int> _commits = [];
    private volatile bool _stopping;
    private bool _isPaused;

    private SourceOwnership(KafkaClients clients, TimeProvider time, Action gained)
    {
        _topics = clients.Topics;
        _time = time;
        _gained = gained;
        _member = new GroupMember(clients.Options.Security, time, [_topics.Checkpoints], credentials =>
            clients.Member(credentials, _topics.CollectGroup, _errors)
                .SetPartitionsAssignedHandler((_, partitions) => Gain(partitions))
                .SetPartitionsRevokedHandler((_, partitions) => Lose(partitions.ConvertAll(p => p.TopicPartition), KafkaAssignment.Handover))
                .SetPartitionsLostHandler((_, partitions) => Lose(partitions.ConvertAll(p => p.TopicPartition), TimeSpan.Zero))
                .Build());
    }

    /// <param name="gained">Called, on another thread, whenever this instance may collect more sources than before.</param>
    public static SourceOwnership Join(KafkaClients clients, TimeProvider time, Action gained)
    {
        var ownership = new SourceOwnership(clients, time, gained);
        new Thread(ownership.Run) { Name = "source ownership", IsBackground = true }.Start();
        return ownership;
    }

    /// <summary>True when the group has removed this member permanently: another one has to join.</summary>
    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Waits until the group has decided for the first time.</summary>
    /// <exception cref="JournalStandbyException">Another instance owns the source.</exception>
    /// <exception cref="JournalUnavailableException">The group does not decide.</exception>
    public async ValueTask RequireAsync(SourceKey source, CancellationToken cancellationToken)
    {
        try
        {
            await _assigned.Task.WaitAsync(KafkaAssignment.First, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new JournalUnavailableException(
                $"The group {_topics.CollectGroup} gave no answer within {KafkaAssignment.First:c}{(_errors.Last is { } said ? $" ({said})" : "")}.",
                "See that the brokers of Kafka:BootstrapServers can be reached, and that the user may read this group.");
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(e, "Joining the instances", _errors.Last);
        }

        Require(source);
    }

    /// <exception cref="JournalStandbyException">Another instance owns the source, as far as this one knows.</exception>
    public void Require(SourceKey source)
    {
        lock (_gate)
        {
            if (!_owned.Contains(_topics.CheckpointPartition(source))) throw Standby(source);
        }
    }

    /// <summary>A commit of the source begins: until <see cref="EndCommit"/> its partition is not let go.</summary>
    /// <exception cref="JournalStandbyException">Another instance owns the source by now.</exception>
    public void BeginCommit(SourceKey source)
    {
        var partition = _topics.CheckpointPartition(source);
        lock (_gate)
        {
            if (!_owned.Contains(partition)) throw Standby(source);

            _commits[partition] = _commits.GetValueOrDefault(partition) + 1;
        }
    }

    public void EndCommit(SourceKey source)
    {
        lock (_gate)
        {
            _commits[_topics.CheckpointPartition(source)]--;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Leaves the group at once, so that another instance need not wait for the session to end.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await _ended.Task;
    }

    private static JournalStandbyException Standby(SourceKey source) =>
        new($"Another instance collects {source}; this one stands by.", "Nothing: it takes over when that one ends. To change the source, ask that one.");

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                // A consumer that asks nothing for five minutes is no member any more.
                _member.Client.Consume(Slice);
                if (!_isPaused)
                {
                    _member.Client.Pause(_member.Client.Assignment);
                    _isPaused = true;
                }

                _member.FollowCredentials();
            }

            _member.Client.Close();
        }
        catch (KafkaException e)
        {
            lock (_gate)
            {
                _owned.Clear();
            }

            _assigned.TrySetException(e);
        }
        finally
        {
            _member.Dispose();
            _ended.SetResult();
        }
    }

    private IEnumerable<TopicPartitionOffset> Gain(List<TopicPartition> partitions)
    {
        lock (_gate)
        {
            _owned.UnionWith(partitions);
        }

        // This consumer ignores what it receives from these partitions until then.
        _isPaused = false;
        _assigned.TrySetResult();
        if (partitions.Count > 0) _ = Task.Run(_gained);

        return partitions.Select(p => new TopicPartitionOffset(p, Offset.End));
    }

    private void Lose(List<TopicPartition> partitions, TimeSpan handover)
    {
        lock (_gate)
        {
            _owned.ExceptWith(partitions);
            var since = _time.GetTimestamp();
            while (partitions.Any(p => _commits.GetValueOrDefault(p) > 0) && handover - _time.GetElapsedTime(since) is { Ticks: > 0 } left)
            {
                Monitor.Wait(_gate, left);
            }
        }
    }
}
