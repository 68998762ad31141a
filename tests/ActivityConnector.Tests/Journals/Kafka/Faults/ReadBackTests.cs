using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Journals.Kafka.Faults;

/// <summary>What a new writer makes of what it finds at the end of the checkpoints topic.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class ReadBackTests(KafkaServer server)
{
    private const string Key = "cp/intercom/abc123";

    private readonly KafkaTopicsOfTest _topics = new(server);

    [KafkaTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_open_transaction_of_another_source_is_waited_for_because_it_hides_the_newest_checkpoint(bool isCommitted)
    {
        await using var journal = _topics.Open();
        await using var before = await journal.OpenWriterAsync(Some.Intercom, default);
        await before.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);
        using var another = Begin("another.source");
        await another.ProduceAsync(_topics.Checkpoints, new() { Key = "cp/sequence/main"u8.ToArray(), Value = "{}"u8.ToArray() });
        await before.CommitAsync(Some.Commit(2, Some.Events(3, 3)), default);
        Assert.Equal(1, NewestVisible());

        var opening = journal.OpenWriterAsync(Some.Intercom, default).AsTask();
        await Assert.ThrowsAsync<TimeoutException>(() => opening.WaitAsync(TimeSpan.FromSeconds(3), TimeProvider.System));
        if (isCommitted)
        {
            another.CommitTransaction();
        }
        else
        {
            another.AbortTransaction();
        }

        await using var after = await opening;
        Assert.Equal(2, after.Checkpoint!.Sequence);
        Assert.DoesNotContain(null, await after.FindAsync([.. Some.Events(0, 6).Select(EventKey.Of)], default));
    }

    [KafkaFact]
    public async Task Aborted_checkpoints_and_markers_at_the_end_of_the_topic_are_passed_over()
    {
        await CommitAsync(1);
        using var stranger = Producer("stranger");
        stranger.InitTransactions(TimeSpan.FromSeconds(30));
        for (var i = 0; i < 20; i++)
        {
            stranger.BeginTransaction();
            await stranger.ProduceAsync(_topics.Checkpoints, CheckpointMessage(Some.Checkpoint(99)));
            stranger.AbortTransaction();
        }

        await using var journal = _topics.Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        Assert.Equal(Some.Checkpoint(1), writer.Checkpoint);
        await writer.CommitAsync(Some.Commit(2, Some.Events(100, 1)), default);
    }

    /// <summary>A process of an older version died in the middle of a unit; this one takes its position over and its open transaction back.</summary>
    [KafkaFact]
    public async Task A_new_version_goes_on_where_an_old_one_was_killed_in_mid_unit()
    {
        await CommitAsync(6);
        await _topics.StoreCheckpointsAsync(Some.Intercom, """
            {"v":0,"source":"intercom","account":"abc123","seq":7,"watermark":1795291200,"lookback_s":900,"settle_s":60,
             "backfill_from":1760000000,"committed_at":"2026-11-21T20:00:03.12Z","published":41}
            """u8.ToArray());
        using var old = Begin($"{_topics.Options.TopicPrefix}.prod.intercom.abc123");
        await old.ProduceAsync(_topics.Events(), new() { Key = [1], Value = "half a unit"u8.ToArray() });

        await using var journal = _topics.Open();
        await using (var writer = await journal.OpenWriterAsync(Some.Intercom, default))
        {
            Assert.Equal((7, 1_795_291_200), (writer.Checkpoint!.Sequence, writer.Checkpoint.Window!.Watermark));
            await writer.CommitAsync(Some.Commit(8, Some.Events(100, 3)), default);
        }

        Assert.Throws<KafkaException>(() => old.CommitTransaction(TimeSpan.FromSeconds(30)));
        Assert.Equal(6 * 3 + 3, _topics.Consume(_topics.Events()).Count);
        Assert.Contains("\"v\":2", Encoding.UTF8.GetString(_topics.Consume(_topics.Checkpoints)[^1].Message.Value!), StringComparison.Ordinal);
    }

    [KafkaTheory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task A_checkpoint_whose_number_does_not_grow_is_refused(int sequence)
    {
        await CommitAsync(2);
        using (var stranger = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = server.Bootstrap }).Build())
        {
            await stranger.ProduceAsync(_topics.Checkpoints, CheckpointMessage(Some.Checkpoint(sequence)));
        }

        await using var journal = _topics.Open();
        var refused = await Assert.ThrowsAsync<JournalCorruptException>(() => journal.OpenWriterAsync(Some.Intercom, default).AsTask());
        Assert.Contains($"number {sequence} after number 2", refused.Message, StringComparison.Ordinal);
    }

    private async Task CommitAsync(int commits)
    {
        await using var journal = _topics.Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        for (var i = 1; i <= commits; i++) await writer.CommitAsync(Some.Commit(i, Some.Events(i * 3, 3)), default);
    }

    /// <summary>What a plain consumer takes for the newest checkpoint.</summary>
    private long NewestVisible() => CheckpointText.Parse(
        _topics.Consume(_topics.Checkpoints).Last(r => Encoding.UTF8.GetString(r.Message.Key) == Key).Message.Value).Sequence;

    private static Message<byte[], byte[]> CheckpointMessage(Checkpoint checkpoint) =>
        new() { Key = Encoding.UTF8.GetBytes(Key), Value = CheckpointText.Serialize(checkpoint) };

    private IProducer<byte[], byte[]> Begin(string transactionalId)
    {
        var producer = Producer(transactionalId);
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        producer.BeginTransaction();
        return producer;
    }

    private IProducer<byte[], byte[]> Producer(string transactionalId) => new ProducerBuilder<byte[], byte[]>(new ProducerConfig
    {
        BootstrapServers = server.Bootstrap,
        TransactionalId = transactionalId.StartsWith(_topics.Options.TopicPrefix, StringComparison.Ordinal)
            ? transactionalId
            : $"{_topics.Options.TopicPrefix}.{transactionalId}",
    }).Build();
}
