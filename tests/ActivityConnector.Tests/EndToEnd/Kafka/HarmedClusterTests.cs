using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.EndToEnd.Kafka;

/// <summary>The process and the cluster let each other down.</summary>
[Collection(HarmedKafkaCollection.Name)]
[Trait("Kind", "server")]
[Trait("Kind", "slow")]
public sealed class HarmedClusterTests(HarmedKafka kafka)
{
    private const int Records = 1_000;

    /// <summary>A stop takes no longer, whatever is away.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    [KafkaClusterTheory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Killed_while_a_commit_is_under_way_the_next_process_goes_by_what_the_cluster_made_of_it(bool clusterCommits, int expected)
    {
        await using var scene = await OpenAsync();
        // One source, so that it is clear whose commit it is.
        scene.Settings["Sources__Sequence__Enabled"] = "false";
        var holding = kafka.Proxy.HoldNextAsync(KafkaProxy.EndTransaction);
        await using (var killed = scene.Start("run", "--once"))
        {
            var held = await holding;
            // Or it would ask again, and be at its next commit when it dies.
            await killed.SignalAsync("STOP");
            if (clusterCommits) await held.LoseAnswerAsync();

            killed.Kill();
            await killed.EndAsync();
            if (!clusterCommits) held.Lose();
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, errors);
        Assert.Contains($"its last commit has number {expected}.", errors, StringComparison.Ordinal);
        scene.Settings.Remove("Sources__Sequence__Enabled");
        await scene.RunAsync("run", "--once");
        await scene.AssertCompleteAsync();
    }

    /// <summary>A machine that sleeps: the cluster gives the transaction up and refuses it, without a rival; then the same owner continues.</summary>
    [KafkaClusterFact]
    public async Task A_process_that_stood_still_for_longer_than_its_transaction_may_last_is_refused_and_goes_on()
    {
        await using var scene = await OpenAsync();
        scene.Settings["Sources__Sequence__Enabled"] = "false";
        scene.Settings["Sources__Intercom__Schedule"] = "0/1 * * * * ?";
        var holding = kafka.Proxy.HoldNextAsync(KafkaProxy.EndTransaction);
        await using (var sleeper = scene.Start("run"))
        {
            var held = await holding;
            await sleeper.SignalAsync("STOP");
            await AbortedAsync($"{scene.Kafka!.Value.Prefix}.prod.intercom.sim1wksp");
            held.LetThrough();
            await sleeper.SignalAsync("CONT");
            await sleeper.SeenAsync("it is taken back after");
            await sleeper.SeenAsync("events committed");
            await sleeper.SignalAsync("TERM");
            Assert.Equal(0, await sleeper.EndAsync());
        }

        scene.Settings.Remove("Sources__Sequence__Enabled");
        await scene.RunAsync("run", "--once");
        await scene.AssertCompleteAsync();
    }

    [KafkaClusterTheory]
    [InlineData(KafkaProxy.InitProducerId, false)]
    [InlineData(KafkaProxy.EndTransaction, true)]
    public async Task Without_brokers_a_service_that_is_starting_or_in_mid_commit_ends_within_the_grace_period(short standingAt, bool isShared)
    {
        await using var scene = await OpenAsync();
        scene.Settings["Kafka__HighAvailability"] = isShared ? "true" : "false";
        var holding = kafka.Proxy.HoldNextAsync(standingAt);
        await using (var connector = scene.Start("run"))
        {
            var held = await holding;
            await kafka.Cluster.KillAsync();
            held.Lose();
            await EndsInTimeAsync(connector);
        }

        await AssertGoesOnAsync(scene);
    }

    [KafkaClusterTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_brokers_an_idle_service_ends_within_the_grace_period(bool isShared)
    {
        await using var scene = await OpenAsync();
        scene.Settings["Kafka__HighAvailability"] = isShared ? "true" : "false";
        await using (var connector = scene.Start("run"))
        {
            await Task.WhenAll(connector.SeenAsync("intercom: 1000 events committed"), connector.SeenAsync("sequence: "));
            await kafka.Cluster.KillAsync();
            await EndsInTimeAsync(connector);
        }

        await AssertGoesOnAsync(scene);
    }

    private static async Task EndsInTimeAsync(ConnectorProcess connector)
    {
        var started = TimeProvider.System.GetTimestamp();
        await connector.SignalAsync("TERM");
        Assert.Equal(0, await connector.EndAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Grace);
    }

    private async Task AssertGoesOnAsync(Scene scene)
    {
        await kafka.Cluster.StartAgainAsync();
        scene.Settings["Kafka__HighAvailability"] = "false";
        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, exitCode == 0 ? "" : $"{errors}\n{await TransactionsAsync(scene)}");
        await scene.AssertCompleteAsync();
    }

    /// <summary>What the cluster says of its transactions, and of those that are open where checkpoints are.</summary>
    private async Task<string> TransactionsAsync(Scene scene) => string.Join('\n', await Task.WhenAll(
        kafka.Cluster.ToolAsync("transactions", "list"),
        kafka.Cluster.ToolAsync("transactions", "describe-producers", "--topic", $"{scene.Settings["Kafka__TopicPrefix"]}.checkpoints", "--partition", "0"),
        kafka.Cluster.ToolAsync("topics", "--describe", "--topic", $"{scene.Settings["Kafka__TopicPrefix"]}.checkpoints")));

    private async Task AbortedAsync(string transactionalId)
    {
        string described;
        do
        {
            described = await kafka.Cluster.ToolAsync("transactions", "describe", "--transactional-id", transactionalId);
        }
        while (!described.Contains("CompleteAbort", StringComparison.Ordinal));
    }

    private async Task<Scene> OpenAsync()
    {
        var scene = await Scene.OpenKafkaAsync(kafka.Cluster.Bootstrap, Records);
        scene.Settings["Kafka__BootstrapServers"] = kafka.Proxied;
        scene.Settings["Kafka__TransactionTimeout"] = "00:00:10";
        return scene;
    }
}
