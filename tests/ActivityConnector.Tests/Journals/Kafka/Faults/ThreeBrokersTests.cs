using System.Text.RegularExpressions;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Journals.Kafka.Faults;

/// <summary>A cluster as in production, three copies of everything: one broker may be away at any time.</summary>
[Trait("Kind", "server")]
[Trait("Kind", "slow")]
public sealed partial class ThreeBrokersTests : IAsyncLifetime
{
    private KafkaCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        if (KafkaCluster.Missing is null) _cluster = await KafkaCluster.StartAsync(3);
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [KafkaClusterFact]
    public async Task Collection_goes_on_while_one_broker_after_the_other_is_killed_and_the_coordinator_moves()
    {
        await using var connector = new ListCollector(new() { BootstrapServers = _cluster.Bootstrap, TopicPrefix = KafkaServer.NewPrefix() }, 0);
        var failures = new List<Exception>();
        for (var node = 1; node <= 3; node++)
        {
            connector.Add(300);
            var units = 0;
            connector.Source.Before = async () =>
            {
                if (++units == 2) await _cluster.KillAsync(node);
            };
            failures.AddRange(await connector.PollUntilDoneAsync());
            Assert.True(units >= 3, "The broker was not killed during the collection.");
            await _cluster.StartAgainAsync(node);
        }

        connector.Source.Before = () => Task.CompletedTask;
        var coordinator = await CoordinatorAsync(connector.TransactionalId);
        await _cluster.StopAsync(coordinator);
        connector.Add(300);
        failures.AddRange(await connector.PollUntilDoneAsync());
        Assert.NotEqual(coordinator, await CoordinatorAsync(connector.TransactionalId));
        await _cluster.StartAgainAsync(coordinator);

        connector.AssertComplete(_cluster.Bootstrap);
        // librdkafka continues by itself; not one unit had to be read again.
        Assert.Empty(failures);
    }

    private async Task<int> CoordinatorAsync(string transactionalId)
    {
        var described = await _cluster.ToolAsync("transactions", "describe", "--transactional-id", transactionalId);
        var values = described[described.IndexOf('\n', StringComparison.Ordinal)..];
        return int.Parse(FirstNumber().Match(values).Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\b\d+\b")]
    private static partial Regex FirstNumber();
}
