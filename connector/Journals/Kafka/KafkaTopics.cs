using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>What the journal's topics, groups and transactional ids are called.</summary>
/// <remarks>
/// No two configurations share a name that they must not share: a dot ends a part of a name, so an environment and an account have '~' for theirs.
/// All begin with the prefix, for prefixed ACLs.
/// </remarks>
internal sealed class KafkaTopics(KafkaOptions options)
{
    /// <summary>Checkpoints and the ids that may be read again; compacted.</summary>
    public string Checkpoints { get; } = options.TopicPrefix + ".checkpoints";

    /// <summary>Dead letters; one partition.</summary>
    public string DeadLetters { get; } = options.TopicPrefix + ".dlq";

    public TopicPartition DeadLetterPartition => new(DeadLetters, 0);

    /// <summary>The group of the instances among which the sources are shared out.</summary>
    public string CollectGroup { get; } = $"{options.TopicPrefix}.{Part(options.Environment)}.collect";

    /// <summary>
    /// The transactional id and the group of the command check: a running connector's would be taken from it. No account is called so, because of the '/'.
    /// </summary>
    public string Check { get; } = $"{options.TopicPrefix}.{Part(options.Environment)}/check";

    /// <summary>The events of one vendor.</summary>
    public string Events(string source) => $"{options.TopicPrefix}.{source}";

    /// <summary>The vendor whose events a topic has.</summary>
    public string VendorOf(string eventsTopic) => eventsTopic[(options.TopicPrefix.Length + 1)..];

    public string ReaderGroup(string reader) => $"{options.TopicPrefix}.{reader}";

    /// <summary>Stable over restarts and hosts: what fences a second writer of the same source.</summary>
    public string TransactionalId(SourceKey source) => $"{options.TopicPrefix}.{Part(options.Environment)}.{source.Source}.{Part(source.Account)}";

    /// <summary>Everything of one source is in one partition, so that one read in order finds it all.</summary>
    public TopicPartition CheckpointPartition(SourceKey source)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(source.ToString()));
        return new(Checkpoints, (int)(BinaryPrimitives.ReadUInt32BigEndian(digest) % (uint)options.CheckpointPartitions));
    }

    /// <summary>A name as one part of a longer one. '~' stands in no prefix, environment or account.</summary>
    private static string Part(string name) => name.Replace('.', '~');
}
