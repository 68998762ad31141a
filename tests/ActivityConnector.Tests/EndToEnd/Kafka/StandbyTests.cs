using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Confluent.Kafka;

namespace ActivityConnector.Tests.EndToEnd.Kafka;

/// <summary>Several instances of one deployment, while the vendors have new records every second.</summary>
[Collection(KafkaProcessCollection.Name)]
[Trait("Kind", "server")]
[Trait("Kind", "long")]
[Trait("Kind", "slow")]
public sealed class StandbyTests(KafkaServer server)
{
    /// <summary>What an instance logs of each source that it takes over.</summary>
    private const string Taken = "is owned by this process";

    /// <summary>Of a member that was killed; 45 s, the default, with <c>./test long</c>.</summary>
    private static readonly string[] Run =
        Scene.IsLong
            ? ["run", "--set", "Kafka:HighAvailability=true"]
            : ["run", "--set", "Kafka:HighAvailability=true", "--set", "Kafka:Properties:session.timeout.ms=6000"];

    [KafkaFact]
    public async Task The_standby_owns_the_sources_within_ten_seconds_of_a_clean_end()
    {
        await using var scene = await Scene.OpenLiveAsync(server.Bootstrap, 500, ratePerSecond: 20);
        await using var owner = await StartOwnerAsync(scene);
        await using var standby = await StartStandbyAsync(scene);

        var ended = TimeProvider.System.GetTimestamp();
        await owner.SignalAsync("TERM");
        await OwnsAsync(standby);

        Assert.InRange(TimeProvider.System.GetElapsedTime(ended), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(0, await owner.EndAsync());
        await EndAndAssertAsync(scene, standby);
    }

    [KafkaFact]
    public async Task The_standby_owns_the_sources_within_a_minute_of_a_kill()
    {
        await using var scene = await Scene.OpenLiveAsync(server.Bootstrap, 500, ratePerSecond: 20);
        await using var owner = await StartOwnerAsync(scene);
        await using var standby = await StartStandbyAsync(scene);

        owner.Kill();
        var killed = TimeProvider.System.GetTimestamp();
        await OwnsAsync(standby);

        Assert.InRange(TimeProvider.System.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(Scene.IsLong ? 60 : 20));
        await EndAndAssertAsync(scene, standby);
    }

    [KafkaFact]
    public async Task An_owner_that_was_paused_stands_by_when_it_wakes_and_owns_the_sources_again_when_the_other_ends()
    {
        await using var scene = await Scene.OpenLiveAsync(server.Bootstrap, 500, ratePerSecond: 20);
        await using var owner = await StartOwnerAsync(scene);
        await using var standby = await StartStandbyAsync(scene);
        await owner.SignalAsync("STOP");
        await OwnsAsync(standby);

        await owner.SignalAsync("CONT");
        await Task.WhenAny(owner.SeenAsync("was refused"), owner.SeenAsync("this one stands by"));
        var takenBefore = owner.Times(Taken);
        await standby.SignalAsync("TERM");
        Assert.Equal(0, await standby.EndAsync());
        await owner.SeenAsync(Taken, takenBefore + 2).WaitAsync(TimeSpan.FromSeconds(30));

        await EndAndAssertAsync(scene, owner);
    }

    [KafkaFact]
    public async Task Members_that_join_and_leave_every_two_seconds_lose_and_double_nothing()
    {
        await using var scene = await Scene.OpenLiveAsync(server.Bootstrap, 500, ratePerSecond: 20);
        scene.Settings["Kafka__CheckpointPartitions"] = "4";
        await using var owner = await StartOwnerAsync(scene);
        for (var guest = 0; guest < 4; guest++)
        {
            using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
            {
                BootstrapServers = server.Bootstrap,
                GroupId = $"{scene.Kafka!.Value.Prefix}.prod.collect",
                PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
                EnableAutoCommit = false,
                AutoOffsetReset = AutoOffsetReset.Latest,
            }).Build();
            consumer.Subscribe($"{scene.Kafka.Value.Prefix}.checkpoints");
            var joined = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(joined) < TimeSpan.FromSeconds(2)) consumer.Consume(TimeSpan.FromMilliseconds(100));

            consumer.Close();
        }

        await EndAndAssertAsync(scene, owner);
    }

    private static async Task<ConnectorProcess> StartOwnerAsync(Scene scene)
    {
        var owner = scene.Start(Run);
        await OwnsAsync(owner);
        await owner.SeenAsync("events committed");
        return owner;
    }

    private static async Task<ConnectorProcess> StartStandbyAsync(Scene scene)
    {
        var standby = scene.Start(Run);
        await standby.SeenAsync("this one stands by");
        return standby;
    }

    private static Task OwnsAsync(ConnectorProcess connector) => connector.SeenAsync(Taken, times: 2);

    private static async Task EndAndAssertAsync(Scene scene, ConnectorProcess connector)
    {
        await connector.SignalAsync("TERM");
        Assert.Equal(0, await connector.EndAsync());
        await scene.CollectAndAssertLiveAsync();
    }
}
