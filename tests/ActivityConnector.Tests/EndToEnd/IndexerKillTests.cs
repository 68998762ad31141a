using System.Globalization;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>The process dies, or is asked to end, at each step of the way from the journal into the index.</summary>
public abstract partial class IndexerKillTests(string? bootstrap)
{
    private const int Records = 300;

    /// <summary>SIGKILL's.</summary>
    private const int Killed = 128 + 9;

    /// <summary>An orchestrator waits for 30 seconds.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private static readonly string[] Collect = ["run", "--role", "collect", "--once"];

    private string[] Index => bootstrap is null ? ["run", "--once"] : ["run", "--role", "index", "--once"];

    [ContractFact]
    public async Task Killed_before_an_acknowledgement_it_goes_on_from_the_last_one_and_every_event_is_stored_once()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        await using var scene = await OpenAsync(server);
        await using (var killed = scene.StartTo("settled:3", Index))
        {
            Assert.Equal(Killed, await killed.EndAsync());
        }

        var before = server.Documents.Count;
        var (_, known, _) = await FinishAsync(scene);

        // What was stored and not acknowledged is met again, and only that.
        Assert.InRange(known, 1, before);
        await AssertStoredOnceAsync(scene, server);
    }

    [ContractFact]
    public async Task Killed_while_the_server_has_stored_half_of_a_request_the_rest_follows_and_nothing_is_doubled()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        await using var scene = await OpenAsync(server);
        var running = new TaskCompletionSource<ConnectorProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var bulk = 0; bulk < 2; bulk++) server.ThenItems();

        server.ThenStoreHalfAnd(async () => (await running.Task).Kill());
        await using (var killed = scene.Start(Index))
        {
            running.SetResult(killed);
            Assert.Equal(Killed, await killed.EndAsync());
        }

        var (_, known, _) = await FinishAsync(scene);

        Assert.True(known > 0);
        server.AssertDone();
        await AssertStoredOnceAsync(scene, server);
    }

    [ContractFact]
    public async Task Killed_after_a_dead_letter_was_kept_there_is_one_of_it_and_its_neighbours_are_stored_once()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        await using var scene = await OpenAsync(server);
        server.Refuses = id => id.StartsWith("00", StringComparison.Ordinal);
        await using (var killed = scene.StartTo("kept:1", Index))
        {
            Assert.Equal(Killed, await killed.EndAsync());
        }

        var (_, known, refused) = await FinishAsync(scene);

        Assert.True(known > 0);
        Assert.True(refused > 0);
        var letters = (await scene.RunAsync("dlq", "list")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[0]).ToList();
        Assert.Equal(letters.Distinct(), letters);
        Assert.All(letters, id => Assert.StartsWith("00", id, StringComparison.Ordinal));
        await AssertStoredOnceAsync(scene, server, letters.Count);

        server.Refuses = _ => false;
        Assert.Equal(0, (await scene.RunAsync("dlq", "replay", "--all")).ExitCode);
        Assert.Empty((await scene.RunAsync("dlq", "list")).Output);

        // The replay itself is an event of the journal, too.
        await FinishAsync(scene);
        await AssertStoredOnceAsync(scene, server);
    }

    [ContractFact]
    public async Task Asked_to_end_after_a_dead_letter_was_kept_it_ends_in_time_and_nothing_is_lost_or_doubled()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        await using var scene = await OpenAsync(server);
        server.Refuses = id => id.StartsWith("00", StringComparison.Ordinal);
        await using (var asked = scene.StartTo("kept:1:TERM", [.. Index.Where(a => a != "--once")]))
        {
            await asked.SeenAsync("events go to");
            var started = TimeProvider.System.GetTimestamp();
            Assert.Equal(0, await asked.EndAsync());
            Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Grace);
        }

        await FinishAsync(scene);
        var letters = (await scene.RunAsync("dlq", "list")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await AssertStoredOnceAsync(scene, server, letters.Length);
    }

    [ContractFact]
    public async Task Asked_to_end_while_a_request_is_not_answered_it_ends_in_time_and_nothing_is_lost_or_doubled()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        await using var scene = await OpenAsync(server);
        var running = new TaskCompletionSource<ConnectorProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.ThenItems().ThenStoreHalfAnd(async () =>
        {
            await (await running.Task).SignalAsync("TERM");
            asked.SetResult(TimeProvider.System.GetTimestamp());
            await ended.Task;
        });
        await using (var connector = scene.Start([.. Index.Where(a => a != "--once")]))
        {
            running.SetResult(connector);
            var started = await asked.Task;
            Assert.Equal(0, await connector.EndAsync());
            Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Grace);
            ended.SetResult();
        }

        await FinishAsync(scene);
        await AssertStoredOnceAsync(scene, server);
    }

    /// <summary>Everything is in the journal, or comes there before anything is indexed.</summary>
    private async Task<Scene> OpenAsync(FakeElasticsearch server)
    {
        var scene = await Scene.OpenAsync(o => o with { Intercom = o.Intercom with { Records = Records }, Sequence = o.Sequence with { Records = Records } });
        scene.Settings["Elasticsearch__Urls__0"] = server.Url;
        scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";
        scene.Settings["Elasticsearch__BatchSize"] = "50";
        if (bootstrap is not null)
        {
            scene.UseKafka(bootstrap);

            // So long is a member that was killed still waited for.
            scene.Settings["Kafka__Properties__session.timeout.ms"] = "6000";
            var (exitCode, _, errors) = await scene.RunAsync(Collect);
            Assert.True(exitCode == 0, errors);
        }

        return scene;
    }

    private async Task<(long Stored, long Known, long Refused)> FinishAsync(Scene scene)
    {
        var (exitCode, _, errors) = await scene.RunAsync(Index);
        Assert.True(exitCode == 0, errors);
        var summary = Summary().Match(errors);
        return (Number(1), Number(2), Number(3));

        long Number(int group) => long.Parse(summary.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    private static async Task AssertStoredOnceAsync(Scene scene, FakeElasticsearch server, int refused = 0)
    {
        await scene.AssertCompleteAsync();
        var events = (await scene.RunAsync("export")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        Assert.Equal(events, server.Documents.Count + refused);
        Assert.Equal(server.Documents.Count, server.Documents.Keys.Select(k => k.Id).Distinct().Count());
    }

    [GeneratedRegex("elasticsearch: ([0-9]+) stored, ([0-9]+) there already, [0-9]+ left out, ([0-9]+) refused")]
    private static partial Regex Summary();
}

public sealed class SqliteIndexerKillTests() : IndexerKillTests(null);

[Collection(KafkaProcessCollection.Name)]
[Trait("Kind", "server")]
[Trait("Kind", "slow")]
public sealed class KafkaIndexerKillTests(KafkaServer server) : IndexerKillTests(server.Bootstrap), INeedsServer
{
    public static string? Missing => KafkaServer.Missing;
}
