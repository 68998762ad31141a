using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>What the journal's topics, groups and transactional ids are called.</summary>
internal sealed class KafkaTopics(KafkaOptions options)
{
    /// <summary>Checkpoints and the ids that may be read again; compacted.</summary>
    public string Checkpoints { get; } = options.TopicPrefix + ".checkpoints";

    /// <summary>Dead letters; one partition.</summary>
    public string DeadLetters { get; } = options.TopicPrefix + ".dlq";

    public TopicPartition DeadLetterPartition => new(DeadLetters, 0);

    /// <summary>The group of the instances among which the sources are shared out.</summary>
    public string CollectGroup { get; } = $"{options.TopicPrefix}.{options.Environment}.collect";

    /// <summary>The transactional id and the group of the command check: a running connector's would be taken from it.</summary>
    public string Check { get; } = $"{options.TopicPrefix}.{options.Environment}.check";

    /// <summary>The events of one vendor.</summary>
    public string Events(string source) => $"{options.TopicPrefix}.{source}";

    public string ReaderGroup(string reader) => $"{options.TopicPrefix}.{reader}";

    /// <summary>Stable over restarts and hosts: what fences a second writer of the same source.</summary>
    public string TransactionalId(SourceKey source) => $"{options.TopicPrefix}.{options.Environment}.{source.Source}.{source.Account}";

    /// <summary>Everything of one source is in one partition, so that one read in order finds it all.</summary>
    public TopicPartition CheckpointPartition(SourceKey source)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(source.ToString()));
        return new(Checkpoints, (int)(BinaryPrimitives.ReadUInt32BigEndian(digest) % (uint)options.CheckpointPartitions));
    }
}
