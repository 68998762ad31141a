using ActivityConnector.Journals.Kafka;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>
/// One broker for tests that kill it or stand in its way. It forgets transactional ids that were idle for 25 seconds.
/// A test leaves it running.
/// </summary>
public sealed class HarmedKafka : IAsyncLifetime
{
    private readonly KafkaProxy _proxy = new();
    private KafkaCluster? _cluster;

    public KafkaCluster Cluster => _cluster!;

    public KafkaProxy Proxy => _proxy;

    /// <summary>For a client whose requests go through <see cref="Proxy"/>.</summary>
    public string Proxied => $"127.0.0.1:{_proxy.Port}";

    /// <param name="through">Whether its requests go through <see cref="Proxy"/>.</param>
    public KafkaOptions Options(bool through, string? prefix = null) => new()
    {
        BootstrapServers = through ? Proxied : Cluster.Bootstrap,
        TopicPrefix = prefix ?? KafkaServer.NewPrefix(),
        ReplicationFactor = 1,
        MinInSyncReplicas = 1,
        TransactionTimeout = TimeSpan.FromSeconds(10),
    };

    public async Task InitializeAsync()
    {
        if (KafkaCluster.Missing is not null) return;

        _proxy.Broker = ServerFolder.FreePorts(1);
        _cluster = await KafkaCluster.StartAsync(
            1,
            $"listeners=PLAINTEXT://127.0.0.1:PORT,PROXIED://127.0.0.1:{_proxy.Broker},CONTROLLER://127.0.0.1:CONTROLLERPORT",
            $"advertised.listeners=PLAINTEXT://127.0.0.1:PORT,PROXIED://127.0.0.1:{_proxy.Port}",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "transactional.id.expiration.ms=25000",
            "transaction.remove.expired.transaction.cleanup.interval.ms=1000");
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();

        await _proxy.DisposeAsync();
    }
}

/// <summary>Tests that harm the same broker, one after the other.</summary>
[CollectionDefinition(Name)]
#pragma warning disable CA1711 // xunit's word for it.
public sealed class HarmedKafkaCollection : ICollectionFixture<HarmedKafka>
#pragma warning restore CA1711
{
    public const string Name = "Kafka that is harmed";
}
