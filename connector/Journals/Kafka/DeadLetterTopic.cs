using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The topic of dead letters: read from end to end, because there are few.</summary>
internal static class DeadLetterTopic
{
    /// <summary>
    /// Writes outside of any transaction and returns when the cluster has it all; a letter may come to be there twice. Of what the cluster
    /// finds too large less is kept.
    /// </summary>
    /// <param name="records">The records, with no more of a letter than the given number of bytes.</param>
    public static async Task WriteAsync(KafkaClients clients, Func<int, IEnumerable<OutgoingRecord>> records, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (most, errors) = (clients.MaxEventBytes, new ClientErrors());
            using var producer = KafkaClients.Make(() => clients.Producer(KafkaCredentials.Read(clients.Options.Security), errors));
            try
            {
                await Task.WhenAll(records(most).Select(r => producer.ProduceAsync(r.Partition, r.ToMessage(), cancellationToken)));
                return;
            }
            catch (KafkaException e) when (e.Error.Code == ErrorCode.MsgSizeTooLarge && clients.LowerMaxEventBytes(most))
            {
                // Once more with less.
            }
            catch (KafkaException e)
            {
                throw KafkaFailure.Of(e, "Keeping dead letters", errors.Last);
            }
        }
    }

    /// <summary>
    /// What is read of each letter that is open, newest first: of the first with its id, unless it was discarded since. Null where that is no letter.
    /// </summary>
    public static IEnumerable<(TopicPartitionOffset Place, T Letter)> Open<T>(
        KafkaTopics topics, TopicReading reading, Func<Message<byte[], byte[]?>, T> read, CancellationToken cancellationToken)
    {
        var open = new Dictionary<string, (TopicPartitionOffset Place, T Letter)>();
        foreach (var record in reading.Read(topics.DeadLetterPartition, null, cancellationToken))
        {
            var id = DeadLetterRecord.IdOf(record.Message);
            if (record.Message.Value is null)
            {
                open.Remove(id);
            }
            else if (!open.ContainsKey(id))
            {
                open.Add(id, (record.TopicPartitionOffset, read(record.Message)));
            }
        }

        return open.Values.OrderByDescending(o => o.Place.Offset.Value);
    }

    /// <summary>The records at some places, which are given newest first, in this order; without those that retention has deleted since.</summary>
    public static IReadOnlyList<ConsumeResult<byte[], byte[]?>> At(
        KafkaTopics topics, TopicReading reading, IReadOnlyList<Offset> places, CancellationToken cancellationToken)
    {
        var wanted = places.ToHashSet();
        return
        [
            .. reading.Read(topics.DeadLetterPartition, places[^1], cancellationToken)
                .TakeWhile(record => record.Offset.Value <= places[0].Value).Where(record => wanted.Contains(record.Offset)).Reverse(),
        ];
    }
}
