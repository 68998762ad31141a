namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>A Kafka in a container, where there is a Docker engine and no other Kafka: only with the build property <c>UseTestcontainers</c>.</summary>
internal static class KafkaContainer
{
    public static async Task<(string Bootstrap, IAsyncDisposable Container)> StartAsync()
    {
        var container = new Testcontainers.Kafka.KafkaBuilder("apache/kafka:4.3.1").Build();
        await container.StartAsync();
        return (container.GetBootstrapAddress(), container);
    }
}
