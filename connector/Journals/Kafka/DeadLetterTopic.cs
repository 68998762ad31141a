using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The topic of dead letters: read from end to end, because there are few.</summary>
internal static class DeadLetterTopic
{
    /// <summary>Writes outside of any transaction and returns when the cluster has it all; a letter may come to be there twice.</summary>
    public static async Task WriteAsync(KafkaClients clients, IEnumerable<OutgoingRecord> records, CancellationToken cancellationToken)
    {
        var errors = new ClientErrors();
        using var producer = KafkaClients.Make(() => clients.Producer(KafkaCredentials.Read(clients.Options.Security), errors));
        try
        {
            await Task.WhenAll(records.Select(r => producer.ProduceAsync(r.Partition, r.ToMessage(), cancellationToken)));
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(e, "Keeping dead letters", errors.Last);
        }
    }

    /// <summary>The letters that count, by their place in the topic: the first of each id, unless it was discarded since.</summary>
    public static SortedDictionary<long, string> Places(KafkaTopics topics, TopicReading reading, CancellationToken cancellationToken)
    {
        var (byId, places) = (new Dictionary<string, long>(), new SortedDictionary<long, string>());
        foreach (var record in reading.Read(topics.DeadLetterPartition, null, cancellationToken))
        {
            var id = DeadLetterRecord.IdOf(record.Message);
            if (record.Message.Value is null)
            {
                if (byId.Remove(id, out var place)) places.Remove(place);
            }
            else if (byId.TryAdd(id, record.Offset.Value))
            {
                places.Add(record.Offset.Value, id);
            }
        }

        return places;
    }

    /// <summary>How many letters count, by stage.</summary>
    public static IReadOnlyDictionary<DeadLetterStage, long> CountByStage(KafkaTopics topics, TopicReading reading, CancellationToken cancellationToken)
    {
        var stages = new Dictionary<string, DeadLetterStage>();
        foreach (var record in reading.Read(topics.DeadLetterPartition, null, cancellationToken))
        {
            var id = DeadLetterRecord.IdOf(record.Message);
            if (record.Message.Value is null)
            {
                stages.Remove(id);
            }
            else if (DeadLetterRecord.Read(record.Message) is { } letter)
            {
                stages.TryAdd(id, letter.Stage);
            }
        }

        return stages.Values.CountBy(stage => stage).ToDictionary(pair => pair.Key, pair => (long)pair.Value);
    }

    /// <summary>The letter at one of these places.</summary>
    public static DeadLetter? At(long place, KafkaTopics topics, TopicReading reading, CancellationToken cancellationToken) =>
        reading.Read(topics.DeadLetterPartition, place, cancellationToken).Take(1).Select(r => DeadLetterRecord.Read(r.Message)).FirstOrDefault();
}
