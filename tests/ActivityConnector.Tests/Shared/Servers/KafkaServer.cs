using ActivityConnector.Journals.Kafka;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>
/// One broker for all tests that do not harm it: that of KAFKA_TEST_BOOTSTRAP, or one that is started for them, beside the repository or in
/// a container. Each test uses a prefix of its own.
/// </summary>
public sealed class KafkaServer : IAsyncLifetime
{
    private static readonly string? Given = Environment.GetEnvironmentVariable("KAFKA_TEST_BOOTSTRAP");
    private static int _prefixes;

    private IAsyncDisposable? _started;

    /// <summary>Why there is none; null when there is.</summary>
#if TESTCONTAINERS
    public static string? Missing => null;
#else
    public static string? Missing { get; } = Given is null ? KafkaCluster.Missing : null;
#endif

    public string Bootstrap { get; private set; } = Given ?? "";

    /// <summary>The broker's own, when it was started here; null when it was given.</summary>
    public KafkaCluster? Cluster => _started as KafkaCluster;

    /// <summary>A name that no other test of this or an earlier run uses.</summary>
    public static string NewPrefix() => $"t{Environment.ProcessId}-{Guid.NewGuid().ToString("n")[..6]}-{Interlocked.Increment(ref _prefixes)}";

    /// <summary>Options for a journal of its own on this broker.</summary>
    public KafkaOptions Options(string? prefix = null) => new()
    {
        BootstrapServers = Bootstrap,
        TopicPrefix = prefix ?? NewPrefix(),
        ReplicationFactor = 1,
        MinInSyncReplicas = 1,
    };

    public async Task InitializeAsync()
    {
        if (Given is null && KafkaCluster.Missing is null)
        {
            var cluster = await KafkaCluster.StartAsync();
            (Bootstrap, _started) = (cluster.Bootstrap, cluster);
        }
#if TESTCONTAINERS
        else if (Given is null)
        {
            (Bootstrap, _started) = await KafkaContainer.StartAsync();
        }
#endif
    }

    public async Task DisposeAsync()
    {
        if (_started is not null) await _started.DisposeAsync();
    }

    /// <summary>
    /// Every record of a topic that a consumer of this isolation level can see now, by an ordinary consumer that knows nothing of the
    /// connector.
    /// </summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]?>> Consume(string topic, IsolationLevel isolation = IsolationLevel.ReadCommitted) =>
        Consume(Bootstrap, topic, isolation);

    /// <inheritdoc cref="Consume(string, IsolationLevel)"/>
    /// <param name="decided">
    /// Whether what is at the end is waited for until it is committed or not: the cluster answers a commit before it shows what was committed.
    /// </param>
    public static IReadOnlyList<ConsumeResult<byte[], byte[]?>> Consume(
        string bootstrap, string topic, IsolationLevel isolation = IsolationLevel.ReadCommitted, bool decided = false)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]?>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "independent",
            IsolationLevel = isolation,
            EnablePartitionEof = true,
            EnableAutoCommit = false,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(20)).Topics.Single().Partitions
            .Select(p => new TopicPartition(topic, p.PartitionId)).ToList();
        var ends = decided ? EndsOf(bootstrap, partitions) : [];
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
        var (records, ended) = (new List<ConsumeResult<byte[], byte[]?>>(), new HashSet<TopicPartition>());
        while (ended.Count < partitions.Count)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(60)) ?? throw new InvalidOperationException(
                $"{topic} cannot be read to its end: at {string.Join(", ", partitions.Except(ended).Select(PositionIn))}; "
                + $"the ends are {string.Join(", ", EndsOf(bootstrap, partitions))}.");
            if (result.IsPartitionEOF)
            {
                if (result.Offset >= ends.GetValueOrDefault(result.TopicPartition, 0)) ended.Add(result.TopicPartition);
            }
            else
            {
                records.Add(result);
            }
        }

        return records;

        string PositionIn(TopicPartition p) =>
            $"{p.Partition}: {consumer.Position(p)}, stable {consumer.QueryWatermarkOffsets(p, TimeSpan.FromSeconds(20))}";
    }
    /// <summary>Where the partitions end, open transactions and markers included.</summary>
    public static Dictionary<TopicPartition, Offset> EndsOf(string bootstrap, IReadOnlyList<TopicPartition> partitions)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]?>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "independent",
            IsolationLevel = IsolationLevel.ReadUncommitted,
        }).Build();
        return partitions.ToDictionary(p => p, p => consumer.QueryWatermarkOffsets(p, TimeSpan.FromSeconds(20)).High);
    }
}

/// <summary>Tests that share the one broker; they run one after the other.</summary>
[CollectionDefinition(Name)]
#pragma warning disable CA1711 // xunit's word for it.
public sealed class KafkaCollection : ICollectionFixture<KafkaServer>
#pragma warning restore CA1711
{
    public const string Name = "Kafka";
}

/// <summary>The same for tests of the whole process, which take longer: a broker of their own, beside the other.</summary>
[CollectionDefinition(Name)]
#pragma warning disable CA1711 // xunit's word for it.
public sealed class KafkaProcessCollection : ICollectionFixture<KafkaServer>
#pragma warning restore CA1711
{
    public const string Name = "Kafka, whole process";
}
