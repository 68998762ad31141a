using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>What holds on every server: stored once, in the month it happened, whatever the server answers on the way.</summary>
[Trait("Kind", "server")]
public abstract class ServerContract(SharedSearchServer server) : IAsyncLifetime
{
    private SinkOnServer _scene = null!;

    public Task InitializeAsync()
    {
        _scene = new SinkOnServer(server.Url);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [ContractFact]
    public async Task Templates_are_installed_once_and_left_alone_after_that()
    {
        await _scene.NewSink().PrepareAsync(default);
        var installed = _scene.Log.Lines.Count(l => l.Text.Contains("installed", StringComparison.Ordinal));
        await _scene.NewSink().PrepareAsync(default);

        Assert.Equal(server.Kind == "elasticsearch" ? 4 : 3, installed);
        Assert.Equal(installed, _scene.Log.Lines.Count(l => l.Text.Contains("installed", StringComparison.Ordinal)));
    }

    [ContractFact]
    public async Task A_template_of_an_older_version_is_replaced_and_one_of_a_newer_is_not()
    {
        await _scene.NewSink().PrepareAsync(default);
        var path = $"_index_template/activity-connector-dated-{_scene.Options.Prefix}";
        string Body(int version) =>
            $$$"""{"index_patterns":["{{{_scene.Options.Prefix}}}-intercom.audit.*"],"priority":600,"_meta":{"template_version":{{{version}}}}}""";

        await _scene.Client.PutAsync(path, Body(0));
        await _scene.NewSink().PrepareAsync(default);
        Assert.Equal(1, SetupPlan.VersionIn(JsonNode.Parse((await _scene.Client.GetAsync(path)).GetRawText())));

        await _scene.Client.PutAsync(path, Body(7));
        await _scene.NewSink().PrepareAsync(default);
        Assert.Equal(7, SetupPlan.VersionIn(JsonNode.Parse((await _scene.Client.GetAsync(path)).GetRawText())));
    }

    [ContractFact]
    public async Task Without_templates_nothing_is_written_and_the_missing_one_is_named()
    {
        _scene.Options.Setup = false;

        var refused = await Assert.ThrowsAsync<SinkRefusedException>(() => _scene.NewSink(waitAtMost: TimeSpan.FromMinutes(1)).PrepareAsync(default).AsTask());

        Assert.Contains($"-{_scene.Options.Prefix}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("setup elasticsearch", refused.Fix, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task An_event_is_stored_once_in_the_month_it_happened_in_whatever_is_sent_again()
    {
        JournalEvent[] events = [.. SinkOnFake.Events(0, 300).Select((e, n) => e with { Time = e.Time.AddMonths(-n % 12) })];

        var first = await _scene.WriteAsync(events);
        var again = await _scene.WriteAsync(events);

        Assert.Equal((300, 0, 0), (first.Stored, first.Known, first.Refused.Count));
        Assert.Equal((0, 300, 0), (again.Stored, again.Known, again.Refused.Count));
        Assert.Equal(300, await _scene.Client.CountAsync(_scene.Indices));
        Assert.Equal(25, await _scene.Client.CountAsync($"{_scene.Options.Prefix}-intercom.audit.2026.03"));
    }

    [ContractFact]
    public async Task Compressed_requests_and_responses_are_understood_on_both_sides()
    {
        _scene.Options.Compress = true;

        var first = await _scene.WriteAsync(SinkOnFake.Events(0, 300));
        var again = await _scene.WriteAsync(SinkOnFake.Events(0, 300));

        Assert.Equal((300, 300), (first.Stored, again.Known));
    }

    [ContractFact]
    public async Task What_the_vendor_gave_no_time_goes_into_an_index_of_its_own()
    {
        var json = """{"@timestamp":"2026-11-21T20:00:00.000Z","event.dataset":"intercom.audit","tags":["_timestamp_fallback"]}"""u8.ToArray();
        JournalEvent At(int day) => SinkOnFake.Events(0, 1)[0] with { Json = json, Time = Some.Start.AddDays(day) };

        await _scene.WriteAsync([At(0)]);
        await _scene.WriteAsync([At(40)]);

        Assert.Equal(1, await _scene.Client.CountAsync($"{_scene.Options.Prefix}-intercom.audit.undated"));
    }

    [ContractTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flat_and_nested_are_the_same_fields_in_the_index(bool nested)
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 10), nested);

        var found = await _scene.Client.SearchAsync(
            _scene.Month,
            """{"query":{"bool":{"filter":[{"term":{"event.id":"evt-7"}},{"range":{"event.ingested":{"gte":"2026-11-22"}}}]}}}""");
        var source = Assert.Single(found).GetProperty("_source");
        Assert.Equal(nested, source.TryGetProperty("event", out _));
    }

    [ContractTheory]
    [InlineData("""{"lat":51.5,"lon":-0.1}""")]
    [InlineData("\"51.5,-0.1\"")]
    public async Task A_place_that_a_pipeline_adds_is_a_point(string location)
    {
        var e = SinkOnFake.Events(0, 1)[0];
        var json = Encoding.UTF8.GetString(e.Json.Span)[..^1] + ""","source":{"geo":{"city_name":"London","location":""" + location + "}}}";

        await _scene.WriteAsync([e with { Json = Encoding.UTF8.GetBytes(json) }, SinkOnFake.Events(1, 1)[0]]);

        Assert.Single(await _scene.Client.SearchAsync(_scene.Month, """
            {"query":{"bool":{"filter":[{"term":{"source.geo.city_name":"London"}},{"geo_distance":{"distance":"1km","source.geo.location":"51.5,-0.1"}}]}}}
            """));
    }

    [ContractFact]
    public async Task A_document_that_the_mapping_does_not_take_is_refused_and_the_others_are_stored()
    {
        var bad = Malformed(SinkOnFake.Events(1, 1)[0]);

        var result = await _scene.WriteAsync([SinkOnFake.Events(0, 1)[0], bad, SinkOnFake.Events(2, 1)[0]]);

        Assert.Equal(2, result.Stored);
        var refused = Assert.Single(result.Refused);
        Assert.Equal(bad.Id, refused.Event.Id);
        Assert.Contains("parsing_exception", refused.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("a text where", refused.Reason, StringComparison.Ordinal);
    }

    [ContractTheory]
    [InlineData("""{"index.blocks.write":true}""", """{"index.blocks.write":null}""")]
    [InlineData("""{"index.blocks.read_only_allow_delete":true}""", """{"index.blocks.read_only_allow_delete":null}""")]
    [InlineData("_close", "_open")]
    public async Task A_block_is_waited_for_and_nobody_is_refused(string block, string lift)
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 5));
        await ChangeAsync(block);
        var waits = 0;
        _scene.Time.BeforeJump = _ =>
        {
            if (++waits == 3)
            {
#pragma warning disable xUnit1031 // The clock of the sink is not asynchronous.
                ChangeAsync(lift).GetAwaiter().GetResult();
#pragma warning restore xUnit1031
            }
        };

