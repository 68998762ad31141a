using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Journals.Kafka.Faults;

/// <summary>What can happen to a commit between the connector and the cluster.</summary>
[Collection(HarmedKafkaCollection.Name)]
[Trait("Kind", "server")]
[Trait("Kind", "slow")]
public sealed class CommitInFlightTests(HarmedKafka kafka)
{
    private const int Records = 450;

    [KafkaClusterFact]
    public async Task A_commit_whose_answer_is_lost_is_resumed_and_counts_once()
    {
        await using var connector = new ListCollector(kafka.Options(through: true), Records);
        var held = kafka.Proxy.HoldNextAsync(KafkaProxy.EndTransaction);

        var polled = connector.PollUntilDoneAsync();
        await (await HeldAsync(held, polled)).LoseAnswerAsync();

        Assert.Empty(await polled);
        connector.AssertComplete(kafka.Cluster.Bootstrap);
    }

    [KafkaClusterTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broker_that_is_killed_in_mid_commit_and_comes_back_has_every_event_once(bool hadDecided)
    {
        await using var connector = new ListCollector(kafka.Options(through: true), Records);
        var holding = kafka.Proxy.HoldNextAsync(KafkaProxy.EndTransaction);
        var polled = connector.PollUntilDoneAsync();
        var held = await HeldAsync(holding, polled);

        if (hadDecided)
        {
            await held.LoseAnswerAsync();
            await kafka.Cluster.KillAsync();
        }
        else
        {
            await kafka.Cluster.KillAsync();
            held.Lose();
        }

        await kafka.Cluster.StartAgainAsync();
        await polled;
        connector.AssertComplete(kafka.Cluster.Bootstrap);
    }

    [KafkaClusterFact]
    public async Task All_brokers_may_be_down_for_twenty_seconds_before_a_commit()
    {
        await using var connector = new ListCollector(kafka.Options(through: true), Records);
        var holding = kafka.Proxy.HoldNextAsync(KafkaProxy.Produce);
        var polled = connector.PollUntilDoneAsync();
        var held = await HeldAsync(holding, polled);

        await kafka.Cluster.KillAsync();
        held.Lose();
        // That long is what is tested.
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, CancellationToken.None);
        await kafka.Cluster.StartAgainAsync();

        Assert.All(await polled, failure => Assert.IsType<JournalUnavailableException>(failure));
        connector.AssertComplete(kafka.Cluster.Bootstrap);
    }

    /// <summary>Its last requests were on their way when it stood still: with all events at the cluster, or with some.</summary>
    [KafkaClusterTheory]
    [InlineData(KafkaProxy.EndTransaction)]
    [InlineData(KafkaProxy.Produce)]
    public async Task An_owner_that_wakes_after_another_took_over_is_refused_and_leaves_no_trace(short standingAt)
    {
        var options = kafka.Options(through: true);
        // What is on its way must not be given up before it arrives.
        options.TransactionTimeout = TimeSpan.FromMinutes(1);
        await using var paused = new ListCollector(options, records: 0);
        await paused.PollUntilDoneAsync();
        paused.Add(Records);
        await using var heir = new ListCollector(kafka.Options(through: false, options.TopicPrefix), Records);
        var holding = kafka.Proxy.HoldNextAsync(standingAt);
        var woken = paused.Collector.PollAsync(CancellationToken.None);
        var held = await HeldAsync(holding, woken);

        Assert.Empty(await heir.PollUntilDoneAsync());
        held.LetThrough();

        await Assert.ThrowsAsync<JournalFencedException>(() => woken);
        heir.AssertComplete(kafka.Cluster.Bootstrap);

        // And when it takes the source back, it knows what the other did.
        Assert.Empty(await paused.PollUntilDoneAsync());
        heir.AssertComplete(kafka.Cluster.Bootstrap);
        heir.Add(100);
        await Assert.ThrowsAsync<JournalFencedException>(() => heir.Collector.PollAsync(CancellationToken.None));
        Assert.Empty(await heir.PollUntilDoneAsync());
        heir.AssertComplete(kafka.Cluster.Bootstrap);
    }

    [KafkaClusterFact]
    public async Task A_source_that_was_idle_for_longer_than_its_transactional_id_lives_goes_on_within_the_same_poll()
    {
        await using var connector = new ListCollector(kafka.Options(through: false), Records);
        Assert.Empty(await connector.PollUntilDoneAsync());
        string known;
        do
        {
            known = await kafka.Cluster.ToolAsync("transactions", "list");
        }
        while (known.Contains(connector.TransactionalId, StringComparison.Ordinal));

        connector.Add(100);

        Assert.Empty(await connector.PollUntilDoneAsync());
        connector.AssertComplete(kafka.Cluster.Bootstrap);
    }

    /// <summary>What is held; or the failure that kept it from being sent.</summary>
    private static async Task<HeldRequest> HeldAsync(Task<HeldRequest> holding, Task polled)
    {
        if (await Task.WhenAny(holding, polled) == polled)
        {
            await polled;
            Assert.Fail("It is done, and no such request was sent.");
        }

        return await holding;
    }
}
