using System.Text;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Journals.Kafka.Faults;

/// <summary>An operator changes the topics that a journal is kept in, while it is used or between two uses.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class ChangedTopicsTests(KafkaServer server)
{
    private readonly KafkaTopicsOfTest _topics = new(server) { Sources = ["intercom"] };
    private readonly CollectingLogger<KafkaJournal> _log = new();

    [KafkaFact]
    public async Task Partitions_that_are_added_are_used_and_every_event_is_there_and_delivered_once()
    {
        await using (var journal = _topics.Open())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 50)), default);
            await using var reader = await journal.OpenReaderAsync("sink", default);
            await reader.AcknowledgeAsync((await reader.TakeAsync(30))[^1], default);
        }

        using (var admin = _topics.Admin())
        {
            await admin.CreatePartitionsAsync(new[] { _topics.Events(), _topics.Checkpoints, _topics.DeadLetters }.Select(topic => new PartitionsSpecification
            {
                Topic = topic,
                IncreaseTo = 7,
            }));
        }

        var delivered = new List<string>();
        await using (var journal = _topics.Open(log: _log))
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            Assert.Equal(1, writer.Checkpoint!.Sequence);
            Assert.All(await writer.FindAsync([.. Some.Events(0, 50).Select(EventKey.Of)], default), known => Assert.NotNull(known));
            await writer.CommitAsync(Some.Commit(2, Some.Events(50, 100), deadLetters: Some.DeadLetter(1)), default);
            await using var reader = await journal.OpenReaderAsync("sink", default);
            while (await reader.ReadAsync(100, default) is { Count: > 0 } events)
            {
                delivered.AddRange(events.Select(e => e.Id));
                await reader.AcknowledgeAsync(events[^1], default);
            }
        }

        var all = _topics.Consume(_topics.Events());
        Assert.Equal(Ids(0, 150), all.Select(Id).Order());
        Assert.True(all.Select(r => r.Partition).Distinct().Count() > 3);
        Assert.Equal(120, delivered.Count);
        Assert.Equal(delivered.Count, delivered.Distinct().Count());
        Assert.Equal(Ids(50, 100), delivered.Intersect(Ids(50, 100)).Order());
        await using var view = _topics.View();
        Assert.Equal(150, await view.EventsAsync(new EventFilter(), null, default).CountAsync());
        Assert.Single(await view.DeadLettersAsync(default).ToListAsync());
        Assert.Contains($"The topic {_topics.Events()} has 7 partitions, and Kafka:Partitions is 3", _log.Lines[0].Text, StringComparison.Ordinal);
        Assert.All(_log.Lines, line => Assert.Equal(LogLevel.Information, line.Level));
    }

    [KafkaFact]
    public async Task An_events_topic_that_was_deleted_is_made_again_and_what_it_held_is_said_to_be_gone()
    {
        await using var journal = _topics.Open(log: _log);
        await CommitAsync(journal, 1, 0);
        await using (var admin = new Deleting(_topics))
        {
            await admin.DeleteAsync(_topics.Events());
            await Assert.ThrowsAnyAsync<JournalException>(() => CommitAsync(journal, 2, 10));
        }

        // As the schedule does, until the deletion is through.
        while (true)
        {
            try
            {
                await CommitAsync(journal, 2, 10);
                break;
            }
            catch (JournalException)
            {
                Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("set Kafka:CreateTopics to true", StringComparison.Ordinal));
            }
        }

        Assert.Equal(Ids(10, 10), _topics.Consume(_topics.Events()).Select(Id).Order());
        var told = Assert.Single(_log.Lines, line => line.Level == LogLevel.Error).Text;
        Assert.StartsWith(
            $"The topic {_topics.Events()} was missing and was made again, although {Some.Intercom} has published 10 events", told, StringComparison.Ordinal);
        await using var reader = await journal.OpenReaderAsync("sink", default);
        Assert.Equal(10, (await reader.TakeAsync(10)).Count);
    }

    [KafkaFact]
    public async Task A_deleted_topic_that_may_not_be_made_is_named_with_what_to_do()
    {
        await using (var journal = _topics.Open())
        {
            await CommitAsync(journal, 1, 0);
        }

        _topics.Options.CreateTopics = false;
        await using var again = _topics.Open(log: _log);
        await using (var admin = new Deleting(_topics))
        {
            await CommitAsync(again, 2, 10);
            await admin.DeleteAsync(_topics.Events());
            await Assert.ThrowsAnyAsync<JournalException>(() => CommitAsync(again, 3, 20));
        }

        var refused = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => CommitAsync(again, 3, 20));
        Assert.Equal($"The topic {_topics.Events()} is missing.", refused.Message);
        Assert.Equal("Run setup kafka, or set Kafka:CreateTopics to true.", refused.Fix);
    }

    [KafkaFact]
    public async Task What_a_topic_takes_no_more_is_one_dead_letter_and_its_neighbours_go_on()
    {
        using var admin = _topics.Admin();
        var source = new ListSource(TimeProvider.System) { Until = 0 };
        var topics = new KafkaTopicsOfTest(_topics.Options) { Sources = ["plain"] };
        topics.Options.Compression = KafkaCompression.None;
        await using var journal = topics.Open(log: _log);
        await using var collector = new Collector(
            source, journal, _ => new PlainTransform(), new CheckpointWriter("1.0.0", "test"), TimeProvider.System, new CollectingLogger<Collector>());
        for (var i = 0; i < 300; i++) source.Add(i == 150 ? new string('x', 400_000) : $"r{i}", ++source.Until);

        await journal.KeepDeadLettersAsync([], default);
        foreach (var topic in new[] { topics.Events("plain"), topics.DeadLetters, topics.Checkpoints })
        {
            await admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
            {
                [new() { Type = ResourceType.Topic, Name = topic }] =
                    [new ConfigEntry { Name = "max.message.bytes", Value = "100000", IncrementalOperation = AlterConfigOpType.Set }],
            });
        }

        await collector.PollAsync(default);

        Assert.Equal(299, topics.Consume(topics.Events("plain")).Count);
        await using var view = topics.View();
        var letter = Assert.Single(await view.DeadLettersAsync(default).ToListAsync());
        Assert.Equal(DeadLetterStage.Size, letter.Stage);
        Assert.True(letter.OriginalLength > 400_000);
        Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning
            && line.Text.Contains("events of more than 450000 bytes are cut", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Ids(int first, int count) => Some.Events(first, count).Select(e => e.Id).Order();

    private static string Id(ConsumeResult<byte[], byte[]?> record) => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes("ce_id"));

    private static async Task CommitAsync(KafkaJournal journal, long sequence, int first)
    {
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(sequence, Some.Events(first, 10)), default);
    }

    /// <summary>Deletes a topic and waits until the cluster does not show it any more.</summary>
    private sealed class Deleting(KafkaTopicsOfTest topics) : IAsyncDisposable
    {
        private readonly IAdminClient _admin = topics.Admin();

        public async Task DeleteAsync(string topic)
        {
            await _admin.DeleteTopicsAsync([topic]);
            while (_admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Any(t => t.Topic == topic))
            {
                // Each answer takes a while.
            }
        }

        public ValueTask DisposeAsync()
        {
            _admin.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
