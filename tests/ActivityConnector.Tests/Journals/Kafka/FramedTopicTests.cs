using System.Buffers.Binary;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Commands;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Warehouse;
using ActivityConnector.Vendors;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>A topic whose values name their schema, on a real cluster with a registry beside it.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class FramedTopicTests : IAsyncLifetime
{
    private readonly KafkaTopicsOfTest _topics;
    private FakeSchemaRegistry _registry = null!;

    public FramedTopicTests(KafkaServer server) => _topics = new(server);

    public async Task InitializeAsync() => _registry = await FakeSchemaRegistry.StartAsync();

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    [KafkaFact]
    public async Task Readers_understand_a_topic_in_which_plain_values_are_followed_by_framed_ones_and_by_plain_ones_again()
    {
        await CommitAsync(1);
        _topics.Options.SchemaRegistry = new() { Url = _registry.Url, AutoRegister = true };
        await CommitAsync(2);
        _topics.Options.SchemaRegistry = new();
        await CommitAsync(3);

        // What is on the wire, by Confluent's contract.
        var id = _registry.Register($"{_topics.Events()}-value", ActivityConnector.Vendors.Vendor.EventSchema);
        var framed = Some.Events(10, 10).ToDictionary(e => e.Id);
        foreach (var record in _topics.Consume(_topics.Events()))
        {
            var value = record.Message.Value!;
            var eventId = System.Text.Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes("ce_id"));
            if (!framed.TryGetValue(eventId, out var e))
            {
                Assert.Equal((byte)'{', value[0]);
                continue;
            }

            Assert.Equal(0, value[0]);
            Assert.Equal(id, BinaryPrimitives.ReadInt32BigEndian(value.AsSpan(1, 4)));
            Assert.Equal(e.Json.ToArray(), value[5..]);
            Assert.Equal("application/octet-stream", System.Text.Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes("content-type")));
        }

        // The role index, the commands that look, and a writer that finds its checkpoint lost.
        var expected = Some.Events(0, 30).Select(e => (e.Id, Json: Convert.ToHexString(e.Json.Span))).Order().ToList();
        await using (var journal = _topics.Open())
        {
            await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
            var read = new List<JournalEvent>();
            while (await reader.ReadAsync(100, default) is { Count: > 0 } some)
            {
                read.AddRange(some);
                await reader.AcknowledgeAsync(some[^1], default);
            }

            Assert.Equal(expected, read.Select(e => (e.Id, Convert.ToHexString(e.Json.Span))).Order());
        }

        await using var view = _topics.View();
        Assert.Equal(expected, (await view.EventsAsync(new(), null, default).ToListAsync()).Select(e => (e.Id, Convert.ToHexString(e.Json.Span))).Order());
        Assert.Null(view.LeftOut);
        await _topics.RecreateAsync(_topics.Checkpoints, "compact");
        await using var again = _topics.Open();
        await Assert.ThrowsAsync<JournalCorruptException>(async () => await again.OpenWriterAsync(Some.Intercom, default));
    }

    [KafkaFact]
    public async Task Nothing_is_written_while_the_registry_cannot_be_asked_or_does_not_have_the_schema()
    {
        _topics.Options.SchemaRegistry = new() { Url = "http://127.0.0.1:1" };
        await using var journal = _topics.Open();
        await Assert.ThrowsAsync<JournalUnavailableException>(async () => await journal.OpenWriterAsync(Some.Intercom, default));

        _topics.Options.SchemaRegistry = new() { Url = _registry.Url };
        await Assert.ThrowsAsync<JournalMisconfiguredException>(async () => await journal.OpenWriterAsync(Some.Intercom, default));
        Assert.Empty(_topics.Consume(_topics.Checkpoints));

        _topics.Options.SchemaRegistry = new() { Url = _registry.Url, AutoRegister = true };
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);
        Assert.Equal(0, Assert.Single(_topics.Consume(_topics.Events())).Message.Value![0]);
    }

    [KafkaFact]
    public async Task Setup_and_check_have_a_row_for_each_schema_and_an_export_reads_what_is_framed()
    {
        using var session = new Session { Clock = TimeProvider.System };
        _registry.Credential = "user:password";
        string[] options =
        [
            "--set", "Journal:Kind=Kafka", "--set", $"Kafka:BootstrapServers={_topics.Options.BootstrapServers}",
            "--set", $"Kafka:TopicPrefix={_topics.Options.TopicPrefix}", "--set", "Kafka:ReplicationFactor=1", "--set", "Kafka:MinInSyncReplicas=1",
            "--set", $"Kafka:SchemaRegistry:Url={_registry.Url}", "--set", "Kafka:SchemaRegistry:Username=user",
            "--set", "Kafka:SchemaRegistry:Password=password",
        ];
        var subject = $"schema {_topics.Events()}-value";

        Assert.Equal(0, await session.RunAsync(["setup", "kafka", "--dry-run", .. options]));
        Assert.Contains($"{subject}\twould be created\tnot registered", session.Out, StringComparison.Ordinal);
        Assert.Empty(_registry.Schemas($"{_topics.Events()}-value"));

        Assert.Equal(0, await session.RunAsync(["setup", "kafka", .. options]));
        Assert.Contains($"{subject}\tcreated\tid 1", session.Out, StringComparison.Ordinal);
        Assert.Equal(0, await session.RunAsync(["setup", "kafka", .. options]));
        Assert.Contains($"{subject}\texists\tid 1", session.Out, StringComparison.Ordinal);

        await session.RunAsync(["check", .. options, "--set", "Sources:Intercom:AccessToken=t", "--set", "Sources:Intercom:BaseUrl=http://127.0.0.1:1"]);
        Assert.Contains($"{subject}\tpass\tid 1", session.Out, StringComparison.Ordinal);

        _registry.Credential = "user:another";
        Assert.Equal(1, await session.RunAsync(["setup", "kafka", .. options]));
        Assert.Contains("schema registry\twrong\tThe schema registry refused the credentials (401 Unauthorized).", session.Out, StringComparison.Ordinal);

        _registry.Credential = null;
        _topics.Options.SchemaRegistry = new() { Url = _registry.Url };
        await CommitAsync(1);
        Assert.Equal(0, await session.RunAsync(["export", "--format", "parquet", "--to", "warehouse", .. options]));
        Assert.Equal(
            Some.Events(0, 10).Select(e => e.Id).Order(),
            (await ParquetFolder.ReadAsync(Path.Combine(session.Folder, "warehouse"))).Select(row => row.Id).Order());
    }

    /// <summary>Ten events, by a journal with the present options.</summary>
    private async Task CommitAsync(int number)
    {
        await using var journal = _topics.Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(number, Some.Events((number - 1) * 10, 10)), default);
    }
}
