using System.Text;
using System.Text.Json.Nodes;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Golden;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>The decisions that need no server: where an event goes, how much is sent, which node, how long to wait.</summary>
public sealed class SinkPartsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly PendingEvent[] AAndB =
        [.. new[] { "a", "b" }.Select(id => new PendingEvent(new JournalEvent(1, Some.Intercom, id, Noon, null, Noon, "{}"u8.ToArray()), "i"))];

    [Theory]
    [InlineData("2026-11-01T00:00:00Z", "", "logs-intercom.audit.2026.11")]
    [InlineData("2026-10-31T23:59:59Z", "", "logs-intercom.audit.2026.10")]
    [InlineData("2026-11-01T01:00:00+02:00", "", "logs-intercom.audit.2026.10")]
    [InlineData("1970-01-01T00:00:00Z", "", "logs-intercom.audit.1970.01")]
    [InlineData("2026-11-01T00:00:00Z", ",\"tags\":[\"a]\",\"_timestamp_fallback\"]", "logs-intercom.audit.undated")]
    [InlineData("2031-06-01T00:00:00Z", ",\"tags\":[\"_timestamp_suspect\"]", "logs-intercom.audit.undated")]
    [InlineData("2026-11-01T00:00:00Z", ",\"tags\":[\"x\"],\"user.name\":\"_timestamp_fallback\"", "logs-intercom.audit.2026.11")]
    public void An_event_goes_to_the_month_it_happened_in(string time, string more, string index) =>
        Assert.Equal(index, new Targets(new()).Of(Event(DateTimeOffset.Parse(time, null), more)));

    [Fact]
    public void A_text_that_looks_like_a_field_is_none()
    {
        var json = """{"message":"\",\"event.dataset\":\"evil\",\"tags\":[\"_timestamp_fallback\"]","event.dataset":"intercom.audit"}""";
        var e = new JournalEvent(1, Some.Intercom, "id", Noon, null, Noon, Encoding.UTF8.GetBytes(json));

        Assert.Equal("logs-intercom.audit.2026.11", new Targets(new()).Of(e));
    }

    [Fact]
    public void A_data_stream_has_one_name_for_all_times()
    {
        var targets = new Targets(new() { Mode = ElasticsearchMode.Datastream, Prefix = "audit", Namespace = "eu" });

        Assert.Equal("audit-intercom.audit-eu", targets.Of(Event(Noon)));
        Assert.Equal("audit-intercom.audit-eu", targets.Of(Event(Noon.AddYears(-3), ",\"tags\":[\"_timestamp_fallback\"]")));
    }

    [Fact]
    public void What_is_older_than_is_kept_is_not_sent_while_its_index_could_still_be_there()
    {
        var targets = new Targets(new() { Retention = TimeSpan.FromDays(30) });

        Assert.False(targets.IsExpired(Event(new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero)), Noon));
        Assert.True(targets.IsExpired(Event(new(2026, 9, 30, 0, 0, 0, TimeSpan.Zero)), Noon));
        Assert.False(targets.IsExpired(Event(new(2026, 9, 1, 0, 0, 0, TimeSpan.Zero), ",\"tags\":[\"_timestamp_fallback\"]"), Noon));
        Assert.False(targets.IsExpired(Event(DateTimeOffset.MaxValue), Noon));
        Assert.True(targets.IsExpired(Event(DateTimeOffset.MinValue), Noon));
        Assert.False(new Targets(new() { Retention = TimeSpan.FromDays(36_500) }).IsExpired(Event(DateTimeOffset.MaxValue), Noon));
        Assert.False(new Targets(new() { Retention = null }).IsExpired(Event(DateTimeOffset.UnixEpoch), Noon));
        Assert.False(new Targets(new() { Mode = ElasticsearchMode.Datastream }).IsExpired(Event(DateTimeOffset.UnixEpoch), Noon));
    }

    [Theory]
    [InlineData("logs-intercom.audit.2026.11", "2026-12-01T00:00:00Z")]
    [InlineData("logs-intercom.audit.2026.12", "2027-01-01T00:00:00Z")]
    [InlineData("logs-intercom.audit.undated", null)]
    public void The_age_of_an_index_counts_from_the_end_of_its_month(string index, string? end) =>
        Assert.Equal(end is null ? null : DateTimeOffset.Parse(end, null), Targets.EndOf(index));

    [Theory]
    [InlineData(false, """{"event.dataset":"intercom.audit","user.id":"1","event.ingested":"2026-11-21T12:00:00.000Z"}""")]
    [InlineData(true, """{"event":{"dataset":"intercom.audit","ingested":"2026-11-21T12:00:00.000Z"},"user":{"id":"1"}}""")]
    public void An_event_is_sent_as_it_is_with_the_time_of_sending(bool nested, string expected)
    {
        var e = new JournalEvent(1, Some.Intercom, "0a1b", Noon, null, Noon, """{"event.dataset":"intercom.audit","user.id":"1"}"""u8.ToArray());
        var lines = Encoding.UTF8.GetString(new BulkBody(nested).Of([new(e, "logs-x.2026.11")], Noon).Span);

        Assert.Equal("""{"create":{"_index":"logs-x.2026.11","_id":"0a1b"}}""" + "\n" + expected + "\n", lines);
    }

    [Theory]
    [InlineData("""{"version":{"number":"7.17.9"}}""", false)]
    [InlineData("""{"version":{"number":"8.14.3"}}""", false)]
    [InlineData("""{"version":{"number":"8.15.0"}}""", true)]
    [InlineData("""{"version":{"number":"9.2.0"}}""", true)]
    [InlineData("""{"version":{"number":"8.11.0","build_flavor":"serverless"}}""", true)]
    [InlineData("""{"version":{"number":"2.19.3","distribution":"opensearch"}}""", false)]
    [InlineData("""{"version":{"number":"9.2.0","distribution":"opensearch"}}""", false)]
    public void Fields_stand_without_objects_where_the_server_can_do_that(string root, bool without)
    {
        var steps = SetupPlan.Of(SinkOnFake.SetupFolder, new(), ServerInfo.Of(new ServerResponse(200, Encoding.UTF8.GetBytes(root))));

        var mappings = steps.Single(step => step.Name == "activity-connector-mappings").Body;
        Assert.Equal(without, mappings.Contains("\"subobjects\": false", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"version":{"number":"8.0.1"}}""", false)]
    [InlineData("""{"version":{"number":"8.1.0"}}""", true)]
    [InlineData("""{"version":{"number":"2.19.3","distribution":"opensearch"}}""", false)]
    public void A_field_has_no_index_only_where_the_server_searches_it_without(string root, bool without)
    {
        var steps = SetupPlan.Of(SinkOnFake.SetupFolder, new(), ServerInfo.Of(new ServerResponse(200, Encoding.UTF8.GetBytes(root))));

        var mappings = JsonNode.Parse(steps.Single(step => step.Name == "activity-connector-mappings").Body)!;
        var fields = mappings["template"]!["mappings"]!["properties"]!["event"]!["properties"]!;
        Assert.Equal(without, fields["hash"]!["index"] is not null);
        Assert.False((bool)fields["original"]!["index"]!);
    }

    [Theory]
    [InlineData(
        """{"errors":false,"items":[{"create":{"_id":"a","status":201,"result":"created"}},"""
        + """{"create":{"_id":"b","status":409,"error":{"type":"version_conflict_engine_exception","reason":"r"}}}]}""",
        true)]
    [InlineData("""{"errors":false,"items":[{"create":{"_id":"a","status":201}},{"create":{"_id":"other","status":201,"failure_store":"used"}}]}""", true)]
    [InlineData("""{"errors":false,"items":[{"create":{"_id":"a","status":201}}]}""", false)]
    [InlineData(
        """{"errors":false,"items":[{"create":{"_id":"a","status":201}},{"create":{"_id":"b","status":201}},{"create":{"_id":"b","status":201}}]}""",
        false)]
    [InlineData("""{"errors":false,"items":[{"create":{"_id":"b","status":201}},{"create":{"_id":"a","status":201}}]}""", false)]
    [InlineData("""{"errors":false,"items":[{"create":{"_id":"a","status":201}},{"create":{"_id":"b"}}]}""", false)]
    [InlineData("""{"errors":false,"items":[{"create":{"_id":"a","status":201}},{"create":{"_id":"b","status":201}}]""", false)]
    [InlineData("""{"errors":false,"items":[{"create":{"_id":"a","status":"201"}},{"create":{"_id":"b","status":201}}]}""", false)]
    [InlineData("{}", false)]
    [InlineData("[]", false)]
    [InlineData("", false)]
    [InlineData("<html>", false)]
    public void Only_an_answer_to_what_was_sent_counts(string body, bool counts)
    {
        Assert.Equal(counts, BulkResponse.Read(Encoding.UTF8.GetBytes(body), AAndB, isForOurRequest: false) is not null);
        Assert.Equal(counts, BulkResponse.Read(Encoding.UTF8.GetBytes(body), AAndB, isForOurRequest: true) is not null);
    }

    [Theory]
    [InlineData("""{"items":[{"create":{"_id":"x","status":201}},{"create":{"_id":"b","status":201}}]}""", true)]
    [InlineData("""{"items":[{"create":{"_id":"x","status":201}},{"create":{"_id":"x","status":409}}]}""", true)]
    [InlineData("""{"items":[{"create":{"_id":"b","status":201}},{"create":{"_id":"x","status":201}}]}""", false)]
    public void Other_ids_count_only_where_the_server_shows_that_it_answers_this_request_and_none_is_of_another_event(string body, bool counts)
    {
        Assert.Null(BulkResponse.Read(Encoding.UTF8.GetBytes(body), AAndB, isForOurRequest: false));
        Assert.Equal(counts, BulkResponse.Read(Encoding.UTF8.GetBytes(body), AAndB, isForOurRequest: true) is not null);
    }

    [Fact]
    public void Less_is_sent_after_too_much_and_a_tenth_more_after_each_success()
    {
        var limit = new BatchLimit(1000, 5_000_000);
        limit.TooMuch(800, 400_000);
        Assert.Equal((400, 200_000), (limit.Events, limit.Bytes));

        limit.Succeeded();
        Assert.Equal((440, 220_000), (limit.Events, limit.Bytes));
        for (var i = 0; i < 50; i++) limit.Succeeded();

        Assert.Equal((1000, 5_000_000), (limit.Events, limit.Bytes));
        limit.TooMuch(1, 1);
        limit.TooMuch(1, 1);
        Assert.Equal((1, 1), (limit.Events, limit.Bytes));
    }

    [Fact]
    public void What_was_too_large_once_is_not_tried_again()
    {
        var limit = new BatchLimit(1000, 5_000_000);
        limit.TooLarge(1000, 3_000_000);
        for (var i = 0; i < 100; i++) limit.Succeeded();

        Assert.Equal((1000, 1_500_000), (limit.Events, limit.Bytes));
    }

    [Fact]
    public void Nodes_take_turns_and_a_dead_one_is_left_out_for_longer_each_time()
    {
        var time = new ManualTimeProvider();
        var nodes = new NodeList(["http://a", "http://b/"], time);
        var (a, b) = (nodes.Next(), nodes.Next());
        Assert.Equal(("http://a/", "http://b/", a), (a.Address.ToString(), b.Address.ToString(), nodes.Next()));

        nodes.Failed(a);
        Assert.Equal(TimeSpan.FromSeconds(5), nodes.DeadFor(a));
        Assert.Equal([b, b, b], [nodes.Next(), nodes.Next(), nodes.Next()]);

        // All dead: the first to come back is tried anyway.
        nodes.Failed(b);
        nodes.Failed(b);
        Assert.Equal(a, nodes.Next());
        for (var i = 0; i < 30; i++) nodes.Failed(a);

        Assert.Equal(TimeSpan.FromMinutes(1), nodes.DeadFor(a));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains(a, new[] { nodes.Next(), nodes.Next() });
        nodes.Answered(a);
        Assert.Equal(0, a.Failures);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(-400)]
    public void A_step_of_the_wall_clock_neither_brings_a_dead_node_back_nor_keeps_it_out(int days)
    {
        var time = new ManualTimeProvider();
        var nodes = new NodeList(["http://a", "http://b/"], time);
        var a = nodes.Next();
        nodes.Failed(a);
        time.SetWallClock(time.GetUtcNow().AddDays(days));
        Assert.DoesNotContain(a, new[] { nodes.Next(), nodes.Next() });

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains(a, new[] { nodes.Next(), nodes.Next() });
    }

    [Fact]
    public void Waits_are_jittered_doubled_capped_and_never_less_than_the_server_asks_for()
    {
        var random = new Random(1);
        for (var times = 0; times < 20; times++)
        {
            Assert.InRange(BackOff.Delay(times, default, random), TimeSpan.Zero, TimeSpan.FromSeconds(Math.Min(60, 0.5 * Math.Pow(2, times))));
        }

        Assert.Equal(TimeSpan.FromSeconds(90), BackOff.Delay(3, TimeSpan.FromSeconds(90), random));
    }

    [Theory]
    [InlineData("""{"version":{"number":"8.19.13","build_flavor":"default"}}""", "Elasticsearch 8.19.13")]
    [InlineData("""{"version":{"number":"7.10.2","distribution":"opensearch"}}""", "OpenSearch 7.10.2")]
    [InlineData("""{"version":{"number":"8.11.0","build_flavor":"serverless"}}""", "Elasticsearch serverless")]
    [InlineData("""{"version":{"number":"9.2.0-SNAPSHOT"}}""", "Elasticsearch 9.2.0")]
    [InlineData("""{"error":{"type":"security_exception"},"status":403}""", "Elasticsearch of a version this user may not see")]
    [InlineData("", "Elasticsearch of a version this user may not see")]
    public void A_server_says_what_it_is_or_nothing(string body, string expected) =>
        Assert.Equal(expected, ServerInfo.Of(new ServerResponse(200, Encoding.UTF8.GetBytes(body))).ToString());

    private static JournalEvent Event(DateTimeOffset time, string more = "") =>
        new(1, Some.Intercom, "id", time, null, time, Encoding.UTF8.GetBytes($$"""{"event.dataset":"intercom.audit"{{more}}}"""));

    [Fact]
    public void Every_field_of_every_golden_event_has_its_type_in_the_templates()
    {
        var root = """{"version":{"number":"8.19.0"},"tagline":"You Know, for Search"}""";
        var steps = SetupPlan.Of(SinkOnFake.SetupFolder, new(), ServerInfo.Of(new ServerResponse(200, Encoding.UTF8.GetBytes(root))));
        var mappings = JsonNode.Parse(steps.Single(step => step.Name == "activity-connector-mappings").Body)!["template"]!["mappings"]!;

        var missing = GoldenPair.Names.SelectMany(name => GoldenPair.Read(name).Events).SelectMany(e => e.Fields).Select(f => f.Key).Distinct()
            .Where(field => !IsMapped(mappings, field)).Order(StringComparer.Ordinal);

        Assert.Empty(missing);
    }

    /// <summary>Below an object that is dynamic, any name is.</summary>
    private static bool IsMapped(JsonNode root, string field)
    {
        var mapping = root;
        foreach (var name in field.Split('.'))
        {
            if (mapping["properties"]?[name] is not { } found) return mapping != root && mapping["dynamic"] is not null;

            mapping = found;
        }

        return true;
    }
}
