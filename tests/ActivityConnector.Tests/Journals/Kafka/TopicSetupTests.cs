using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>The topics before anything is produced: made when they are missing, refused by name when they are not as they must be.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class TopicSetupTests(KafkaServer server)
{
    private readonly KafkaTopicsOfTest _topics = new(server);

    [KafkaFact]
    public async Task Topics_are_created_as_they_must_be()
    {
        await using (var journal = _topics.Open())
        {
            await journal.OpenWriterAsync(Some.Intercom, default);
        }

        using var admin = _topics.Admin();
        Assert.Equal(
            (3, "delete", "1", $"{(long)KafkaTopicsOfTest.Journal.Retention.TotalMilliseconds}", "producer"),
            await ShapeAsync(admin, _topics.Events(), "cleanup.policy", "min.insync.replicas", "retention.ms", "compression.type"));
        Assert.Equal(
            (1, "compact", "1", "-1", "86400000"),
            await ShapeAsync(admin, _topics.Checkpoints, "cleanup.policy", "min.insync.replicas", "retention.ms", "segment.ms"));
        Assert.Equal(
            (1, "delete", "1", "7776000000", "1048588"),
            await ShapeAsync(admin, _topics.DeadLetters, "cleanup.policy", "min.insync.replicas", "retention.ms", "max.message.bytes"));
    }

    [KafkaFact]
    public async Task Two_instances_create_them_at_once()
    {
        await using var one = _topics.Open();
        await using var two = _topics.Open();

        await Task.WhenAll(
            one.OpenWriterAsync(Some.Intercom, default).AsTask(),
            two.OpenWriterAsync(Some.Sequence, default).AsTask());
    }

    [KafkaFact]
    public async Task A_missing_topic_is_not_created_where_that_is_forbidden()
    {
        _topics.Options.CreateTopics = false;

        var refused = await RefusedAsync();

        Assert.Contains($"The topic {_topics.Checkpoints} is missing.", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Run setup kafka, or set Kafka:CreateTopics to true.", refused.Fix);
        using var admin = _topics.Admin();
        Assert.DoesNotContain(
            admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics,
            t => t.Topic.StartsWith(_topics.Options.TopicPrefix, StringComparison.Ordinal));
    }

    [KafkaFact]
    public async Task A_checkpoints_topic_that_deletes_is_refused()
    {
        await _topics.CreateAsync(_topics.Checkpoints, "delete");

        var refused = await RefusedAsync();

        Assert.Equal($"The topic {_topics.Checkpoints} has cleanup.policy=delete where compact must be.", refused.Message);
        Assert.Equal(
            $"Stop the connector and change it (kafka-configs.sh --alter --topic {_topics.Checkpoints} --add-config cleanup.policy=compact).", refused.Fix);
    }

    [KafkaFact]
    public async Task A_checkpoints_topic_that_compacts_and_deletes_is_refused()
    {
        await _topics.CreateAsync(_topics.Checkpoints, "compact,delete");

        var refused = await RefusedAsync();

        Assert.Contains("where compact must be.", refused.Message, StringComparison.Ordinal);
    }

    [KafkaFact]
    public async Task Fewer_partitions_for_checkpoints_than_are_used_are_refused()
    {
        await _topics.CreateAsync(_topics.Checkpoints, "compact", partitions: 2);
        _topics.Options.CheckpointPartitions = 3;

        var refused = await RefusedAsync();

        Assert.Equal($"The topic {_topics.Checkpoints} has partitions=2 where at least 3 must be.", refused.Message);
        Assert.Equal("Set Kafka:CheckpointPartitions to 2.", refused.Fix);
    }

    [KafkaFact]
    public async Task Any_number_of_partitions_for_events_and_more_than_are_used_for_others_are_accepted()
    {
        await _topics.CreateAsync(_topics.Events(), "delete", partitions: 1);
        await _topics.CreateAsync(_topics.Events("sequence"), "delete", partitions: 5);
        await _topics.CreateAsync(_topics.Checkpoints, "compact", partitions: 2);
        await _topics.CreateAsync(_topics.DeadLetters, "delete", partitions: 2);

        await using var journal = _topics.Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);

        Assert.Null(writer.Checkpoint);
    }

    [KafkaFact]
    public async Task A_prefix_whose_topics_the_cluster_takes_for_others_is_refused_with_what_to_do()
    {
        await _topics.CreateAsync(_topics.Events().Replace('.', '_'), "delete");

        var refused = await RefusedAsync();

        Assert.Contains("the cluster does not take its name (", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Set another Kafka:TopicPrefix.", refused.Fix, StringComparison.Ordinal);
    }

    [KafkaFact]
    public async Task Too_few_copies_are_refused()
    {
        await _topics.CreateAsync(_topics.Events(), "delete", partitions: 3);
        (_topics.Options.ReplicationFactor, _topics.Options.MinInSyncReplicas, _topics.Options.CreateTopics) = (3, 2, false);

        var refused = await RefusedAsync();

        Assert.Contains(
            $"The topic {_topics.Events()} has replication.factor=1 where 3 must be. The topic {_topics.Events()} has min.insync.replicas=1 where 2 must be.",
            refused.Message, StringComparison.Ordinal);
        Assert.Contains("set Kafka:ReplicationFactor to 1.", refused.Fix, StringComparison.Ordinal);
        Assert.Contains("Set Kafka:MinInSyncReplicas to 1", refused.Fix, StringComparison.Ordinal);
    }

    [KafkaFact]
    public async Task A_topic_that_takes_no_event_of_the_allowed_size_is_refused()
    {
        await _topics.CreateAsync(_topics.Events(), "delete", partitions: 3);
        _topics.Options.MaxEventBytes = 2_000_000;

        var refused = await RefusedAsync();

        Assert.Equal($"The topic {_topics.Events()} has max.message.bytes=1048588 where at least 2016384 must be.", refused.Message);
        Assert.StartsWith("Lower Kafka:MaxEventBytes", refused.Fix, StringComparison.Ordinal);
    }

    [KafkaFact]
    public async Task A_cluster_with_too_few_brokers_is_told_with_the_fix()
    {
        (_topics.Options.ReplicationFactor, _topics.Options.MinInSyncReplicas) = (3, 2);

        var refused = await RefusedAsync();

        Assert.Contains($"The topic {_topics.Events()} is missing and cannot be created with 3 copies (", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            "Give the cluster that many brokers; on a cluster for tests with one broker set Kafka:ReplicationFactor=1 and Kafka:MinInSyncReplicas=1.",
            refused.Fix);
    }

    private async Task<JournalMisconfiguredException> RefusedAsync()
    {
        await using var journal = _topics.Open();
        return await Assert.ThrowsAsync<JournalMisconfiguredException>(() => journal.OpenWriterAsync(Some.Intercom, default).AsTask());
    }

    private static async Task<(int, string, string, string, string)> ShapeAsync(IAdminClient admin, string topic, params string[] settings)
    {
        var described = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);
        var values = settings.Select(s => described.Single().Entries[s].Value).ToList();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count;
        return (partitions, values[0], values[1], values[2], values[3]);
    }
}
