using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Item = ActivityConnector.Tests.Sinks.Elasticsearch.FakeElasticsearch.Item;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>What a server answers that is not well, and that each event is stored once or refused permanently in the end.</summary>
public sealed class SinkAnswersTests : IAsyncLifetime
{
    private const string Full = "es_rejected_execution_exception";
    private const string FullText = $$"""{"error":{"type":"{{Full}}","reason":"full"},"status":429}""";

    private SinkOnFake _scene = null!;

    public async Task InitializeAsync() => _scene = await SinkOnFake.StartAsync();

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task Events_are_stored_once_and_sent_again_they_are_known()
    {
        Assert.Equal((5, 0), Counts(await _scene.WriteAsync(5)));
        Assert.Equal((0, 5), Counts(await _scene.WriteAsync(5)));

        Assert.Equal(5, _scene.Server.Documents.Count);
        Assert.All(_scene.Server.Documents.Keys, key => Assert.Equal("logs-intercom.audit.2026.11", key.Index));
        Assert.All(_scene.Server.Bulks, bulk => Assert.Equal("application/x-ndjson", bulk.ContentType));
        using var document = JsonDocument.Parse(_scene.Server.Documents.First().Value);
        Assert.Equal("2026-11-22T20:00:00.000Z", document.RootElement.GetProperty("event.ingested").GetString());
    }

    [Fact]
    public async Task A_large_batch_goes_in_requests_within_both_limits()
    {
        (_scene.Options.BatchSize, _scene.Options.BatchBytes) = (100, 50_000);

        await _scene.WriteAsync(250, bytes: 2000);

        Assert.Equal(250, _scene.Server.Documents.Count);
        Assert.All(_scene.Server.Bulks, bulk => Assert.True(bulk.Lines.Count <= 100 && bulk.Bytes <= 50_000, $"{bulk.Lines.Count}, {bulk.Bytes}"));
    }

    [Fact]
    public async Task Of_a_mixed_answer_only_what_may_still_be_stored_is_sent_again()
    {
        _scene.Server.ThenItems(
            new(201), new(409, "version_conflict_engine_exception"), new(400, "document_parsing_exception"),
            new(429, Full), new(503, "unavailable_shards_exception"),
            new(500, "null_pointer_exception"), new(200) { Result = "noop" });

        var result = await _scene.WriteAsync(7);

        Assert.Equal([7, 3], _scene.Server.Bulks.Select(b => b.Lines.Count));
        Assert.Equal((4, 1, 1), (result.Stored, result.Known, result.LeftOut));
        var refused = Assert.Single(result.Refused);
        Assert.Equal((SinkOnFake.Events(2, 1)[0].Id, "document_parsing_exception"), (refused.Event.Id, refused.Reason));
    }

