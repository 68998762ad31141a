using ActivityConnector.Pipeline;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// Tries everything that the journal will do to the cluster. Nothing of it is seen by a <c>read_committed</c> consumer, and nothing is
/// taken from a connector that runs: transactional id and group are its own, and every transaction is aborted.
/// </summary>
internal sealed class KafkaCheck(KafkaOptions options, JournalOptions journal, IReadOnlyCollection<string> sources, TimeProvider time)
{
    /// <summary>A cluster that was never asked for a transaction or a group first makes a topic for them.</summary>
    private static readonly TimeSpan FirstTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    private readonly KafkaClients _clients = new(options, NullLogger.Instance);
    private readonly ClientErrors _errors = new();

    /// <summary>One result for each thing that was tried; what cannot be tried because of an earlier one is left out.</summary>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        using var setup = new TopicSetup(_clients, journal.Retention, sources, time);
        IReadOnlyList<TopicReport> topics;
        try
        {
            topics = await setup.ApplyAsync(create: false, cancellationToken);
        }
        catch (JournalException e)
        {
            return [CheckResult.Of("Kafka", e)];
        }

        List<CheckResult> results = [new("Kafka", $"{options.BootstrapServers} answers."), .. topics.Select(Of)];
        var there = topics.Where(t => t.State == TopicState.Exists).Select(t => t.Topic).ToList();
        await Task.Run(() => results.AddRange(Use(there, cancellationToken)), cancellationToken);
        return results;
    }

    private static CheckResult Of(TopicReport topic) => topic.Problems.Count == 0
        ? new($"topic {topic.Topic}", topic.Found)
        : new($"topic {topic.Topic}", string.Join(" ", topic.Problems), string.Join(" ", topic.Fixes.Distinct()));

    private IEnumerable<CheckResult> Use(IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        var id = Try($"transactional id {_clients.Topics.Check}", "Using it", () =>
        {
            using var producer = Producer();
            return "may be used";
        });
        yield return id;
        foreach (var topic in topics)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (id.Passed) yield return Try($"write {topic}", "Writing", () => Write(topic));

            yield return Try($"read {topic}", "Reading", () => Read(topic));
        }

        if (topics.Contains(_clients.Topics.Checkpoints)) yield return Try($"group {_clients.Topics.Check}", "Joining it", Join);
    }

    private IProducer<byte[], byte[]?> Producer()
    {
        var producer = KafkaClients.Make(() => _clients.TransactionalProducer(_clients.Topics.Check, Credentials(), _errors));
        try
        {
            producer.InitTransactions(FirstTimeout);
            return producer;
        }
        catch
        {
            producer.Dispose();
            throw;
        }
    }

    /// <summary>A producer for each topic: one that is refused ends the transaction of all.</summary>
    private string Write(string topic)
    {
        using var producer = Producer();
        DeliveryReport<byte[], byte[]?>? delivered = null;
        producer.BeginTransaction();
        try
        {
            producer.Produce(topic, new() { Key = "check"u8.ToArray(), Value = [] }, report => delivered = report);
            var since = time.GetTimestamp();
            while (producer.Flush(Slice) > 0 && time.GetElapsedTime(since) < KafkaClients.AnswerTimeout) ThrowIfRefused(producer);

            ThrowIfRefused(producer);
        }
        catch (KafkaException)
        {
            Abort(producer);
            throw;
        }

        Abort(producer);
        return delivered is { Error.IsError: false } ? "may be written" : throw new KafkaException(delivered?.Error ?? new Error(ErrorCode.Local_TimedOut));
    }

    private static void Abort(IProducer<byte[], byte[]?> producer)
    {
        try
        {
            producer.AbortTransaction(KafkaClients.AnswerTimeout);
        }
        catch (KafkaException)
        {
            // There is nothing in it, or the cluster ends it after its time.
        }
    }

    /// <summary>What ended a transaction is reported by the next call that needs another state; the record itself waits, or is given up.</summary>
    private static void ThrowIfRefused(IProducer<byte[], byte[]?> producer)
    {
        try
        {
            producer.BeginTransaction();
        }
        catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_State)
        {
            // It has begun, and nothing has ended it.
        }
    }

    private string Read(string topic)
    {
        using var consumer = KafkaClients.Make(() => _clients.Reader(Credentials(), _errors));
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.End));
        return consumer.Consume(KafkaClients.AnswerTimeout) is null ? throw new KafkaException(new Error(ErrorCode.Local_TimedOut)) : "may be read";
    }

    private string Join()
    {
        var joined = false;
        using var consumer = KafkaClients.Make(_clients.Member(Credentials(), _clients.Topics.Check, _errors)
            .SetPartitionsAssignedHandler((_, partitions) =>
            {
                joined = true;
                return partitions.Select(p => new TopicPartitionOffset(p, Offset.End));
            })
            .Build);
        consumer.Subscribe(_clients.Topics.Checkpoints);
        var since = time.GetTimestamp();
        while (!joined)
        {
            consumer.Consume(Slice);
            if (time.GetElapsedTime(since) > FirstTimeout) throw new KafkaException(new Error(ErrorCode.Local_TimedOut));
        }

        consumer.Close();
        return "may be joined";
    }

    private CheckResult Try(string part, string doing, Func<string> attempt)
    {
        try
        {
            return new CheckResult(part, attempt());
        }
        catch (JournalException e)
        {
            return CheckResult.Of(part, e);
        }
        catch (KafkaException e)
        {
            return CheckResult.Of(part, KafkaFailure.Of(e, doing, _errors.Last));
        }
    }

    private KafkaCredentials Credentials() => KafkaCredentials.Read(options.Security);
}
