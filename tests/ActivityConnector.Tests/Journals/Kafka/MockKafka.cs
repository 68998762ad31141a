using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>
/// librdkafka's own mock of a cluster, on loopback ports of this process: it answers a request of one kind with the error that a test wants.
/// It has transactions but does not hide what was aborted, has no fencing, and knows nothing of administration.
/// </summary>
internal sealed class MockKafka : IDisposable
{
    public const short Produce = 0;
    public const short InitProducerId = 22;
    public const short AddPartitionsToTransaction = 24;
    public const short EndTransaction = 26;

    /// <summary>The error that is no answer: the broker closes the connection.</summary>
    public const int Disconnect = -195;

    private const string Library = "librdkafka";
    private const int ProducerType = 0;
    private const int ErrorBytes = 512;

    private readonly nint _client;
    private readonly nint _cluster;

    static MockKafka()
    {
        Confluent.Kafka.Library.Load();
        // There are several builds of it: the one that the client has found to fit.
        using var process = Process.GetCurrentProcess();
        var loaded = process.Modules.Cast<ProcessModule>().First(m => m.ModuleName.Contains(Library, StringComparison.Ordinal)).FileName;
        NativeLibrary.SetDllImportResolver(typeof(MockKafka).Assembly, (name, _, _) => name == Library ? NativeLibrary.Load(loaded) : 0);
    }

    public MockKafka(params string[] topics)
    {
        var error = new byte[ErrorBytes];
        var configuration = rd_kafka_conf_new();
        rd_kafka_conf_set_log_cb(configuration, 0);
        _client = rd_kafka_new(ProducerType, configuration, error, ErrorBytes);
        Assert.True(_client != 0, Encoding.UTF8.GetString(error));
        _cluster = rd_kafka_mock_cluster_new(_client, 1);
        Bootstrap = Marshal.PtrToStringUTF8(rd_kafka_mock_cluster_bootstraps(_cluster))!;
        foreach (var topic in topics) Assert.Equal(0, rd_kafka_mock_topic_create(_cluster, Encoding.UTF8.GetBytes(topic + '\0'), 1, 1));
    }

    public string Bootstrap { get; }

    /// <summary>The next requests of this kind are answered with these errors, each one request.</summary>
    public void Answer(short kind, params int[] errors) => rd_kafka_mock_push_request_errors_array(_cluster, kind, (nuint)errors.Length, errors);

    /// <summary>The keys of everything in the topic's only partition, committed or not.</summary>
    public IReadOnlyList<string> Keys(string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]?>(new ConsumerConfig
        {
            BootstrapServers = Bootstrap,
            GroupId = "independent",
            IsolationLevel = IsolationLevel.ReadUncommitted,
            EnablePartitionEof = true,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var keys = new List<string>();
        while (true)
        {
            var record = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new InvalidOperationException($"{topic} cannot be read.");
            if (record.IsPartitionEOF) return keys;

            keys.Add(Encoding.UTF8.GetString(record.Message.Key));
        }
    }

    public void Dispose()
    {
        rd_kafka_mock_cluster_destroy(_cluster);
        rd_kafka_destroy(_client);
    }

#pragma warning disable SYSLIB1054, CA5392 // Source-generated imports need unsafe code; the library is the one that is already loaded.
    [DllImport(Library)]
    private static extern nint rd_kafka_conf_new();

    [DllImport(Library)]
    private static extern void rd_kafka_conf_set_log_cb(nint configuration, nint callback);

    [DllImport(Library)]
    private static extern nint rd_kafka_new(int type, nint configuration, byte[] error, nuint errorBytes);

    [DllImport(Library)]
    private static extern void rd_kafka_destroy(nint client);

    [DllImport(Library)]
    private static extern nint rd_kafka_mock_cluster_new(nint client, int brokers);

    [DllImport(Library)]
    private static extern void rd_kafka_mock_cluster_destroy(nint cluster);

    [DllImport(Library)]
    private static extern nint rd_kafka_mock_cluster_bootstraps(nint cluster);

    [DllImport(Library)]
    private static extern int rd_kafka_mock_topic_create(nint cluster, byte[] topic, int partitions, int replication);

    [DllImport(Library)]
    private static extern void rd_kafka_mock_push_request_errors_array(nint cluster, short kind, nuint count, int[] errors);
#pragma warning restore SYSLIB1054, CA5392
}
