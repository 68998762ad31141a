using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Journals.Kafka.Faults;

/// <summary>A group that takes its time to give out partitions: a cluster waits three seconds for more members unless told otherwise.</summary>
[Collection(HarmedKafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class SlowGroupTests(HarmedKafka kafka)
{
    [KafkaClusterFact]
    public async Task The_first_batch_is_as_full_as_any_however_late_the_partitions_come()
    {
        var topics = new KafkaTopicsOfTest(kafka.Options(through: true), partitions: 1) { Sources = ["intercom"] };
        var events = Some.Events(0, 1_000);
        await using (var writing = topics.Open())
        await using (var writer = await writing.OpenWriterAsync(Some.Intercom, default))
        {
            await writer.CommitAsync(Some.Commit(1, events), default);
        }

        var time = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        await using var journal = topics.Open(time: time);
        var joining = kafka.Proxy.HoldNextAsync(KafkaProxy.JoinGroup);
        await using var reader = await journal.OpenReaderAsync("sink", default);
        var reading = reader.ReadAsync(events.Count, default);
        var held = await joining;
        time.Advance(TimeSpan.FromSeconds(3));
        held.LetThrough();

        Assert.Equal(events.Select(e => e.Id), (await reading).Select(e => e.Id));
    }
}