        var result = await _scene.WriteAsync(SinkOnFake.Events(0, 10));

        Assert.Equal((5, 5, 0), (result.Stored, result.Known, result.Refused.Count));
        Assert.Equal(3, waits);

        Task ChangeAsync(string change) => change.StartsWith('_')
            ? _scene.Client.SendAsync(HttpMethod.Post, $"{_scene.Month}/{change}")
            : _scene.Client.PutAsync($"{_scene.Month}/_settings", change);
    }

    [ContractFact]
    public async Task An_index_that_somebody_closed_is_a_row_of_the_check_that_fails_until_it_is_open()
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 5));
        Assert.Contains(new CheckResult("closed indices", "There are none."), await ElasticsearchCheck.RunAsync(_scene.Options, _scene.Time, default));

        await _scene.Client.SendAsync(HttpMethod.Post, $"{_scene.Month}/_close");

        var closed = Assert.Single(await ElasticsearchCheck.RunAsync(_scene.Options, _scene.Time, default), row => row.Part == "closed indices");
        Assert.False(closed.Passed);
        Assert.Contains(_scene.Month, closed.Found, StringComparison.Ordinal);
        Assert.Contains($"POST {_scene.Month}/_open", closed.Fix, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_pipeline_that_is_not_there_is_waited_for_and_nobody_is_refused()
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 1));
        var pipeline = $"{_scene.Options.Prefix}-later";
        await UsePipelineAsync(pipeline);
        var waits = 0;
        _scene.Time.BeforeJump = _ =>
        {
            if (++waits == 3)
            {
#pragma warning disable xUnit1031 // The clock of the sink is not asynchronous.
                PutPipelineAsync(pipeline, """{"set":{"field":"labels.via","value":"pipeline"}}""").GetAwaiter().GetResult();
#pragma warning restore xUnit1031
            }
        };

        var result = await _scene.WriteAsync(SinkOnFake.Events(0, 10));

        Assert.Equal((9, 1, 0, 3), (result.Stored, result.Known, result.Refused.Count, waits));
    }

    [ContractFact]
    public async Task What_a_pipeline_of_the_cluster_drops_is_left_out_and_counted()
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 1));
        await UsePipelineAsync(await PutPipelineAsync(
            $"{_scene.Options.Prefix}-drop", $$$"""{"drop":{"if":"ctx._id == '{{{SinkOnFake.Events(3, 1)[0].Id}}}'"}}"""));

        var result = await _scene.WriteAsync(SinkOnFake.Events(1, 9));

        Assert.Equal((8, 1, 0), (result.Stored, result.LeftOut, result.Refused.Count));
        Assert.Contains("Events that were dropped by a pipeline of the cluster: 1.", _scene.Log.Lines.Select(l => l.Text));
        Assert.Equal(9, await _scene.Client.CountAsync(_scene.Indices));
    }

    [ContractFact]
    public async Task An_event_at_which_the_server_fails_again_and_again_is_refused_and_the_others_are_stored()
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 1));
        var poison = SinkOnFake.Events(7, 1)[0].Id;
        await UsePipelineAsync(await PutPipelineAsync($"{_scene.Options.Prefix}-fail", $$$"""{"fail":{"if":"ctx._id == '{{{poison}}}'","message":"no"}}"""));

        var result = await _scene.WriteAsync(SinkOnFake.Events(0, 20));

        Assert.Equal((18, 1), (result.Stored, result.Known));
        Assert.Equal(poison, Assert.Single(result.Refused).Event.Id);
        Assert.Equal(19, await _scene.Client.CountAsync(_scene.Indices));
    }

    [ContractFact]
    public async Task A_server_that_fails_at_every_event_is_waited_for_and_refuses_nobody()
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 20));
        var pipeline = await PutPipelineAsync($"{_scene.Options.Prefix}-fail", """{"fail":{"message":"no"}}""");
        await UsePipelineAsync(pipeline);

        // Also at those that are stored: a pipeline comes before that is known.
        Assert.Equal(40, (await _scene.NewSink().WriteAsync(SinkOnFake.Events(0, 40), default)).Waiting?.Events.Count);
        await PutPipelineAsync(pipeline, """{"set":{"field":"labels.via","value":"pipeline"}}""");
        var result = await _scene.WriteAsync(SinkOnFake.Events(0, 40));

        Assert.Equal((20, 20, 0), (result.Stored, result.Known, result.Refused.Count));
    }

    [ContractFact]
    public async Task A_pipeline_that_refuses_every_event_is_waited_for_and_named_with_its_processor()
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 1));
        var inner = await PutPipelineAsync($"{_scene.Options.Prefix}-inner", """{"rename":{"field":"nope","target_field":"x","tag":"old"}}""");
        await UsePipelineAsync(await PutPipelineAsync($"{_scene.Options.Prefix}-outer", $$$"""{"pipeline":{"name":"{{{inner}}}"}}"""));

        var waiting = (await _scene.NewSink().WriteAsync(SinkOnFake.Events(1, 40), default)).Waiting!;
        Assert.Equal(40, waiting.Events.Count);
        Assert.Contains("400 illegal_argument_exception: field [nope] doesn't exist", waiting.Cause, StringComparison.Ordinal);
        Assert.Contains(
            _scene.Log.Lines, l => l.Text.Contains($"pipeline {_scene.Options.Prefix}-outer, processor rename (old)", StringComparison.Ordinal));

        await PutPipelineAsync(inner, """{"set":{"field":"labels.via","value":"pipeline"}}""");
        Assert.Equal(40, (await _scene.WriteAsync(SinkOnFake.Events(1, 40))).Stored);
    }

    [ContractTheory]
    [InlineData("another")]
    [InlineData("fixed")]
    public async Task A_pipeline_that_sets_ids_is_found_told_and_stores_no_event_again_and_again(string id)
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 1));
        var script = id == "fixed" ? "ctx._id = 'fixed'" : "ctx._id = 'x' + ctx._id";
        await UsePipelineAsync(await PutPipelineAsync($"{_scene.Options.Prefix}-id", $$$"""{"script":{"source":"{{{script}}}"}}"""));
        var sink = _scene.NewSink();

        var result = await sink.WriteAsync(SinkOnFake.Events(1, 10), default);

        Assert.Equal(id == "fixed" ? (1, 9) : (10, 0), (result.Stored, result.Waiting?.Events.Count ?? 0));
        Assert.Contains(_scene.Log.Lines, l => l.Text.Contains($"pipeline {_scene.Options.Prefix}-id sets _id", StringComparison.Ordinal));
        Assert.Equal(result.Stored + 1, await _scene.Client.CountAsync(_scene.Indices));
        var check = await ElasticsearchCheck.RunAsync(_scene.Options, _scene.Time, default);
        Assert.Contains(check, row => !row.Passed && row.Found == $"Pipeline {_scene.Options.Prefix}-id sets _id.");
    }

    [ContractFact]
    public async Task A_pipeline_that_sends_events_elsewhere_is_told()
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 1));
        await UsePipelineAsync(await PutPipelineAsync(
            $"{_scene.Options.Prefix}-away", $$$"""{"set":{"field":"_index","value":"{{{_scene.Options.Prefix}}}-elsewhere"}}"""));

        var result = await _scene.WriteAsync(SinkOnFake.Events(1, 5));

        Assert.Equal(5, result.Stored);
        Assert.Single(_scene.Log.Lines, l => l.Level == LogLevel.Error
            && l.Text.Contains($"5 events of {_scene.Month} in another index, because pipeline {_scene.Options.Prefix}-away", StringComparison.Ordinal));
        var check = await ElasticsearchCheck.RunAsync(_scene.Options, _scene.Time, default);
        Assert.Contains(check, row => !row.Passed && row.Found.EndsWith("-elsewhere.", StringComparison.Ordinal));
    }

    [ContractTheory]
    [InlineData("strict")]
    [InlineData("true")]
    public async Task A_template_of_somebody_else_that_wins_is_named_before_an_index_gets_its_fields(string dynamic)
    {
        var foreign = $"{_scene.Options.Prefix}-foreign";
        var mappings = "{\"dynamic\":\"" + dynamic + "\",\"properties\":{\"event\":{\"properties\":{\"id\":{\"type\":\"long\"}}}}}";
        await _scene.Client.PutAsync(
            $"_index_template/{foreign}",
            $$"""{"index_patterns":["{{_scene.Options.Prefix}}-intercom*"],"priority":900,"template":{"mappings":{{mappings}} } }""");
        var sink = _scene.NewSink();
        await sink.PrepareAsync(default);

        var result = await sink.WriteAsync(SinkOnFake.Events(0, 3), default);

        Assert.Equal((0, 3), (result.Stored, result.Waiting?.Events.Count));
        var cause = $"Index template {foreign} (priority 900), and not activity-connector-dated-{_scene.Options.Prefix}, applies to {_scene.Month}: it lacks ";
        Assert.StartsWith(cause, result.Waiting!.Cause, StringComparison.Ordinal);
        Assert.Contains(_scene.Log.Lines, l => l.Level == LogLevel.Error && l.Text.Contains(foreign, StringComparison.Ordinal));
        var check = await ElasticsearchCheck.RunAsync(_scene.Options, _scene.Time, default);
        Assert.Contains(check, row => !row.Passed && row.Found.Contains(foreign, StringComparison.Ordinal));

        await _scene.Client.SendAsync(HttpMethod.Delete, $"_index_template/{foreign}");
        Assert.Equal(3, (await sink.WriteUntilSettledAsync(SinkOnFake.Events(0, 3), _scene.Time)).Stored);
    }

    [ContractFact]
    public async Task Events_with_ever_new_keys_are_all_taken()
    {
        var events = SinkOnFake.Events(0, 150).Select((e, n) => e with
        {
            Json = Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(e.Json.Span)[..^1]
                + string.Concat(Enumerable.Range(0, 10).Select(key => $",\"intercom.metadata.key_{n}_{key}\":\"v\""))
                + ",\"intercom.metadata.team_id\":\"7\"}"),
        });

        var result = await _scene.WriteAsync([.. events]);

        // A server that is slow to add fields may have stored what is then sent again.
        Assert.Equal((150, 0), (result.Stored + result.Known, result.Refused.Count));
        await _scene.Client.SendAsync(HttpMethod.Post, $"{_scene.Month}/_refresh");
        var found = await _scene.Client.SendAsync(HttpMethod.Post, $"{_scene.Month}/_count", """{"query":{"term":{"intercom.metadata.team_id":"7"}}}""");
        Assert.Equal(150, found.GetProperty("count").GetInt32());
    }

    [ContractFact]
    public async Task An_index_for_which_the_cluster_has_no_room_is_told_in_its_words_and_the_others_go_on()
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 1));
        await _scene.Client.PutAsync("_cluster/settings", """{"persistent":{"cluster.max_shards_per_node":1}}""");
        var sink = _scene.NewSink();
        try
        {
            var past = SinkOnFake.Events(1, 2).Select(e => e with { Time = e.Time.AddMonths(-1) });
            var result = await sink.WriteAsync([.. past, SinkOnFake.Events(3, 1)[0]], default);

            Assert.Equal((1, 2), (result.Stored, result.Waiting?.Events.Count));
            Assert.Contains("shards", result.Waiting!.Cause, StringComparison.Ordinal);
        }
        finally
        {
            await _scene.Client.PutAsync("_cluster/settings", """{"persistent":{"cluster.max_shards_per_node":null}}""");
        }
    }

    [ContractFact]
    public async Task A_field_that_a_strict_mapping_does_not_know_makes_a_dead_letter()
    {
        await _scene.WriteAsync(SinkOnFake.Events(0, 1));
        await _scene.Client.PutAsync($"{_scene.Month}/_mapping", """{"dynamic":"strict"}""");
        var odd = SinkOnFake.Events(1, 1)[0];
        odd = odd with { Json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(odd.Json.Span)[..^1] + ",\"nobody_knows_it\":\"secret\"}") };

        var result = await _scene.WriteAsync([odd, .. SinkOnFake.Events(2, 12)]);

        Assert.Equal(
            (12, "failed 10 times while others were taken: strict_dynamic_mapping_exception"), (result.Stored, Assert.Single(result.Refused).Reason));
    }

    [ContractFact]
    public async Task One_event_for_which_the_server_refuses_a_whole_request_is_found_and_the_others_are_stored()
    {
        // Longer than an id may be; what a bulk holds besides is not looked at then.
        var odd = SinkOnFake.Events(7, 1)[0] with { Id = new string('a', 600) };

        var result = await _scene.WriteAsync([.. SinkOnFake.Events(0, 7), odd, .. SinkOnFake.Events(8, 12)]);

        Assert.Equal(19, result.Stored);
        Assert.Equal(odd.Id, Assert.Single(result.Refused).Event.Id);
        Assert.Equal(19, await _scene.Client.CountAsync(_scene.Indices));
    }

    [ContractFact]
    public async Task A_queue_that_is_full_loses_nothing_and_stores_nothing_twice()
    {
        const int Writers = 8, Each = 150, Months = 6;
        await using var small = await SearchServer.StartAsync(
            server.Kind, "--setting", "thread_pool.write.size=1", "--setting", "thread_pool.write.queue_size=1");
        await using var scene = new SinkOnServer(small.Url);
        scene.Options.BatchSize = 150;
        await scene.NewSink().PrepareAsync(default);

        // Six months in each writer's one request: as many tasks for a queue that holds one.
        var results = await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var sink = scene.NewSink();
            await sink.PrepareAsync(default);
            JournalEvent[] events = [.. SinkOnFake.Events(writer * Each, Each, bytes: 1000).Select((e, n) => e with { Time = e.Time.AddMonths(-n % Months) })];
            return await sink.WriteAsync(events, default);
        }));

        Assert.All(results, r => Assert.Equal((Each, 0, 0), (r.Stored, r.Known, r.Refused.Count)));
        Assert.Equal(Writers * Each, await scene.Client.CountAsync(scene.Indices));
        Assert.True(await RejectedAsync(scene.Client) > 0);
    }

    [ContractFact]
    public async Task An_index_that_somebody_deleted_is_made_again_where_the_server_makes_none_itself()
    {
        await _scene.Client.PutAsync("_cluster/settings", """{"persistent":{"action.auto_create_index":"false"}}""");
        try
        {
            var sink = _scene.NewSink();
            await sink.PrepareAsync(default);
            await sink.WriteAsync(SinkOnFake.Events(0, 5), default);
            await _scene.Client.SendAsync(HttpMethod.Delete, _scene.Month);

            var result = await sink.WriteAsync(SinkOnFake.Events(5, 5), default);

            Assert.Equal(5, result.Stored);
            var mapping = await _scene.Client.GetAsync($"{_scene.Month}/_mapping");
            Assert.Contains("\"geo_point\"", mapping.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            await _scene.Client.PutAsync("_cluster/settings", """{"persistent":{"action.auto_create_index":null}}""");
        }
    }

    [ContractFact]
    public async Task A_data_stream_stores_an_event_once_although_it_rolled_over_in_between()
    {
        _scene.Options.Mode = ElasticsearchMode.Datastream;
        var name = $"{_scene.Options.Prefix}-intercom.audit-default";
        await _scene.WriteAsync(SinkOnFake.Events(0, 20));
        await _scene.Client.SendAsync(HttpMethod.Post, name + "/_rollover");
        await _scene.WriteAsync(SinkOnFake.Events(20, 10));
        await _scene.Client.SendAsync(HttpMethod.Post, name + "/_rollover");

        var again = await _scene.WriteAsync(SinkOnFake.Events(0, 40));

        Assert.Equal((10, 30), (again.Stored, again.Known));
        Assert.Equal(40, await _scene.Client.CountAsync(name));
    }

    [ContractFact]
    public async Task Without_that_check_a_data_stream_would_store_it_twice()
    {
        _scene.Options.Mode = ElasticsearchMode.Datastream;
        var name = $"{_scene.Options.Prefix}-intercom.audit-default";
        await _scene.WriteAsync(SinkOnFake.Events(0, 1));
        await _scene.Client.SendAsync(HttpMethod.Post, name + "/_rollover");

        // Far enough after the newest index was made to be beyond suspicion.
        await _scene.WriteAsync([SinkOnFake.Events(0, 1)[0] with { Time = DateTimeOffset.MaxValue }]);

        Assert.Equal(2, await _scene.Client.CountAsync(name));
    }

    /// <summary>How many writes the server has refused because its queue was full, as it says itself.</summary>
    private static async Task<long> RejectedAsync(SearchClient client) =>
        (await client.GetAsync("_nodes/stats/thread_pool")).GetProperty("nodes").EnumerateObject()
            .Sum(node => node.Value.GetProperty("thread_pool").GetProperty("write").GetProperty("rejected").GetInt64());

    private async Task<string> PutPipelineAsync(string name, string processor)
    {
        await _scene.Client.PutAsync("_ingest/pipeline/" + name, $$"""{"processors":[{{processor}}]}""");
        return name;
    }

    private Task<JsonElement> UsePipelineAsync(string name) =>
        _scene.Client.PutAsync($"{_scene.Month}/_settings", $$"""{"index.default_pipeline":"{{name}}"}""");

    [ContractFact]
    public async Task Requests_within_the_servers_own_limits_are_found_by_trying()
    {
        await using var small = await SearchServer.StartAsync(
            server.Kind, "--setting", "http.max_content_length=256kb", "--setting", "indexing_pressure.memory.limit=160kb");
        await using var scene = new SinkOnServer(small.Url);

        var result = await scene.WriteAsync(SinkOnFake.Events(0, 400, bytes: 2000));

        Assert.Equal((400, 0), (result.Stored, result.Refused.Count));
        Assert.Contains(scene.Log.Lines, l => l.Text.Contains("takes no requests of", StringComparison.Ordinal));
        Assert.NotEmpty(scene.Time.Waits);
        Assert.Equal(400, await scene.Client.CountAsync(scene.Indices));
    }

    /// <summary>An event that neither mapping takes: where there are objects, <c>user</c> is one; where there are none, such a name is the server's.</summary>
    protected static JournalEvent Malformed(JournalEvent e) => e with
    {
        Json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(e.Json.Span)[..^1] + ",\"user\":\"a text where none is\",\"_id\":\"nor here\"}"),
    };
}

