using ActivityConnector.Tests.Shared.Servers;
using Confluent.Kafka;

namespace ActivityConnector.Tests.EndToEnd.Kafka;

/// <summary>The process dies, or is asked to end, at each step of a unit.</summary>
[Collection(KafkaProcessCollection.Name)]
[Trait("Kind", "server")]
public sealed class KillTests(KafkaServer server)
{
    private const int Records = 1_000;

    /// <summary>SIGKILL's.</summary>
    private const int Killed = 128 + 9;

    /// <summary>An orchestrator waits for 30 seconds.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    [KafkaTheory]
    [InlineData("produced:400")]
    [InlineData("commit:1")]
    [InlineData("committed:1")]
    public async Task Killed_in_a_transaction_or_after_it_every_event_and_dead_letter_is_there_once(string step)
    {
        await using var scene = await Scene.OpenKafkaAsync(server.Bootstrap, Records);
        scene.AddTooLarge(2);
        await using (var killed = scene.StartTo(step, "run", "--once"))
        {
            Assert.Equal(Killed, await killed.EndAsync());
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
    }

    [KafkaTheory]
    [InlineData("produced")]
    [InlineData("committed")]
    public async Task Asked_to_end_in_a_transaction_or_after_it_it_ends_in_time_and_nothing_is_lost(string step)
    {
        await using var scene = await Scene.OpenKafkaAsync(server.Bootstrap, Records);
        foreach (var (command, expected) in new[] { (new[] { "run" }, 0), (["run", "--once"], 143) })
        {
            await using var asked = scene.StartTo($"{step}:1:TERM", command);
            await asked.SeenAsync("is owned by this process");
            var started = TimeProvider.System.GetTimestamp();
            Assert.Equal(expected, await asked.EndAsync());
            Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Grace);
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
    }

    [KafkaFact]
    public async Task Polling_an_idle_source_costs_no_transaction()
    {
        await using var scene = await Scene.OpenLiveAsync(server.Bootstrap, 300, ratePerSecond: 0);
        await using (var connector = scene.Start("run"))
        {
            await Task.WhenAll(connector.SeenAsync("intercom: "), connector.SeenAsync("sequence: "));
            // Whatever was under way is over when each has been asked twice more.
            await Task.WhenAll(scene.Vendors.Intercom.RequestedAsync(2), scene.Vendors.Sequence.RequestedAsync(2));
            var before = Ends(scene);
            await Task.WhenAll(scene.Vendors.Intercom.RequestedAsync(4), scene.Vendors.Sequence.RequestedAsync(4));
            await connector.SignalAsync("TERM");
            Assert.Equal(0, await connector.EndAsync());
            Assert.Equal(before, Ends(scene));
        }

        await scene.CollectAndAssertLiveAsync();
    }

    /// <summary>Of every partition, markers and aborted records included.</summary>
    private static Dictionary<TopicPartition, Offset> Ends(Scene scene)
    {
        var (bootstrap, prefix) = scene.Kafka!.Value;
        return KafkaServer.EndsOf(
            bootstrap,
            [.. new Dictionary<string, int> { ["intercom"] = 3, ["sequence"] = 3, ["checkpoints"] = 1, ["dlq"] = 1 }
                .SelectMany(topic => Enumerable.Range(0, topic.Value).Select(partition => new TopicPartition($"{prefix}.{topic.Key}", partition)))]);
    }
}