    [Fact]
    public async Task Ten_minutes_of_a_full_queue_lose_nothing_and_make_requests_smaller()
    {
        _scene.Options.BatchSize = 64;
        for (var i = 0; i < 30; i++) _scene.Server.ThenItems([.. Enumerable.Repeat(new Item(429, Full), 64)]);

        Assert.Equal((64, 0), Counts(await _scene.WriteAsync(64)));
        Assert.Equal(1, _scene.Server.Bulks.Min(b => b.Lines.Count));
        Assert.Contains(_scene.Log.Lines, l => l.Text.Contains("accepts events again", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("4000000", 300)]
    [InlineData("2147483647", 300)]
    [InlineData("Sat, 21 Nov 2099 20:00:17 GMT", 300)]
    public async Task Retry_After_is_waited_for_but_not_longer_than_five_minutes(string retryAfter, int seconds)
    {
        _scene.Server.Then(429, FullText, ("Retry-After", retryAfter));

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.Equal([TimeSpan.FromSeconds(seconds)], _scene.Time.Waits);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_halved_until_it_fits_and_one_event_that_never_fits_is_refused()
    {
        const int Limit = 20_000;
        for (var i = 0; i < 40; i++) _scene.Server.Then(TooLargeOver(Limit));

        var events = SinkOnFake.Events(0, 20, bytes: 3000).Append(SinkOnFake.Events(20, 1, bytes: 2 * Limit)[0]).ToList();
        var result = await _scene.Sink.WriteAsync(events, default);

        Assert.Equal(20, result.Stored);
        Assert.StartsWith("too large: ", Assert.Single(result.Refused).Reason, StringComparison.Ordinal);
        Assert.Empty(_scene.Time.Waits);
    }

    [Fact]
    public async Task One_line_that_makes_a_server_refuse_the_whole_request_is_found()
    {
        var poison = SinkOnFake.Events(13, 1)[0].Id;
        for (var i = 0; i < 60; i++)
        {
            _scene.Server.Then(async (bulk, http) =>
            {
                var isPoisoned = bulk.Lines.Any(l => l.Id == poison);
                http.Response.StatusCode = isPoisoned ? 400 : 200;
                await http.Response.WriteAsync(isPoisoned
                    ? """{"error":{"type":"illegal_argument_exception","reason":"no"}}"""
                    : "{\"items\":[" + string.Join(',', bulk.Lines.Select(l => $$$"""{"create":{"_id":"{{{l.Id}}}","status":201}}""")) + "]}");
            });
        }

        var result = await _scene.WriteAsync(40);

        Assert.Equal(39, result.Stored);
        Assert.Equal(poison, Assert.Single(result.Refused).Event.Id);
    }

    [Fact]
    public async Task A_server_that_understands_nothing_is_waited_for_and_refuses_nobody()
    {
        for (var i = 0; i < 12; i++) _scene.Server.Then(400, """{"error":{"type":"illegal_argument_exception","reason":"no"}}""");

        Assert.Equal((4, 0), Counts(await _scene.WriteAsync(4)));
    }

    [Theory]
    [InlineData("the connection breaks")]
    [InlineData("the answer is cut off")]
    [InlineData("the answer is cut off in its compression")]
    [InlineData("the answer is a page")]
    [InlineData("fewer items")]
    [InlineData("more items")]
    [InlineData("other ids")]
    public async Task When_it_cannot_be_known_what_was_stored_the_same_is_sent_again_a_second_later(string how)
    {
        _scene.Server.ThenStoreAnd(async (text, http) =>
        {
            switch (how)
            {
                case "the connection breaks":
                    http.Abort();
                    break;
                case "the answer is cut off":
                    http.Response.ContentLength = text.Length;
                    await http.Response.WriteAsync(text[..(text.Length / 2)]);
                    await http.Response.Body.FlushAsync();
                    http.Abort();
                    break;
                case "the answer is cut off in its compression":
                    http.Response.Headers.ContentEncoding = "gzip";
                    await http.Response.Body.WriteAsync(Compressed(text).AsMemory(..20));
                    break;
                case "the answer is a page":
                    await http.Response.WriteAsync("<html>Gateway</html>");
                    break;
                case "fewer items":
                    await http.Response.WriteAsync("""{"errors":false,"items":[]}""");
                    break;
                case "more items":
                    await http.Response.WriteAsync(text.Replace("]}", """,{"create":{"_id":"x","status":201}}]}""", StringComparison.Ordinal));
                    break;
                default:
                    await http.Response.WriteAsync(text.Replace("\"_id\":\"", "\"_id\":\"0", StringComparison.Ordinal));
                    break;
            }
        });

        Assert.Equal((0, 3), Counts(await _scene.WriteAsync()));
        Assert.Equal(3, _scene.Server.Documents.Count);
        Assert.True(Assert.Single(_scene.Time.Waits) >= TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_server_that_is_down_is_tried_again_for_as_long_as_it_takes(int status)
    {
        for (var i = 0; i < 50; i++) _scene.Server.Then(status, "down");

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.All(_scene.Time.Waits, w => Assert.True(w <= TimeSpan.FromSeconds(60)));
        _scene.Server.AssertDone();
    }

    [Fact]
    public async Task What_is_put_into_the_failure_store_is_refused_and_not_sent_again()
    {
        _scene.Server.ThenItems(new(0), new(201) { FailureStore = "used", Id = "another" });

        var result = await _scene.WriteAsync();

        Assert.Equal((2, 1), (result.Stored, result.Refused.Count));
        Assert.Single(_scene.Server.Bulks);
        Assert.Contains(_scene.Log.Lines, l => l.Level == LogLevel.Error && l.Text.Contains("failure store", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_at_which_the_server_fails_ten_times_while_it_takes_others_is_refused()
    {
        var poison = SinkOnFake.Events(5, 1)[0].Id;
        _scene.Server.Fails = id => id == poison;

        var result = await _scene.WriteAsync(20);

        Assert.Equal(19, result.Stored);
        var refused = Assert.Single(result.Refused);
        Assert.Equal((poison, "failed 10 times while others were taken: null_pointer_exception"), (refused.Event.Id, refused.Reason));
        Assert.Equal(10, _scene.Server.Bulks.Count);
        Assert.Equal(19, _scene.Server.Documents.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(95)]
    public async Task A_server_that_fails_at_everything_is_waited_for_and_nothing_is_refused(int storedBefore)
    {
        var stored = SinkOnFake.Events(0, storedBefore).Select(e => e.Id).ToHashSet();
        _scene.Server.Fails = id => _scene.Server.Bulks.Count > 1 || !stored.Contains(id);

        // They wait, and nothing is refused; after the first time a single try shows that it still fails.
        Assert.Equal(100 - storedBefore, (await _scene.Sink.WriteAsync(SinkOnFake.Events(0, 100), default)).Waiting?.Events.Count);
        await Task.Delay(TimeSpan.FromSeconds(30), _scene.Time);
        var bulks = _scene.Server.Bulks.Count;
        Assert.Equal(100 - storedBefore, (await _scene.Sink.WriteAsync(SinkOnFake.Events(storedBefore, 100 - storedBefore), default)).Waiting?.Events.Count);
        Assert.InRange(_scene.Server.Bulks.Count, bulks + 1, bulks + 3);
        _scene.Server.Fails = _ => false;
        await Task.Delay(TimeSpan.FromSeconds(30), _scene.Time);

        Assert.Equal((100 - storedBefore, storedBefore), Counts(await _scene.WriteAsync(100)));
    }

    [Fact]
    public async Task Where_it_fails_at_many_the_server_is_to_blame_and_nothing_is_refused()
    {
        var failing = SinkOnFake.Events(0, 20).Select(e => e.Id).ToHashSet();
        _scene.Server.Fails = failing.Contains;

        Assert.Equal(20, (await _scene.Sink.WriteAsync(SinkOnFake.Events(0, 100), default)).Waiting?.Events.Count);

        Assert.Equal(80, _scene.Server.Documents.Count);
    }

    [Fact]
    public async Task An_event_that_is_alone_waits_until_the_journal_has_others_to_compare_it_with()
    {
        var disk = new SimulatedDisk();
        await using var journal = new SimulatedJournal(disk, CrashPlan.None);
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);
        var poison = Some.Event(0).Id;
        _scene.Server.Fails = id => id == poison;
        var indexer = new Indexer(journal, _scene.Sink, TimeSpan.FromSeconds(1), _scene.Time, NullLogger<Indexer>.Instance);

        await Assert.ThrowsAsync<SinkRefusedException>(() => indexer.DrainAsync(default));
        await Assert.ThrowsAsync<SinkRefusedException>(() => indexer.DrainAsync(default));
        Assert.Empty(disk.DeadLetters);
        await writer.CommitAsync(Some.Commit(2, Some.Events(1, 12)), default);
        await Task.Delay(TimeSpan.FromSeconds(30), _scene.Time);
        await indexer.DrainAsync(default);

        Assert.Equal((12, 1), (indexer.Totals.Stored, indexer.Totals.Refused));
        Assert.Equal(poison, Assert.Single(disk.DeadLetters.Values).Id);
    }

    [Fact]
    public async Task What_is_sent_along_with_an_event_that_fails_is_stored_and_counted_once_even_while_whole_requests_fail()
    {
        var poison = SinkOnFake.Events(0, 1)[0].Id;
        var bulks = 0;
        _scene.Server.Fails = id => id == poison && bulks < 6;
        for (var i = 0; i < 8; i++)
        {
            var status = i switch { 2 => 413, 4 => 503, 5 => 429, _ => 0 };
            _scene.Server.Then(async (bulk, http) =>
            {
                bulks++;
                http.Response.StatusCode = status == 0 ? 200 : status;
                if (status == 0) await _scene.Server.StoreAsync(bulk, http);
            });
        }

        Assert.Equal((30, 0), Counts(await _scene.WriteAsync(30)));
        Assert.Equal(30, _scene.Server.Documents.Count);
    }

    [Theory]
    [InlineData(403, "cluster_block_exception")]
    [InlineData(429, "cluster_block_exception")]
    [InlineData(400, "index_closed_exception")]
    [InlineData(403, "security_exception")]
    [InlineData(401, "security_exception")]
    [InlineData(403, "index_create_block_exception")]
    [InlineData(404, "resource_not_found_exception")]
    [InlineData(400, "invalid_index_name_exception")]
    [InlineData(400, "illegal_argument_exception", "only write ops with an op_type of create are allowed in data streams")]
    [InlineData(400, "illegal_argument_exception", "pipeline with id [x] does not exist")]
    [InlineData(400, "illegal_argument_exception", "no write index is defined for alias [x]")]
    public async Task A_block_a_missing_right_or_a_wrong_setup_holds_everything_and_is_nobodys_dead_letter(int status, string type, string? reason = null)
    {
        for (var i = 0; i < 5; i++) _scene.Server.ThenItems([.. Enumerable.Repeat(new Item(status, type, reason), 3)]);

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.All(_scene.Time.Waits, w => Assert.Equal(TimeSpan.FromSeconds(30), w));
        Assert.Equal(5, _scene.Time.Waits.Count);
    }

    [Theory]
    [InlineData(301, "")]
    [InlineData(401, """{"error":{"type":"security_exception"}}""")]
    [InlineData(403, """{"error":{"type":"security_exception"}}""")]
    [InlineData(403, """{"error":{"type":"cluster_block_exception"}}""")]
    [InlineData(404, "")]
    [InlineData(406, """{"error":{"type":"media_type_header_exception"}}""")]
    [InlineData(429, """{"error":{"type":"cluster_block_exception"}}""")]
    public async Task So_does_a_whole_request_that_is_answered_so(int status, string body)
    {
        for (var i = 0; i < 5; i++) _scene.Server.Then(status, body, ("Location", "http://127.0.0.1:1/"));

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(30), 5), _scene.Time.Waits);
    }

    [Fact]
    public async Task A_breaker_slows_it_down_and_loses_nothing()
    {
        _scene.Server.Then(429, """{"error":{"type":"circuit_breaking_exception"}}""")
            .ThenItems([.. Enumerable.Repeat(new Item(429, "circuit_breaking_exception"), 3)]);

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.Equal([3, 1], _scene.Server.Bulks.Take(2).Select(b => b.Lines.Count));
    }

    [Fact]
    public async Task An_index_that_cannot_be_made_again_is_waited_for()
    {
        for (var i = 0; i < 4; i++) _scene.Server.ThenItems([.. Enumerable.Repeat(new Item(404, "index_not_found_exception"), 3)]);

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(30), 2), _scene.Time.Waits);
    }

    [Theory]
    [InlineData("made")]
    [InlineData("written")]
    public async Task An_index_that_takes_nothing_keeps_only_its_own_events_waiting_and_is_told(string how)
    {
        const string Blocked = "logs-intercom.audit.2026.10";
        const string Shards = "this action would add [2] shards, but this cluster has [1000]/[1000] maximum normal shards open";
        var isBlocked = true;
        if (how == "made")
        {
            _scene.Server.Instead = (method, path) => isBlocked && method == "PUT" && path == Blocked
                ? (400, $$$"""{"error":{"type":"validation_exception","reason":"{{{Shards}}}"}}""")
                : null;
        }
        else
        {
            _scene.Server.Closed = index => isBlocked && index == Blocked;
        }

        var old = Some.Events(0, 3).Select(e => e with { Time = e.Time.AddMonths(-1) }).ToList();
        var disk = new SimulatedDisk();
        await using var journal = new SimulatedJournal(disk, CrashPlan.None);
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, [Some.Event(3), .. old, Some.Event(4)]), default);
        var indexer = new Indexer(journal, _scene.Sink, TimeSpan.FromSeconds(1), _scene.Time, NullLogger<Indexer>.Instance);

        var refused = await Assert.ThrowsAsync<SinkRefusedException>(() => indexer.DrainAsync(default));
        Assert.Contains(how == "made" ? Shards : $"400 index_closed_exception: {Blocked}", refused.Message, StringComparison.Ordinal);
        Assert.Equal((2, 1), (_scene.Server.Documents.Count, disk.Readers["elasticsearch"]));

        // What comes later is delivered too, without another request for the index that takes nothing.
        await writer.CommitAsync(Some.Commit(2, Some.Events(10, 5)), default);
        await Assert.ThrowsAsync<SinkRefusedException>(() => indexer.DrainAsync(default));
        Assert.Equal((7, 1), (_scene.Server.Documents.Count, disk.Readers["elasticsearch"]));
        Assert.Single(_scene.Log.Lines, l => l.Level == LogLevel.Error && l.Text.Contains("those of others are delivered", StringComparison.Ordinal));

        isBlocked = false;
        await Task.Delay(TimeSpan.FromSeconds(30), _scene.Time);
        await indexer.DrainAsync(default);

        Assert.Equal((10, 10), (_scene.Server.Documents.Count, disk.Readers["elasticsearch"]));
        Assert.Empty(disk.DeadLetters);
        Assert.Single(_scene.Log.Lines, l => l.Text.StartsWith($"Elasticsearch: {Blocked} takes events again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task More_events_than_memory_is_for_wait_for_their_index_where_they_are_read_from()
    {
        _scene.WaitAtMost = TimeSpan.FromMinutes(2);
        _scene.Server.Closed = _ => true;

        await Assert.ThrowsAsync<SinkRefusedException>(() => _scene.WriteAsync(300, bytes: 60_000));
    }

    [Fact]
    public async Task One_event_at_which_whole_requests_fail_is_found_and_refused_and_the_others_are_stored()
    {
        var poison = SinkOnFake.Events(13, 1)[0].Id;
        _scene.Server.FailsWhole = id => id == poison;

        var result = await _scene.WriteAsync(40);

        Assert.Equal(39, result.Stored);
        var refused = Assert.Single(result.Refused);
        Assert.Equal((poison, "failed 10 times while others were taken: 500 null_pointer_exception"), (refused.Event.Id, refused.Reason));
        Assert.InRange(_scene.Server.Bulks.Count, 20, 80);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(39)]
    public async Task Whole_requests_that_fail_after_others_were_taken_refuse_nobody(int storedBefore)
    {
        await _scene.WriteAsync(storedBefore);
        var fails = false;
        _scene.Server.Then((bulk, http) =>
        {
            fails = true;
            return _scene.Server.StoreAsync(bulk, http);
        });
        _scene.Options.BatchSize = storedBefore;
        _scene.Server.FailsWhole = _ => fails;

        await Assert.ThrowsAsync<SinkUnavailableException>(() => _scene.WriteAsync(40));

        Assert.Equal(storedBefore, _scene.Server.Documents.Count);
    }

    [Fact]
    public async Task A_server_at_which_every_request_fails_is_waited_for_and_nothing_is_refused()
    {
        var tries = 0;
        _scene.Server.FailsWhole = _ => ++tries < 30;

        Assert.Equal((10, 0), Counts(await _scene.WriteAsync(10)));
    }

    [Fact]
    public async Task An_id_that_a_pipeline_sets_is_told_and_the_events_are_sent_once()
    {
        await _scene.Sink.PrepareAsync(default);
        _scene.Server.Then((bulk, http) =>
        {
            http.Response.Headers["X-Opaque-Id"] = http.Request.Headers["X-Opaque-Id"];
            return http.Response.WriteAsync(
                "{\"items\":[" + string.Join(',', bulk.Lines.Select((_, n) => $$$"""{"create":{"_id":"other{{{n}}}","status":201}}""")) + "]}");
        });

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.Single(_scene.Server.Bulks);
        Assert.Single(_scene.Log.Lines, l => l.Text.Contains("sets _id", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_answer_to_another_request_settles_nothing()
    {
        _scene.Server.Then((bulk, http) => http.Response.WriteAsync(
            "{\"items\":[" + string.Join(',', bulk.Lines.Select((_, n) => $$$"""{"create":{"_id":"other{{{n}}}","status":201}}""")) + "]}"));

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.Equal(3, _scene.Server.Documents.Count);
    }

    [Fact]
    public async Task A_long_wait_is_told_although_it_is_the_first()
    {
        _scene.Server.Then(429, FullText, ("Retry-After", "200"));

        await _scene.WriteAsync();

        Assert.Single(_scene.Log.Lines, l => l.Text.Contains("tried again within 200 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_cause_is_told_although_the_first_has_the_same_fix()
    {
        for (var i = 0; i < 5; i++) _scene.Server.Then(503);

        for (var i = 0; i < 5; i++)
        {
            _scene.Server.Then((_, http) =>
            {
                http.Abort();
                return Task.CompletedTask;
            });
        }

        await _scene.WriteAsync();

        Assert.Equal(2, _scene.Log.Lines.Count(l => l.Level == LogLevel.Warning));
    }

    [Fact]
    public async Task A_state_is_said_when_it_begins_once_an_hour_and_when_it_ends_and_not_at_every_try()
    {
        var (first, last) = (Waits(503), Waits(403));
        Assert.True(first > TimeSpan.FromMinutes(90));

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));

        var lines = _scene.Log.Lines.Where(l => l.Text.Contains("Events wait in the journal since 2026-11-22T20:00:00Z", StringComparison.Ordinal)).ToList();
        Assert.InRange(lines.Count(l => l.Level == LogLevel.Warning && l.Text.Contains("cannot take events (503)", StringComparison.Ordinal)), 2, 3);
        Assert.Single(lines, l => l.Level == LogLevel.Error && l.Text.Contains("is blocked (403 cluster_block_exception)", StringComparison.Ordinal));
        Assert.Single(_scene.Log.Lines, l => l.Text.StartsWith("Elasticsearch accepts events again, after ", StringComparison.Ordinal));
        Assert.InRange(_scene.Log.Lines.Count(l => l.Level > LogLevel.Information), 3, 4);

        TimeSpan Waits(int status)
        {
            var count = status == 503 ? 300 : 10;
            for (var i = 0; i < count; i++)
            {
                _scene.Server.Then(status, status == 503 ? "" : """{"error":{"type":"cluster_block_exception"}}""");
            }

            return count * TimeSpan.FromSeconds(30);
        }
    }

    [Fact]
    public async Task Two_states_that_take_turns_are_said_once_each_within_an_hour()
    {
        for (var i = 0; i < 20; i++) _scene.Server.Then(403, """{"error":{"type":"cluster_block_exception"}}""").Then(503);

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.InRange(_scene.Time.Waits.Sum(w => w.TotalSeconds), 600, 3600);
        Assert.Equal([LogLevel.Error, LogLevel.Warning], _scene.Log.Lines.Select(l => l.Level).Where(level => level > LogLevel.Information));
    }

    [Fact]
    public async Task What_passes_at_once_is_no_state_and_not_said()
    {
        for (var i = 0; i < 20; i++) _scene.Server.ThenItems(new(0), new(429, Full));

        for (var i = 0; i < 20; i++) await _scene.Sink.WriteAsync(SinkOnFake.Events(i * 10, 10), default);

        Assert.DoesNotContain(_scene.Log.Lines, l => l.Level > LogLevel.Information);
    }

    [Fact]
    public async Task An_index_that_was_deleted_is_made_again()
    {
        _scene.Server.ThenItems([.. Enumerable.Repeat(new Item(404, "index_not_found_exception"), 3)]);

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.Equal(2, _scene.Server.Requests.Count(r => r.Request == "PUT logs-intercom.audit.2026.11"));
        Assert.Empty(_scene.Time.Waits);
    }

    [Fact]
    public async Task A_rotated_key_is_used_as_soon_as_its_file_has_it()
    {
        using var folder = new TemporaryFolder();
        _scene.Options.ApiKeyFile = folder.File("key");
        await File.WriteAllTextAsync(_scene.Options.ApiKeyFile, "id:old\n");
        _scene.Server.Then(401, """{"error":{"type":"security_exception"}}""").Then(401, """{"error":{"type":"security_exception"}}""");
        _scene.Time.BeforeJump = _ => File.WriteAllText(_scene.Options.ApiKeyFile, "aWQ6bmV3");

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.Equal(
            ["ApiKey aWQ6b2xk", "ApiKey aWQ6bmV3", "ApiKey aWQ6bmV3"],
            _scene.Server.Requests.Where(r => r.Request == "POST _bulk").Select(r => r.Authorization));
        Assert.DoesNotContain(_scene.Log.Lines, l => l.Text.Contains("aWQ6", StringComparison.Ordinal) || l.Text.Contains("old", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_is_to_end_gives_up_on_an_outage_after_a_while_and_at_once_where_somebody_must_act()
    {
        _scene.WaitAtMost = TimeSpan.FromMinutes(2);
        _scene.Server.Then(401, """{"error":{"type":"security_exception"}}""");
        await Assert.ThrowsAsync<SinkRefusedException>(() => _scene.WriteAsync());

        for (var i = 0; i < 50; i++) _scene.Server.Then(503);

        await Assert.ThrowsAsync<SinkUnavailableException>(() => _scene.WriteAsync());
        Assert.InRange(_scene.Time.Waits.Sum(w => w.TotalSeconds), 100, 240);
    }

    [Fact]
    public async Task Requests_are_compressed_when_wanted()
    {
        _scene.Options.Compress = true;
        var (encoding, type) = ("", "");
        _scene.Server.Then((bulk, http) =>
        {
            (encoding, type) = (http.Request.Headers.ContentEncoding.ToString(), bulk.ContentType);
            return _scene.Server.StoreAsync(bulk, http);
        });

        Assert.Equal((30, 0), Counts(await _scene.WriteAsync(30, bytes: 1000)));
        Assert.Equal(("gzip", "application/x-ndjson"), (encoding, type));
    }

    [Fact]
    public async Task Events_older_than_is_kept_are_left_out_and_counted()
    {
        _scene.Options.Retention = TimeSpan.FromDays(1);
        var old = SinkOnFake.Events(0, 2).Select(e => e with { Time = e.Time.AddMonths(-2) });

        var result = await _scene.Sink.WriteAsync([.. old, .. SinkOnFake.Events(2, 1)], default);

        Assert.Equal((1, 2), (result.Stored, result.LeftOut));
        Assert.Contains(_scene.Log.Lines, l => l.Text.Contains("Elasticsearch:Retention were not sent: 2.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(500)]
    [InlineData(10_000)]
    public async Task A_host_clock_that_is_ahead_leaves_nothing_out_that_is_then_acknowledged(int days)
    {
        using var file = new SqliteFile();
        await using var journal = await file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 200)), default);
        await writer.CommitAsync(Some.Commit(2, [.. Enumerable.Range(200, 100).Select(i => Some.Event(i, time: Some.Start.AddDays(-i)))]), default);
        await writer.CommitAsync(Some.Commit(3, [Some.Event(300, time: Some.Start.AddDays(-500))]), default);
        _scene.Time.Ahead = TimeSpan.FromDays(days);
        var indexer = new Indexer(journal, _scene.Sink, TimeSpan.FromSeconds(1), _scene.Time, NullLogger<Indexer>.Instance);

        await indexer.DrainAsync(default);

        // Only what had been too old at its commit.
        Assert.Equal((300, 1), (indexer.Totals.Stored, indexer.Totals.LeftOut));
        Assert.Equal(300, _scene.Server.Documents.Count);
    }

    [Fact]
    public async Task A_time_to_wait_until_counts_from_the_servers_own_clock()
    {
        _scene.Time.Ahead = TimeSpan.FromDays(-500);
        _scene.Server.Then(429, FullText, ("Date", "Sat, 21 Nov 2026 20:00:00 GMT"), ("Retry-After", "Sat, 21 Nov 2026 20:00:17 GMT"));

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        Assert.Equal([TimeSpan.FromSeconds(17)], _scene.Time.Waits);
    }

    [Fact]
    public async Task How_long_an_outage_took_is_said_whatever_the_wall_clock_did_meanwhile()
    {
        for (var i = 0; i < 10; i++) _scene.Server.Then(503);

        _scene.Time.BeforeJump = _ => _scene.Time.Ahead += TimeSpan.FromDays(1);

        Assert.Equal((3, 0), Counts(await _scene.WriteAsync()));
        var seconds = _scene.Time.Waits.Sum(w => w.TotalSeconds);
        var again = string.Create(CultureInfo.InvariantCulture, $"Elasticsearch accepts events again, after {seconds:F0} s.");
        Assert.Single(_scene.Log.Lines, l => l.Text == again);
    }

    private static (long Stored, long Known) Counts(SinkResult result)
    {
        Assert.Empty(result.Refused);
        return (result.Stored, result.Known);
    }

    private static byte[] Compressed(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    private static Func<FakeElasticsearch.Bulk, HttpContext, Task> TooLargeOver(int limit) => async (bulk, http) =>
    {
        if (bulk.Bytes > limit)
        {
            http.Response.StatusCode = 413;
            return;
        }

        await http.Response.WriteAsync("{\"items\":[" + string.Join(',', bulk.Lines.Select(l => $$$"""{"create":{"_id":"{{{l.Id}}}","status":201}}""")) + "]}");
    };
}
