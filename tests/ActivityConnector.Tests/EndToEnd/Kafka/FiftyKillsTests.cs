using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.EndToEnd.Kafka;

/// <summary>Killed again and again on the way: 4 times in 2,000 records, and with <c>./test long</c> 50 times in 100,000 a vendor.</summary>
[Collection(KafkaProcessCollection.Name)]
[Trait("Kind", "server")]
[Trait("Kind", "long")]
[Trait("Kind", "slow")]
public sealed class FiftyKillsTests(KafkaServer server)
{
    [KafkaFact]
    public async Task Every_id_is_in_the_topics_once_although_the_process_is_killed_again_and_again()
    {
        var (records, kills) = Scene.IsLong ? (100_000, 50) : (2_000, 4);
        await using var scene = await Scene.OpenKafkaAsync(server.Bootstrap, records);
        scene.AddTooLarge(2);
        var random = new Random(20261124);
        var (died, places) = (0, new[] { "fetched", "mapped", "commit", "committed" });
        for (var kill = 0; kill < kills; kill++)
        {
            // Every other time in the middle of a transaction, at a record of its share of the work.
            var step = kill % 2 == 0 ? $"produced:{random.Next(1, 2 * records / kills)}" : $"{places[kill / 2 % places.Length]}:{random.Next(1, 3)}";
            await using var connector = scene.StartTo(step, "run", "--once");
            died += await connector.EndAsync() == 128 + 9 ? 1 : 0;
        }

        Assert.InRange(died, kills * 3 / 4, kills);
        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
    }
}
