using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Journals.Kafka.Faults;

/// <summary>The cluster removes events that a reader does not have yet, as retention does.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class RetentionTests : IAsyncLifetime
{
    private const string Reader = "sink";

    private readonly KafkaTopicsOfTest _topics;
    private readonly CollectingLogger<KafkaJournal> _log = new();
    private readonly ShiftedTime _time = new();
    private readonly KafkaJournal _journal;
    private readonly TopicPartition _partition;

    public RetentionTests(KafkaServer server)
    {
        _topics = new KafkaTopicsOfTest(server, partitions: 1) { Sources = ["intercom"] };
        // What is fetched ahead is far less than what a test removes.
        _topics.Options.Compression = KafkaCompression.None;
        _topics.Options.Properties = new Dictionary<string, string> { ["queued.max.messages.kbytes"] = "64", ["fetch.message.max.bytes"] = "65536" };
        _journal = _topics.Open(time: _time, log: _log);
        _partition = new(_topics.Events(), 0);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _journal.DisposeAsync();

    [KafkaFact]
    public async Task What_was_removed_while_the_reader_was_away_is_said_and_what_is_left_is_delivered_once()
    {
        await CommitAsync(1, 0, 10);
        await using (var reader = await OpenAsync())
        {
            await reader.AcknowledgeAsync((await reader.TakeAsync(4))[^1], default);
        }

        await RemoveBeforeAsync(7);

        Assert.Equal(Ids(7, 3), await DeliverAllAsync());
        Assert.Contains("up to 3 events of " + _partition.Topic, Assert.Single(Errors), StringComparison.Ordinal);
        Assert.Contains("offsets 4 to 6", Assert.Single(Errors), StringComparison.Ordinal);
        Assert.Empty(await DeliverAllAsync());
        Assert.Single(Errors);
    }

    [KafkaFact]
    public async Task What_was_removed_while_the_reader_was_held_up_is_said_and_what_is_left_is_delivered_once()
    {
        await CommitAsync(1, 0, 6_000, bytes: 2_000);
        var delivered = new List<string>();
        await using (var reader = await OpenAsync())
        {
            var first = await reader.ReadAsync(100, default);
            await RemoveBeforeAsync(5_500);
            delivered.AddRange(first.Select(e => e.Id));
            await reader.AcknowledgeAsync(first[^1], default);
            delivered.AddRange(await DeliverAllAsync(reader));
        }

        // What it had fetched by then, and what was left.
        var had = delivered.Count - 500;
        Assert.Equal([.. Ids(0, had), .. Ids(5_500, 500)], delivered);
        Assert.Contains($"up to {5_500 - had} events", Assert.Single(Errors), StringComparison.Ordinal);
        Assert.Empty(await DeliverAllAsync());
        Assert.Single(Errors);
    }

    [KafkaFact]
    public async Task A_reader_that_never_had_an_event_knows_what_was_removed_before_its_first()
    {
        Assert.Empty(await DeliverAllAsync());
        await CommitAsync(1, 0, 5);
        await RemoveBeforeAsync(3);

        Assert.Equal(Ids(3, 2), await DeliverAllAsync());
        Assert.Contains("up to 3 events", Assert.Single(Errors), StringComparison.Ordinal);
    }

    /// <summary>Marks of transactions, and what the command check writes and takes back: every quiet partition ends with them.</summary>
    [KafkaFact]
    public async Task Nothing_is_said_when_what_is_removed_was_delivered_but_for_what_is_no_event()
    {
        await CommitAsync(1, 0, 3);
        using var stranger = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = _topics.Options.BootstrapServers, TransactionalId = _topics.Options.TopicPrefix + ".stranger" }).Build();
        stranger.InitTransactions(TimeSpan.FromSeconds(30));
        stranger.BeginTransaction();
        await stranger.ProduceAsync(_topics.Events(), new() { Key = [1], Value = [] });
        stranger.AbortTransaction();

        Assert.Equal(Ids(0, 3), await DeliverAllAsync());
        await RemoveBeforeAsync(Offset.End);

        Assert.Empty(await DeliverAllAsync());
        await CommitAsync(2, 3, 2);
        Assert.Equal(Ids(3, 2), await DeliverAllAsync());
        Assert.Empty(Errors);
    }

    [KafkaFact]
    public async Task A_position_behind_the_end_is_said_and_everything_is_delivered_again()
    {
        await CommitAsync(1, 0, 3);
        Assert.Equal(Ids(0, 3), await DeliverAllAsync());
        using (var admin = _topics.Admin())
        {
            await admin.AlterConsumerGroupOffsetsAsync([new(Group, [new(_partition, 1_000)])]);
        }

        Assert.Equal(Ids(0, 3), await DeliverAllAsync());
        Assert.Contains("ends before offset 1000", Assert.Single(Errors), StringComparison.Ordinal);
    }

    [KafkaFact]
    public async Task It_warns_once_when_half_of_the_topics_retention_has_passed_and_says_when_that_is_over()
    {
        await CommitAsync(1, 0, 2);
        await SetRetentionAsync(TimeSpan.FromDays(10));
        await using var journal = _topics.Open(time: _time, log: _log);
        _time.Ahead = TimeSpan.FromDays(6);

        // The second time as after a failure of the sink.
        for (var time = 0; time < 2; time++)
        {
            await using var held = await journal.OpenReaderAsync(Reader, default);
            await held.TakeAsync(2);
            await _log.SeenAsync("the topic keeps events for 10.00:00:00");
        }

        _time.Ahead = TimeSpan.Zero;
        await using var reader = await journal.OpenReaderAsync(Reader, default);
        await reader.TakeAsync(2);
        await _log.SeenAsync("younger than half");
        Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning);
        Assert.Empty(Errors);
    }

    [KafkaFact]
    public async Task A_view_says_up_to_which_commit_events_may_be_removed_and_that_none_is_where_the_partition_begins_at_its_first_offset()
    {
        await CommitAsync(1, 0, 3);
        await CommitAsync(2, 10, 3);
        await using var view = _topics.View();
        Assert.Equal(new DeletedEvents(null, null), await view.DeletedAsync(Some.Intercom, default));

        var left = _topics.Consume(_partition.Topic)[3];
        await RemoveBeforeAsync(left.Offset);
        Assert.Equal(new DeletedEvents(left.Message.Timestamp.UtcDateTime + DeletedEvents.Disorder, null), await view.DeletedAsync(Some.Intercom, default));

        await RemoveBeforeAsync(Offset.End);
        Assert.Equal(new DeletedEvents(DateTimeOffset.MaxValue, null), await view.DeletedAsync(Some.Intercom, default));
    }

    private IEnumerable<string> Errors => _log.Lines.Where(line => line.Level == LogLevel.Error).Select(line => line.Text);

    private string Group => $"{_topics.Options.TopicPrefix}.{Reader}";

    private ValueTask<IJournalReader> OpenAsync() => _journal.OpenReaderAsync(Reader, default);

    private async Task CommitAsync(long sequence, int first, int count, int bytes = 0)
    {
        await using var writer = await _journal.OpenWriterAsync(Some.Intercom, default);
        var commit = Some.Commit(sequence, Some.Events(first, count, bytes));
        await writer.CommitAsync(commit with { Checkpoint = commit.Checkpoint with { CommittedAt = _time.GetUtcNow() } }, default);
    }

    private async Task<List<string>> DeliverAllAsync()
    {
        await using var reader = await OpenAsync();
        return await DeliverAllAsync(reader);
    }

    /// <summary>Reads and acknowledges, as a sink does, until the group stands at the end of the partition.</summary>
    private async Task<List<string>> DeliverAllAsync(IJournalReader reader)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var admin = _topics.Admin();
        var (delivered, end) = (new List<string>(), KafkaServer.EndsOf(_topics.Options.BootstrapServers!, [_partition])[_partition]);
        do
        {
            var events = await reader.ReadAsync(1_000, patience.Token);
            if (events.Count > 0)
            {
                delivered.AddRange(events.Select(e => e.Id));
                await reader.AcknowledgeAsync(events[^1], patience.Token);
            }
        }
        while ((await admin.ListConsumerGroupOffsetsAsync([new(Group, [_partition])])).Single().Partitions.Single().Offset < end);
        return delivered;
    }

    private async Task RemoveBeforeAsync(Offset offset)
    {
        using var admin = _topics.Admin();
        await admin.DeleteRecordsAsync([new(_partition, offset)]);
    }

    private async Task SetRetentionAsync(TimeSpan retention)
    {
        using var admin = _topics.Admin();
        await admin.IncrementalAlterConfigsAsync(new()
        {
            [new() { Type = ResourceType.Topic, Name = _topics.Events() }] =
                [new() { Name = "retention.ms", Value = $"{(long)retention.TotalMilliseconds}", IncrementalOperation = AlterConfigOpType.Set }],
        });
    }

    private static IEnumerable<string> Ids(int first, int count) => Some.Events(first, count).Select(e => e.Id);

    /// <summary>The machine's time, as far ahead as a test wants it.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
