using System.Text;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Journals.Kafka.Faults;

/// <summary>Other programs write into the topics of the journal, whatever they like.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class ForeignRecordsTests(KafkaServer server)
{
    private readonly KafkaTopicsOfTest _topics = new(server, partitions: 1) { Sources = ["intercom"] };
    private readonly CollectingLogger<KafkaJournal> _log = new();

    public static IReadOnlyList<Message<byte[]?, byte[]?>> Strangers
    {
        get
        {
            var ours = new EventRecord(Some.Intercom, "activity.intercom", KafkaKey.Actor).Of(Some.Event(77), Some.Start).ToMessage();
            Headers With(string name, byte[]? value)
            {
                var headers = new Headers();
                foreach (var header in ours.Headers.Where(h => h.Key != name)) headers.Add(header);
                headers.Add(new Header(name, value));
                return headers;
            }

            return
            [
                new() { Key = null, Value = null },
                new() { Key = [], Value = [] },
                new() { Key = [1], Value = "{}"u8.ToArray() },
                new() { Key = [0xFF], Value = [0xFF, 0xFE, 0x00] },
                new() { Key = ours.Key, Value = ours.Value },
                new() { Key = ours.Key, Value = null, Headers = ours.Headers },
                new() { Key = ours.Key, Value = "not json"u8.ToArray(), Headers = ours.Headers },
                new() { Key = ours.Key, Value = "{\"other\":{}}"u8.ToArray(), Headers = ours.Headers },
                new() { Key = ours.Key, Value = "{\"@timestamp\":\"t\"}\n{\"delete\":{}}"u8.ToArray(), Headers = ours.Headers },
                new() { Key = ours.Key, Value = new byte[900_000], Headers = ours.Headers },
                new() { Key = new byte[900_000], Value = [1] },
                new() { Key = ours.Key, Value = ours.Value, Headers = With("ce_id", null) },
                new() { Key = ours.Key, Value = ours.Value, Headers = With("ce_source", null) },
                new() { Key = ours.Key, Value = ours.Value, Headers = With("ce_time", null) },
                new() { Key = ours.Key, Value = ours.Value, Headers = With("ce_id", Encoding.UTF8.GetBytes("1234-1234-1234")) },
                new() { Key = ours.Key, Value = ours.Value, Headers = With("ce_source", Encoding.UTF8.GetBytes("/mycontext")) },
                new() { Key = ours.Key, Value = ours.Value, Headers = With("ce_source", Encoding.UTF8.GetBytes("/sequence/main")) },
                new() { Key = ours.Key, Value = ours.Value, Headers = With("ce_time", Encoding.UTF8.GetBytes("2018-04-05T03:56:24Z")) },
                new() { Key = ours.Key, Value = [1], Timestamp = new Timestamp(-9_000_000_000_000_000, TimestampType.CreateTime) },
            ];
        }
    }

    [KafkaFact]
    public async Task Among_events_they_become_dead_letters_are_told_once_and_their_neighbours_are_delivered()
    {
        await using var journal = _topics.Open(log: _log);
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);
        await ProduceAsync(_topics.Events(), Strangers);
        await writer.CommitAsync(Some.Commit(2, Some.Events(3, 3)), default);

        var delivered = new List<string>();
        for (var time = 0; time < 2; time++)
        {
            await using var reader = await journal.OpenReaderAsync("sink", default);
            while (await reader.ReadAsync(2, default) is { Count: > 0 } events)
            {
                delivered.AddRange(events.Select(e => e.Id));
                await reader.AcknowledgeAsync(events[^1], default);
            }
        }

        Assert.Equal(Some.Events(0, 6).Select(e => e.Id), delivered);
        await using var view = _topics.View();
        var letters = await view.DeadLettersAsync(default).ToListAsync();
        Assert.Equal(Strangers.Count, letters.Count);
        Assert.All(letters, letter => Assert.StartsWith("The record is no event of this connector: ", letter.Reason, StringComparison.Ordinal));
        Assert.Contains("dlq list", Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning).Text, StringComparison.Ordinal);
    }

    [KafkaFact]
    public async Task Where_no_event_follows_they_are_passed_over_once()
    {
        await using var journal = _topics.Open(log: _log);
        await using (var writer = await journal.OpenWriterAsync(Some.Intercom, default))
        {
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);
        }

        await ProduceAsync(_topics.Events(), Strangers);
        for (var time = 0; time < 3; time++)
        {
            await using var reader = await journal.OpenReaderAsync("sink", default);
            while (await reader.ReadAsync(10, default) is { Count: > 0 } events) await reader.AcknowledgeAsync(events[^1], default);
        }

        Assert.Equal(Strangers.Count, _topics.Consume(_topics.DeadLetters).Count);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("that is not delivered", StringComparison.Ordinal));
    }

    [KafkaFact]
    public async Task Their_text_is_withheld_while_a_privacy_rule_hides_values()
    {
        await using var journal = _topics.Open(withholdsStrangers: true);
        await journal.KeepDeadLettersAsync([], default);
        await ProduceAsync(_topics.Events(), [new() { Key = [1], Value = "{\"mail\":\"a@b.example\"}"u8.ToArray() }]);
        await using var reader = await journal.OpenReaderAsync("sink", default);
        Assert.Empty(await reader.ReadAsync(10, default));

        await using var view = _topics.View();
        var letter = Assert.Single(await view.DeadLettersAsync(default).ToListAsync());
        Assert.Equal((0, 22), (letter.Body.Length, letter.OriginalLength));
        Assert.Contains("withheld", letter.Reason, StringComparison.Ordinal);
    }

    [KafkaFact]
    public async Task A_look_at_the_events_skips_them_and_says_how_many()
    {
        await using var journal = _topics.Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);
        await ProduceAsync(_topics.Events(), Strangers);

        await using var view = _topics.View();
        Assert.Equal(3, await view.EventsAsync(new EventFilter(), null, default).CountAsync());

        Assert.Equal((Strangers.Count, $"{_topics.Events()}/0/4: it has no value"), (view.LeftOut!.Count, view.LeftOut.First));
    }

    [KafkaFact]
    public async Task Among_checkpoints_they_keep_no_source_from_being_opened_or_shown()
    {
        await using var journal = _topics.Open();
        await using (var writer = await journal.OpenWriterAsync(Some.Intercom, default))
        {
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);

            // A compacted topic takes no record without a key.
            await ProduceAsync(_topics.Checkpoints, Strangers.Where(s => s.Key is not null));
            await ProduceAsync(_topics.Checkpoints, [new() { Key = Encoding.UTF8.GetBytes($"cp/{Some.Intercom}"), Value = [1] }]);
            await writer.CommitAsync(Some.Commit(2, Some.Events(3, 3)), default);
        }

        await ProduceAsync(_topics.Checkpoints, [new() { Key = Encoding.UTF8.GetBytes($"cp/{Some.Intercom}"), Value = null }]);
        await using var again = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(2, again.Checkpoint!.Sequence);
        await again.CommitAsync(Some.Commit(3, Some.Events(6, 1)), default);

        await using var view = _topics.View();
        Assert.Equal([Some.Intercom], await view.SourcesAsync(default));
        Assert.Equal(Strangers.Count(s => s.Key is not null), view.LeftOut!.Count);
        Assert.Equal(3, CheckpointText.Parse(await view.CheckpointAsync(Some.Intercom, default)).Sequence);
    }

    [KafkaFact]
    public async Task Among_dead_letters_they_are_left_out_and_not_deleted_with_these()
    {
        await using (var journal = _topics.Open())
        {
            await journal.KeepDeadLettersAsync([Some.DeadLetter(1)], default);
        }

        await ProduceAsync(_topics.DeadLetters, Strangers);

        await using var view = _topics.View();
        Assert.Equal([Some.DeadLetter(1).Id], await view.DeadLettersAsync(default).Select(letter => letter.Id).ToListAsync());
        Assert.Equal((DeadLetterStage.Page, 1L), Assert.Single(await view.OpenDeadLettersAsync(default)) is var one ? (one.Key, one.Value) : default);
        Assert.NotNull(view.LeftOut);
        await using var hands = _topics.Operator();
        Assert.Equal(1, await hands.DiscardDeadLettersAsync([Some.DeadLetter(1).Id], default));
        await using var after = _topics.View();
        Assert.Empty(await after.DeadLettersAsync(default).ToListAsync());
        Assert.NotNull(after.LeftOut);
    }

    private async Task ProduceAsync(string topic, IEnumerable<Message<byte[]?, byte[]?>> messages)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
        {
            BootstrapServers = _topics.Options.BootstrapServers,
            CompressionType = CompressionType.Zstd,
        }).Build();
        foreach (var message in messages) await producer.ProduceAsync(new TopicPartition(topic, 0), message);
    }
}
