using ActivityConnector.Pipeline;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ActivityConnector.Journals.Kafka;

/// <summary>Reads partitions from one end to the other, seeing what a <c>read_committed</c> consumer may ever see of them.</summary>
/// <remarks>Not thread-safe; its calls block.</remarks>
internal sealed class TopicReading : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    private readonly KafkaClients _clients;
    private readonly ClientErrors _errors = new();
    private readonly TimeProvider _time;
    private readonly IAdminClient _admin;
    private readonly IConsumer<byte[], byte[]?> _consumer;

    public TopicReading(KafkaClients clients, TimeProvider time)
    {
        var credentials = KafkaCredentials.Read(clients.Options.Security);
        _clients = clients;
        _time = time;
        _admin = KafkaClients.Make(() => clients.Admin(credentials, _errors));
        _consumer = KafkaClients.Make(() => clients.Reader(credentials, _errors));
    }

    /// <summary>The partitions of a topic; none when there is no such topic.</summary>
    public IReadOnlyList<TopicPartition> Partitions(string topic) => Ask($"Looking up the topic {topic}", () =>
    {
        var metadata = _admin.GetMetadata(topic, KafkaClients.AnswerTimeout).Topics.Single(t => t.Topic == topic);
        return metadata.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic
            ? []
            : metadata.Error.IsError
                ? throw new KafkaException(metadata.Error)
                : metadata.Partitions.Select(p => new TopicPartition(topic, p.PartitionId)).ToList();
    });

    /// <summary>Where the partition ends for a reader that sees everything: open transactions and markers included.</summary>
    public (Offset First, Offset End) Bounds(TopicPartition partition, CancellationToken cancellationToken) => Ask($"Asking for the end of {partition}", () =>
    {
        // A read_committed client's own watermark is the last stable offset: a transaction that is just being decided would be missed.
        var options = new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = KafkaClients.AnswerTimeout };
        Offset At(OffsetSpec spec) => _admin.ListOffsetsAsync([new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = spec }], options)
            .WaitAsync(cancellationToken).GetAwaiter().GetResult().ResultInfos.Single().TopicPartitionOffsetError.Offset;
        return (At(OffsetSpec.Earliest()), At(OffsetSpec.Latest()));
    });

    /// <summary>The offsets that a group has acknowledged; partitions of which it has none are left out.</summary>
    public IReadOnlyDictionary<TopicPartition, long> Acknowledged(
        string group, IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => Ask($"Asking for the offsets of {group}", () =>
        _admin.ListConsumerGroupOffsetsAsync(
                [new ConsumerGroupTopicPartitions(group, [.. partitions])],
                new ListConsumerGroupOffsetsOptions { RequestTimeout = KafkaClients.AnswerTimeout })
            .WaitAsync(cancellationToken).GetAwaiter().GetResult().Single().Partitions
            .Where(p => p.Offset.Value >= 0).ToDictionary(p => p.TopicPartition, p => p.Offset.Value));

    /// <summary>
    /// The committed records of a partition from an offset to its end of this moment. A transaction that is open there is waited for,
    /// because it may hide the newest record of the source that is asked for.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The end is not reached in time.</exception>
    public IEnumerable<ConsumeResult<byte[], byte[]?>> Read(TopicPartition partition, Offset? from, CancellationToken cancellationToken)
    {
        var (first, end) = Bounds(partition, cancellationToken);
        var start = from is { } wanted && wanted > first ? wanted : first;
        if (start >= end) yield break;

        // Progress counts, not the whole: a long topic may take long.
        var timeout = (2 * _clients.Options.TransactionTimeout) + TimeSpan.FromSeconds(30);
        var progress = _time.GetTimestamp();
        _consumer.Assign(new TopicPartitionOffset(partition, start));
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var result = Ask($"Reading {partition}", () => _consumer.Consume(Slice));
                if (result is null || (result.IsPartitionEOF && result.Offset < end))
                {
                    if (_time.GetElapsedTime(progress) > timeout)
                    {
                        throw new JournalUnavailableException(
                            $"{partition} could not be read to its end within {timeout:c}{(_errors.Last is { } said ? $" ({said})" : "")}: "
                            + "a transaction is open there, or a broker does not answer.",
                            "Look for a hanging transaction (kafka-transactions.sh find-hanging) and at the brokers.");
                    }

                    continue;
                }

                if (result.IsPartitionEOF) yield break;

                progress = _time.GetTimestamp();
                yield return result;
            }
        }
        finally
        {
            _consumer.Unassign();
        }
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _admin.Dispose();
    }

    private T Ask<T>(string doing, Func<T> question)
    {
        try
        {
            return question();
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(e, doing, _errors.Last);
        }
    }
}
