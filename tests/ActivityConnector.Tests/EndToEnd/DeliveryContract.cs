using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>
/// From both vendors to a real server, by the real process: the server is killed in the middle of bulk requests, and so is the connector,
/// and in the end each event is there once. <c>./test long</c> runs the full size.
/// </summary>
[Trait("Kind", "server")]
[Trait("Kind", "long")]
public abstract class DeliveryContract(DeliveryServer given)
{
    private static readonly int ConnectorKills = Scene.IsLong ? 10 : 2;
    private static readonly int ServerKills = Scene.IsLong ? 5 : 1;

    /// <summary>Bulk requests in all, about: enough that every kill finds some under way.</summary>
    private static readonly int Requests = Scene.IsLong ? 150 : 50;

    private readonly SearchServer _server = given.Server!;
    private readonly string _prefix = SharedSearchServer.NewPrefix();

    protected async Task DeliverFromSqliteAsync()
    {
        await using var proxy = await BulkProxy.StartAsync(_server.Url);
        await using var scene = await OpenAsync(proxy);
        await KillAsync(proxy, scene, ConnectorKills, "run");

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
        using var client = new SearchClient(_server.Url);
        var events = await ExportedAsync(scene);
        Assert.Equal(events, await client.CountAsync(_prefix + "-*"));
        Assert.Empty((await scene.RunAsync("dlq", "list")).Output);

        // Without its sink the journal forgets how far that was; the whole of it is sent again.
        var url = scene.Settings["Elasticsearch__Urls__0"];
        scene.Settings.Remove("Elasticsearch__Urls__0");
        await scene.RunAsync("run", "--once");
        scene.Settings["Elasticsearch__Urls__0"] = url;
        var (_, _, replayed) = await scene.RunAsync("run", "--once");
        Assert.Contains($"elasticsearch: 0 stored, {events} there already, 0 left out, 0 refused.", replayed, StringComparison.Ordinal);
        Assert.Equal(events, await client.CountAsync(_prefix + "-*"));
    }

    protected async Task DeliverFromKafkaAsync()
    {
        await using var kafka = await KafkaCluster.StartAsync();
        await using var proxy = await BulkProxy.StartAsync(_server.Url);
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
            await KillAsync(proxy, scene, ConnectorKills, "run", "--role", "index");
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
        using var client = new SearchClient(_server.Url);
        Assert.Equal(await ExportedAsync(scene), await client.CountAsync(_prefix + "-*"));
        Assert.Empty((await scene.RunAsync("dlq", "list")).Output);
    }

    private async Task<Scene> OpenAsync(BulkProxy proxy)
    {
        var scene = await Scene.OpenAsync();
        scene.Settings["Elasticsearch__Urls__0"] = proxy.Url;
        scene.Settings["Elasticsearch__Prefix"] = _prefix;
        scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";
        scene.Settings["Elasticsearch__BatchSize"] = $"{Scene.Records * 24 / 10 / Requests}";
        return scene;
    }

    private static async Task<int> ExportedAsync(Scene scene) =>
        (await scene.RunAsync("export", "--format", "csv", "--fields", "event.dataset")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1;

    private async Task KillAsync(BulkProxy proxy, Scene scene, int kills, params string[] run)
    {
        var random = new Random(20261124);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var connector = scene.Start(run);
            await proxy.MoreAsync(random.Next(2, 12)).WaitAsync(TimeSpan.FromMinutes(3));
            if (kill % 2 == 0 && kill / 2 < ServerKills)
            {
                await _server.KillAsync();
                connector.Kill();
                await _server.StartAgainAsync();
            }
            else
            {
                connector.Kill();
            }

            await connector.EndAsync();
        }
    }
}

/// <summary>A server of its own, because it is killed: no test that shares one does that.</summary>
public abstract class DeliveryServer(string kind) : IAsyncLifetime
{
    public SearchServer? Server { get; private set; }

    public async Task InitializeAsync() => Server = SearchServer.Missing(kind) is not null ? null
        : Scene.IsLong ? await SearchServer.StartForLongAsync(kind) : await SearchServer.StartAsync(kind);

    public Task DisposeAsync() => Server is null ? Task.CompletedTask : Server.DisposeAsync().AsTask();
}

public sealed class ElasticsearchDeliveryServer() : DeliveryServer("elasticsearch");

public sealed class OpenSearchDeliveryServer() : DeliveryServer("opensearch");

[Trait("Kind", "slow")]
public sealed class ElasticsearchDeliveryTests(ElasticsearchDeliveryServer server)
    : DeliveryContract(server), INeedsServer, IClassFixture<ElasticsearchDeliveryServer>
{
    public static string? Missing => SearchServer.Missing("elasticsearch") ?? KafkaCluster.Missing;

    [ContractFact]
    public Task From_Kafka_by_an_indexer_of_its_own_every_event_is_stored_once_although_server_and_indexer_are_killed_on_the_way() => DeliverFromKafkaAsync();
}

[Trait("Kind", "slow")]
public sealed class OpenSearchDeliveryTests(OpenSearchDeliveryServer server) : DeliveryContract(server), INeedsServer, IClassFixture<OpenSearchDeliveryServer>
{
    public static string? Missing => SearchServer.Missing("opensearch");

    [ContractFact]
    public Task From_SQLite_every_event_is_stored_once_although_server_and_connector_are_killed_on_the_way_and_again_when_all_is_sent_again() =>
        DeliverFromSqliteAsync();
}
