using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>
/// From both vendors to a real server, by the real process: the server is killed in the middle of bulk requests, and so is the connector,
/// and in the end each event is there once. <c>./test long</c> runs the full size.
/// </summary>
[Trait("Kind", "server")]
[Trait("Kind", "long")]
public abstract class DeliveryContract(string kind)
{
    private static readonly int ConnectorKills = Scene.IsLong ? 10 : 2;
    private static readonly int ServerKills = Scene.IsLong ? 5 : 1;

    [ContractFact]
    public async Task Every_event_is_stored_once_although_server_and_connector_are_killed_on_the_way()
    {
        await using var server = await SearchServer.StartAsync(kind);
        await using var proxy = await BulkProxy.StartAsync(server.Url);
        await using var scene = await OpenAsync(proxy);
        await KillAsync(server, proxy, scene, ConnectorKills, "run");

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
        using var client = new SearchClient(server.Url);
        var events = await ExportedAsync(scene);
        Assert.Equal(events, await client.CountAsync("logs-*"));
        Assert.Empty((await scene.RunAsync("dlq", "list")).Output);

        // Without its sink the journal forgets how far that was; the whole of it is sent again.
        var url = scene.Settings["Elasticsearch__Urls__0"];
        scene.Settings.Remove("Elasticsearch__Urls__0");
        await scene.RunAsync("run", "--once");
        scene.Settings["Elasticsearch__Urls__0"] = url;
        var (_, _, replayed) = await scene.RunAsync("run", "--once");
        Assert.Contains($"elasticsearch: 0 stored, {events} there already, 0 left out, 0 refused.", replayed, StringComparison.Ordinal);
        Assert.Equal(events, await client.CountAsync("logs-*"));
    }

    [ContractFact]
    public async Task The_same_from_a_journal_in_Kafka_with_an_indexer_of_its_own()
    {
        await using var kafka = await KafkaCluster.StartAsync();
        await using var server = await SearchServer.StartAsync(kind);
        await using var proxy = await BulkProxy.StartAsync(server.Url);
        await using var scene = await OpenAsync(proxy);
        scene.Settings["Journal__Kind"] = "Kafka";
        scene.Settings["Kafka__BootstrapServers"] = kafka.Bootstrap;
        scene.Settings["Kafka__ReplicationFactor"] = "1";
        scene.Settings["Kafka__MinInSyncReplicas"] = "1";
        if (!Scene.IsLong)
        {
            // The cluster gives a dead member's partitions to the next one after 45 s, which is most of a short form's time.
            scene.Settings["Kafka__Properties__session.timeout.ms"] = "6000";
        }

        await using (var collector = scene.Start("run", "--role", "collect"))
        {
            await KillAsync(server, proxy, scene, ConnectorKills, "run", "--role", "index");
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
        using var client = new SearchClient(server.Url);
        Assert.Equal(await ExportedAsync(scene), await client.CountAsync("logs-*"));
        Assert.Empty((await scene.RunAsync("dlq", "list")).Output);
    }

    private static async Task<Scene> OpenAsync(BulkProxy proxy)
    {
        var scene = await Scene.OpenAsync();
        scene.Settings["Elasticsearch__Urls__0"] = proxy.Url;
        scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";

        // About 150 requests in all, so that every kill finds some under way.
        scene.Settings["Elasticsearch__BatchSize"] = $"{Scene.Records * 24 / 10 / 150}";
        return scene;
    }

    private static async Task<int> ExportedAsync(Scene scene) =>
        (await scene.RunAsync("export", "--format", "csv", "--fields", "event.dataset")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1;

    private static async Task KillAsync(SearchServer server, BulkProxy proxy, Scene scene, int kills, params string[] run)
    {
        var random = new Random(20261124);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var connector = scene.Start(run);
            await proxy.MoreAsync(random.Next(2, 12)).WaitAsync(TimeSpan.FromMinutes(3));
            if (kill % 2 == 0 && kill / 2 < ServerKills)
            {
                await server.KillAsync();
                connector.Kill();
                await server.StartAgainAsync();
            }
            else
            {
                connector.Kill();
            }

            await connector.EndAsync();
        }
    }
}

[Collection("Elasticsearch delivery")]
public sealed class ElasticsearchDeliveryTests() : DeliveryContract("elasticsearch"), INeedsServer
{
    public static string? Missing => SearchServer.Missing("elasticsearch") ?? KafkaCluster.Missing;
}

[Collection("OpenSearch delivery")]
public sealed class OpenSearchDeliveryTests() : DeliveryContract("opensearch"), INeedsServer
{
    public static string? Missing => SearchServer.Missing("opensearch") ?? KafkaCluster.Missing;
}
