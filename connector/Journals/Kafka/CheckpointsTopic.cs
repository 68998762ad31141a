using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The topic of checkpoints, read from end to end.</summary>
internal static class CheckpointsTopic
{
    public static StoredSource Read(SourceKey source, KafkaTopics topics, TopicReading reading, CancellationToken cancellationToken)
    {
        var stored = new StoredSource(source);
        foreach (var record in reading.Read(topics.CheckpointPartition(source), null, cancellationToken))
        {
            if (CheckpointRecord.Parse(record.Message) is var (of, segment) && of == source) stored.Take(record.Message, segment);
        }

        return stored;
    }

    /// <summary>Every source that the topic names.</summary>
    /// <param name="leftOut">Gets each record that no source has, and why.</param>
    public static IReadOnlyDictionary<SourceKey, StoredSource> ReadAll(
        KafkaTopics topics, TopicReading reading, Action<TopicPartitionOffset, string> leftOut, CancellationToken cancellationToken)
    {
        var all = new Dictionary<SourceKey, StoredSource>();
        foreach (var record in reading.Partitions(topics.Checkpoints).SelectMany(partition => reading.Read(partition, null, cancellationToken)))
        {
            if (CheckpointRecord.Parse(record.Message) is not var (source, segment))
            {
                leftOut(record.TopicPartitionOffset, "its key is of no source");
                continue;
            }

            if (topics.CheckpointPartition(source) != record.TopicPartition)
            {
                leftOut(record.TopicPartitionOffset, $"{source} has another partition (Kafka:CheckpointPartitions must stay what it was)");
                continue;
            }

            if (!all.TryGetValue(source, out var stored)) all.Add(source, stored = new StoredSource(source));

            stored.Take(record.Message, segment);
        }

        return all;
    }
}
