using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The topic of one vendor's events, looked at from outside.</summary>
internal static class EventsTopic
{
    /// <summary>At each end of each partition.</summary>
    private const int Sample = 2_000;

    /// <summary>Whether events of this account are among the first and the last of the topic.</summary>
    public static bool HasEventsOf(SourceKey source, KafkaTopics topics, TopicReading reading, CancellationToken cancellationToken)
    {
        // What another program wrote under the source's name is no event of it.
        foreach (var partition in reading.Partitions(topics.Events(source.Source)))
        {
            var (_, end) = reading.Bounds(partition, cancellationToken);
            if (reading.Read(partition, null, cancellationToken).Take(Sample)
                .Concat(reading.Read(partition, end - Sample, cancellationToken))
                .Any(record => FoundEvent.Of(record.Message, source.Source, 0).Event?.Source == source))
            {
                return true;
            }
        }

        return false;
    }
}
