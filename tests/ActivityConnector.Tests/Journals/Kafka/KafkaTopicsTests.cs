using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>Names that are joined: no two configurations may come to the same one where it fences, counts or owns.</summary>
public sealed class KafkaTopicsTests
{
    [Fact]
    public void Names_without_dots_are_joined_by_dots()
    {
        var topics = new KafkaTopics(new KafkaOptions { TopicPrefix = "my.activity", Environment = "prod" });

        Assert.Equal("my.activity.prod.intercom.abc123", topics.TransactionalId(new("intercom", "abc123")));
        Assert.Equal("my.activity.prod.collect", topics.CollectGroup);
        Assert.Equal("intercom", topics.VendorOf(topics.Events("intercom")));
    }

    [Fact]
    public void No_two_configurations_share_a_transactional_id_or_a_group()
    {
        // Every way to cut a row of words in which those stand that have a meaning of their own.
        string[] words =
        [
            "a", "b", "intercom", "sequence", "check", "collect", "prod", "a.b", "b.intercom", "a.b.intercom", "prod.check", "intercom.a", "a.sequence.b",
        ];
        var (ids, groups) = (new Dictionary<string, string>(), new Dictionary<string, string>());
        foreach (var prefix in words)
        {
            foreach (var environment in words)
            {
                var topics = new KafkaTopics(new KafkaOptions { TopicPrefix = prefix, Environment = environment });
                var of = $"prefix {prefix}, environment {environment}";
                Add(ids, topics.Check, of);
                Add(groups, topics.Check, of);
                Add(groups, topics.CollectGroup, of);
                foreach (var source in new[] { "intercom", "sequence" })
                {
                    foreach (var account in words) Add(ids, topics.TransactionalId(new SourceKey(source, account)), $"{of}, {source}/{account}");
                }
            }

            Add(groups, new KafkaTopics(new KafkaOptions { TopicPrefix = prefix }).ReaderGroup("elasticsearch"), $"prefix {prefix}");
        }

        static void Add(Dictionary<string, string> all, string name, string of) =>
            Assert.True(all.TryAdd(name, of), $"{name} is of {all.GetValueOrDefault(name)} and of {of}");
    }
}
