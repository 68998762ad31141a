using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Sinks.Elasticsearch;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Commands;

/// <summary>The commands that speak to Elasticsearch, before a fake one.</summary>
public sealed class ElasticsearchCommandsTests : IAsyncLifetime
{
    private readonly Session _session = new();
    private FakeElasticsearch _server = null!;

    public async Task InitializeAsync() => _server = await FakeElasticsearch.StartAsync();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _session.Dispose();
    }

    [Fact]
    public async Task Setup_prints_what_it_would_put_and_puts_it()
    {
        Assert.Equal(0, await RunAsync("setup", "elasticsearch", "--dry-run"));
        Assert.Equal(
            [
                "PUT _ilm/policy/activity-connector-dated",
                "PUT _component_template/activity-connector-mappings",
                "PUT _component_template/activity-connector-settings",
                "PUT _index_template/activity-connector-dated",
            ],
            _session.Lines.Where(l => l.StartsWith("PUT ", StringComparison.Ordinal)));
        Assert.DoesNotContain(_server.Requests, r => r.Request.StartsWith("PUT", StringComparison.Ordinal));

        Assert.Equal(0, await RunAsync("setup", "elasticsearch"));
        Assert.All(_session.Lines, l => Assert.Contains("\tinstalled", l, StringComparison.Ordinal));
        Assert.Equal(4, _server.Requests.Count(r => r.Request.StartsWith("PUT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_server_has_against_a_template_is_said()
    {
        _server.Instead = (method, path) => method == "PUT" && path.StartsWith("_component", StringComparison.Ordinal)
            ? (400, """{"error":{"type":"mapper_parsing_exception","reason":"No handler for type [x]"}}""")
            : null;

        Assert.Equal(1, await RunAsync("setup", "elasticsearch"));
        Assert.Contains("component template\tactivity-connector-mappings\tfailed\t400 mapper_parsing_exception No handler for type [x]", _session.Lines);
    }

    [Fact]
    public async Task Without_an_address_there_is_nothing_to_set_up()
    {
        Assert.Equal(64, await _session.RunAsync("setup", "elasticsearch"));
        Assert.StartsWith("error: Elasticsearch:Urls: It is empty.", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_refused_is_sent_again_whole_and_is_a_dead_letter_no_more_when_it_is_taken()
    {
        var large = Some.Event(1, bytes: 2 * DeadLetter.MaxBodyBytes);
        await using (var journal = await OpenAsync())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(Some.Commit(1, [Some.Event(0), large, Some.Event(2)]), default);
            DeadLetter[] letters =
                [Letter(0), Letter(1, large.Json), Letter(2), Some.DeadLetter(9), Some.DeadLetter(8) with { Stage = DeadLetterStage.Index }];
            await journal.KeepDeadLettersAsync(letters, default);
        }

        _server.ThenItems(new FakeElasticsearch.Item(400, "document_parsing_exception"));
        Assert.Equal(1, await RunAsync("dlq", "replay", "--all"));
        Assert.Equal("2 taken, 2 not taken.", _session.Lines[^1]);
        Assert.Contains("stays: it is no event.", _session.Error, StringComparison.Ordinal);
        Assert.Contains("stays: document_parsing_exception.", _session.Error, StringComparison.Ordinal);
        Assert.Contains(_server.Documents.Values, d => d.Length > large.Json.Length);

        Assert.Equal(1, await RunAsync("dlq", "replay", "--all"));
        Assert.Equal("1 taken, 1 not taken.", _session.Lines[^1]);
        Assert.Equal(3, _server.Documents.Count);
        await RunAsync("dlq", "list");
        Assert.Equal(["index", "page"], _session.Lines.Select(l => l.Split('\t')[1]).Order());
    }

    [Fact]
    public async Task A_range_of_the_journal_is_sent_again_and_stored_once()
    {
        await using (var journal = await OpenAsync())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 10)), default);
        }

        var (from, to) = (Some.Event(2).Time, Some.Event(7).Time);
        Assert.Equal(0, await RunAsync("replay", "--from", $"{from:O}", "--to", $"{to:O}"));
        Assert.Equal("5 stored, 0 there already, 0 left out, 0 not taken.", _session.Lines[^1]);

        _server.Documents.TryRemove(_server.Documents.Keys.First(), out _);
        Assert.Equal(0, await RunAsync("replay", "--from", "2000-01-01", "--to", "2100-01-01", "--source", "intercom"));
        Assert.Equal("6 stored, 4 there already, 0 left out, 0 not taken.", _session.Lines[^1]);
        Assert.Equal(10, _server.Documents.Count);

        _server.Closed = _ => true;
        Assert.Equal(1, await RunAsync("replay", "--from", "2000-01-01", "--to", "2100-01-01"));
        Assert.Equal("0 stored, 0 there already, 0 left out, 10 not taken.", _session.Lines[^1]);
        Assert.Contains("10 events not taken.", _session.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay", "--from", "2026-01-01")]
    [InlineData("replay", "--from", "2026-01-02", "--to", "2026-01-01")]
    public async Task A_range_needs_both_ends_in_their_order(params string[] command) => Assert.Equal(2, await RunAsync(command));

    [Fact]
    public async Task What_never_was_an_event_cannot_be_sent_again_whether_there_is_a_sink_or_not()
    {
        await using (var journal = await OpenAsync())
        {
            await journal.KeepDeadLettersAsync([Some.DeadLetter(1)], default);
        }

        Assert.Equal(1, await _session.RunAsync("dlq", "replay", Some.DeadLetter(1).Id));
        Assert.Contains("never became an event", _session.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "collect",
        "error: Journal:Kind: Collecting and indexing can only be apart with a journal in Kafka: one process owns a SQLite file. "
        + "Leave --role out, or set Journal:Kind to Kafka.")]
    [InlineData(
        "index",
        "error: Journal:Kind: Collecting and indexing can only be apart with a journal in Kafka: one process owns a SQLite file. "
        + "Leave --role out, or set Journal:Kind to Kafka.")]
    public async Task A_part_of_the_connector_alone_needs_a_journal_that_the_other_can_reach(string role, string error)
    {
        Assert.Equal(64, await RunAsync("run", "--role", role, "--set", "Sources:Intercom:AccessToken=t"));
        Assert.Equal(error, _session.Error.TrimEnd());
    }

    private static DeadLetter Letter(int number, ReadOnlyMemory<byte>? json = null)
    {
        var (e, body) = (Some.Event(number), json ?? Some.Event(number).Json);
        return new()
        {
            Id = e.Id,
            Stage = DeadLetterStage.Index,
            Reason = "document_parsing_exception",
            Origin = "intercom/abc123",
            At = Some.Start,
            Body = body[..Math.Min(body.Length, DeadLetter.MaxBodyBytes)],
            OriginalLength = body.Length,
        };
    }

    private Task<int> RunAsync(params string[] arguments) => _session.RunAsync([.. arguments, "--set", $"Elasticsearch:Urls:0={_server.Url}"]);

    private async Task<SqliteJournal> OpenAsync() =>
        await SqliteJournal.OpenAsync(new JournalOptions { Path = _session.JournalPath }, _session.Time, NullLogger<SqliteJournal>.Instance, default);
}
