using System.Globalization;
using System.Text;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Vendors;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>A journal in topics of its own, and another program's hands on them.</summary>
internal sealed class KafkaTopicsOfTest
{
    /// <summary>Commits of tests have times of their own, which the broker must not find too old.</summary>
    public static readonly JournalOptions Journal = new() { Retention = TimeSpan.FromDays(36_500) };

    public KafkaTopicsOfTest(KafkaServer server, int partitions = 3)
        : this(server.Options(), partitions)
    {
    }

    public KafkaTopicsOfTest(KafkaOptions options, int partitions = 3)
    {
        Options = options;
        options.Partitions = partitions;
    }

    public KafkaOptions Options { get; }

    /// <summary>The vendors that have a topic.</summary>
    public IReadOnlyCollection<string> Sources { get; init; } = ["intercom", "sequence"];

    public string Events(string source = "intercom") => $"{Options.TopicPrefix}.{source}";

    public string Checkpoints => $"{Options.TopicPrefix}.checkpoints";

    public string DeadLetters => $"{Options.TopicPrefix}.dlq";

    public KafkaJournal Open(
        TimeSpan? longestReach = null, TimeProvider? time = null, ILogger<KafkaJournal>? log = null, bool withholdsStrangers = false) => new(
        Options, Journal, Sources, longestReach ?? TimeSpan.FromDays(2), time ?? TimeProvider.System, log ?? NullLogger<KafkaJournal>.Instance)
        {
            WithholdsStrangers = withholdsStrangers,
            EventSchema = Vendor.EventSchema,
        };

    public KafkaJournalView View() => new(Options, Sources, TimeProvider.System);

    public KafkaJournalOperator Operator() => new(Options, Journal, Sources, TimeSpan.FromDays(2), TimeProvider.System);

    /// <summary>What an independent consumer sees of a topic.</summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]?>> Consume(string topic, IsolationLevel isolation = IsolationLevel.ReadCommitted) =>
        KafkaServer.Consume(Options.BootstrapServers!, topic, isolation);

    /// <summary>Puts these in the place of the stored checkpoints of a source, newest first, and leaves everything else as it is.</summary>
    public async Task StoreCheckpointsAsync(SourceKey source, params byte[][] texts)
    {
        var kept = Consume(Checkpoints);
        var key = $"cp/{source}";
        var newest = kept.Last(r => Encoding.UTF8.GetString(r.Message.Key) == key).Message.Headers.GetLastBytes("seq");
        var sequence = long.Parse(Encoding.UTF8.GetString(newest), CultureInfo.InvariantCulture);
        await RecreateAsync(Checkpoints, "compact");
        using var producer = new ProducerBuilder<byte[], byte[]?>(new ProducerConfig { BootstrapServers = Options.BootstrapServers }).Build();
        foreach (var record in kept.Where(r => Encoding.UTF8.GetString(r.Message.Key) != key))
        {
            await producer.ProduceAsync(Checkpoints, new() { Key = record.Message.Key, Value = record.Message.Value, Headers = record.Message.Headers });
        }

        for (var i = texts.Length - 1; i >= 0; i--)
        {
            await producer.ProduceAsync(Checkpoints, new()
            {
                Key = Encoding.UTF8.GetBytes(key),
                Value = texts[i],
                Headers = new Headers { { "seq", Encoding.UTF8.GetBytes((sequence - i).ToString(CultureInfo.InvariantCulture)) } },
            });
        }
    }

    /// <summary>Deletes a topic with all that is in it, and makes it anew.</summary>
    public async Task RecreateAsync(string topic, string policy, int partitions = 1)
    {
        using var admin = Admin();
        await admin.DeleteTopicsAsync([topic]);
        await CreateAsync(topic, policy, partitions);
    }

    public async Task CreateAsync(string topic, string policy, int partitions = 1)
    {
        using var admin = Admin();
        while (true)
        {
            try
            {
                await admin.CreateTopicsAsync([new TopicSpecification
                {
                    Name = topic,
                    NumPartitions = partitions,
                    ReplicationFactor = 1,
                    Configs = new() { ["cleanup.policy"] = policy, ["min.insync.replicas"] = "1" },
                }]);
                return;
            }
            catch (CreateTopicsException e) when (e.Results.Single().Error.Code == ErrorCode.TopicAlreadyExists)
            {
                // Its deletion is still under way.
                admin.GetMetadata(topic, TimeSpan.FromSeconds(10));
            }
        }
    }

    public IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Options.BootstrapServers }).Build();
}