[Collection(ElasticsearchCollection.Name)]
public sealed class ElasticsearchContractTests(ElasticsearchServer server) : ServerContract(server), INeedsServer
{
    public static string? Missing => ElasticsearchServer.Missing;

    [ContractFact]
    public async Task What_a_failure_store_keeps_is_refused_and_sent_once()
    {
        await using var scene = new SinkOnServer(server.Url);
        (scene.Options.Mode, scene.Options.Setup) = (ElasticsearchMode.Datastream, true);
        await scene.NewSink().PrepareAsync(default);
        var template = $"_index_template/activity-connector-stream-{scene.Options.Prefix}";
        var installed = (await scene.Client.GetAsync(template)).GetProperty("index_templates")[0].GetProperty("index_template").ToString();
        const string storing = "\"template\":{\"data_stream_options\":{\"failure_store\":{\"enabled\":true}},";
        await scene.Client.PutAsync(template, installed.Replace("\"template\":{", storing, StringComparison.Ordinal));
        var bad = Malformed(SinkOnFake.Events(1, 1)[0]);

        var result = await scene.WriteAsync([SinkOnFake.Events(0, 1)[0], bad, SinkOnFake.Events(2, 1)[0]]);

        Assert.Equal((2, "in the failure store: the mapping does not take it"), (result.Stored, Assert.Single(result.Refused).Reason));
        Assert.Contains(scene.Log.Lines, l => l.Level == LogLevel.Error && l.Text.Contains("failure store", StringComparison.Ordinal));
    }
}

[Collection(OpenSearchCollection.Name)]
public sealed class OpenSearchContractTests(OpenSearchServer server) : ServerContract(server), INeedsServer
{
    public static string? Missing => OpenSearchServer.Missing;
}
