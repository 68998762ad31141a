using System.Runtime.Versioning;
using ActivityConnector.Tests.Shared.Servers;
using Xunit.Abstractions;

namespace ActivityConnector.Tests.Documents;

/// <summary>The commands of the documents that are marked as needing Kafka, with a broker.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
[UnsupportedOSPlatform("windows")]
public sealed class DocumentedKafkaCommandsTests(KafkaServer server, ITestOutputHelper output)
{
    [KafkaFact]
    public async Task Every_command_that_needs_Kafka_succeeds()
    {
        await using var scene = await DocumentScene.OpenAsync();
        await scene.MoveToKafkaAsync(server.Bootstrap);
        await scene.AssertAllSucceedAsync("Kafka", output);
    }
}

/// <summary>The commands of the documents that are marked as needing Elasticsearch, with a node.</summary>
[Collection(ElasticsearchCollection.Name)]
[Trait("Kind", "server")]
[UnsupportedOSPlatform("windows")]
public sealed class DocumentedElasticsearchCommandsTests(ElasticsearchServer server, ITestOutputHelper output) : INeedsServer
{
    public static string? Missing => ElasticsearchServer.Missing;

    [ContractFact]
    public async Task Every_command_that_needs_Elasticsearch_succeeds()
    {
        await using var scene = await DocumentScene.OpenAsync();
        scene.SendTo(server.Url);
        await scene.AssertAllSucceedAsync("Elasticsearch", output);
    }
}
