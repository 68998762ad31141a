using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>Elasticsearch is away: what is collected waits, and is brought over when it is back.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task A_cluster_that_is_away_stops_no_collection_and_has_everything_once_when_it_is_back()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 300 }, Sequence = o.Sequence with { Records = 300 } });
        scene.Settings["Elasticsearch__Urls__0"] = $"http://127.0.0.1:{ServerFolder.FreePorts(1)}";
        scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";
        await using (var connector = scene.Start("run"))
        {
            await connector.SeenAsync("intercom: 300 events committed");
            await connector.SeenAsync("sequence: ");
            await connector.SeenAsync("Elasticsearch cannot take events");
            await connector.SignalAsync("TERM");
            Assert.Equal(0, await connector.EndAsync());
        }

        await scene.AssertCompleteAsync();
        await using var server = await FakeElasticsearch.StartAsync();
        scene.Settings["Elasticsearch__Urls__0"] = server.Url;
        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, errors);
        Assert.Contains($"elasticsearch: {server.Documents.Count} stored, 0 there already, 0 left out, 0 refused.", errors, StringComparison.Ordinal);
        var exported = (await scene.RunAsync("export")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(exported.Length, server.Documents.Count);
        Assert.True(server.Documents.Count > 600);
    }

    [Fact]
    public async Task A_run_that_ends_before_the_cluster_has_everything_says_that_the_rest_waits()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 100 }, Sequence = o.Sequence with { Records = 100 } });
        await using var server = await FakeElasticsearch.StartAsync();
        server.Instead = (_, path) => path == "_bulk" ? (401, """{"error":{"type":"security_exception"}}""") : null;
        scene.Settings["Elasticsearch__Urls__0"] = server.Url;
        scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.Equal(1, exitCode);
        Assert.Contains(
            "elasticsearch: 0 stored, 0 there already, 0 left out, 0 refused. Not all events are delivered; the rest waits in the journal.",
            errors,
            StringComparison.Ordinal);
    }
}
