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

    /// <summary>
    /// What is read of each letter that is open, newest first: of the first with its id, unless it was discarded since. Null where that is no letter.
    /// </summary>
    public static IEnumerable<T> Open<T>(
        KafkaTopics topics, TopicReading reading, Func<Message<byte[], byte[]?>, T> read, CancellationToken cancellationToken)
    {
        var open = new Dictionary<string, (long Offset, T Letter)>();
        foreach (var record in reading.Read(topics.DeadLetterPartition, null, cancellationToken))
        {
            var id = DeadLetterRecord.IdOf(record.Message);
            if (record.Message.Value is null)
            {
                open.Remove(id);
            }
            else if (!open.ContainsKey(id))
            {
                open.Add(id, (record.Offset.Value, read(record.Message)));
            }
        }

        return open.Values.OrderByDescending(o => o.Offset).Select(o => o.Letter);
    }
}
