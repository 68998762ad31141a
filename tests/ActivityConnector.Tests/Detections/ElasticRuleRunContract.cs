using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Simulation;
using ActivityConnector.Simulation.Intercom;
using ActivityConnector.Simulation.Sequence;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Detections;

/// <summary>Rules find on a real server what they say: no more, no less, and at the edges of their times.</summary>
[Trait("Kind", "server")]
public abstract class ElasticRuleRunContract(SharedSearchServer server)
{
    private const string Failures = """ "query": "event.dataset:intercom.audit AND event.action:admin_login_failure" """;

    private static readonly DateTimeOffset Now = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);

    private static readonly string[] Conditions =
    [
        "any where true",
        "any where false",
        "iam where true",
        "authentication where event.outcome != \"success\"",
        "any where event.action == \"admin_login_failure\" or event.severity >= 73",
        "any where event.action in (\"role_change\", \"app_data_export\", \"bulk_export\")",
        "any where event.action in~ (\"ROLE_change\", \"invoice_created\")",
        "any where event.action like \"admin_*_success\"",
        "any where event.action : (\"ADMIN_LOGIN_*\", \"app_???e_change\")",
        "any where not event.action like~ \"ADMIN*\"",
        "any where user.email == null",
        "any where user.email != null and source.ip == null",
        "any where user.email != \"nothing\"",
        "any where user.target.email : \"*@*\"",
        "any where not (event.severity > 21)",
        "any where not (sequence.item.index > 0)",
        "any where sequence.item.index != 0",
        "any where event.severity < 47 and not event.severity <= 10",
        "any where event.category == \"authentication\" and event.category == \"session\"",
        "any where event.category != \"session\" and event.category != \"iam\"",
        "any where tags != null",
        "any where not (event.category == \"iam\" and (event.type == \"change\" or event.type == \"admin\"))",
        "any where user.name : \"*\\\\*\" or user.name : \"?*@*.example*\"",
        "any where ?user.nickname == null and event.dataset == \"sequence.audit\"",
        "any where @timestamp >= \"2026-11-02T08:10:00Z\"",
        "any where not (@timestamp >= \"2026-11-02T08:10:00Z\")",
    ];

    [ContractFact]
    public async Task A_query_finds_the_events_of_its_time_inclusive_and_groups_them()
    {
        await using var scene = new DetectionScene(server.Url);
        await scene.DeliverAsync([
            Login("1", -25 * 60), Login("2", -(25 * 60) - 1), Login("3", 0), Login("4", 1), Login("5", -60, "eve"), Login("6", -50, user: null),
            Login("7", -40, action: "admin_login_success"),
        ]);

        var each = await scene.Rules.RunAsync(Rule("query", Failures), Now);
        Assert.Equal(["1", "3", "5", "6"], Ids(each).Order());
        Assert.True(each is { Searches: 1, Took.TotalMilliseconds: >= 0 }, $"{each.Searches}");

        var grouped = await scene.Rules.RunAsync(Rule("query", Failures + """, "alert_suppression": {"group_by": ["user.name"]}"""), Now);
        Assert.Equal(
            ["user.name=(missing): 6 of 1", "user.name=ann@example.com: 1 3 of 2", "user.name=eve@example.com: 5 of 1"],
            grouped.Alerts.Select(a => $"{a.Key}: {string.Join(' ', a.EventIds)} of {a.EventCount}").Order());

        var apart = await scene.Rules.RunAsync(
            Rule("query", Failures + """, "alert_suppression": {"group_by": ["user.name"], "missing_fields_strategy": "doNotSuppress"}"""), Now);
        Assert.Equal(["1 3", "5", "6"], Ids(apart).Order());

        var filtered = await scene.Rules.RunAsync(
            Rule("query", Failures + """, "filters": [{"meta": {}, "query": {"range": {"@timestamp": {"gte": "now-5m"}}}}]"""), Now);
        Assert.Equal(["3", "5", "6"], Ids(filtered).Order());
    }

    [ContractFact]
    public async Task What_was_delivered_is_given_back_and_is_stored_once()
    {
        await using var scene = new DetectionScene(server.Url);
        var delivered = new List<DetectionEvent>();
        (string, byte[])[] records = [Login("1", 0), Login("2", 1, "eve"), ("sequence", Encoding.UTF8.GetBytes(
            """
            {"id":"log","sequenceAccountId":"acc","createdAt":"2026-11-02T08:00:00Z","activityLogItems":[
              {"id":"i1","verb":"CREATED","activityLogActor":{"id":"a","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}},
              {"id":"i2","verb":"CREATED","activityLogActor":{"id":"a","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}}
            ]}
            """))];

        Assert.Equal(4, await scene.DeliverAsync(records, delivered.Add));
        Assert.Equal(0, await scene.DeliverAsync(records));
        Assert.Equal(["1", "2", "i1", "i2"], delivered.Select(e => e.Id));
        Assert.Equal("eve@example.com", delivered[1].Text("user.name"));
        Assert.Equal(
            ["1", "2", "i1", "i2"], Ids(await scene.Rules.RunAsync(Rule("query", """ "query": "*" """), Now.AddMinutes(1))).Order());
    }

    [ContractFact]
    public async Task A_threshold_counts_the_events_of_each_group_and_their_different_values()
    {
        await using var scene = new DetectionScene(server.Url);
        await scene.DeliverAsync([
            .. Enumerable.Range(0, 10).Select(i => Login($"a{i}", -i)),
            .. Enumerable.Range(0, 9).Select(i => Login($"e{i}", -i, "eve", address: "198.51.100.2")),
            .. Enumerable.Range(0, 12).Select(i => Login($"s{i}", -i, $"user{i % 6}", address: "198.51.100.3")),
            .. Enumerable.Range(0, 20).Select(i => Login($"n{i}", -i, user: null)),
        ]);

        var alert = Assert.Single((await scene.Rules.RunAsync(
            Rule("threshold", Failures + """, "threshold": {"field": ["user.name", "organization.id"], "value": 10}"""), Now)).Alerts);
        Assert.Equal(("user.name=ann@example.com, organization.id=xyz789", 10, Now), ($"{alert.Key}", alert.EventCount, alert.Time));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"a{i}"), alert.EventIds.Order());

        var spray = await scene.Rules.RunAsync(
            Rule("threshold", Failures + """, "threshold": {"field": ["source.ip"], "value": 9, "cardinality": [{"field": "user.name", "value": 5}]}"""), Now);
        Assert.Equal(["source.ip=198.51.100.3"], spray.Alerts.Select(a => $"{a.Key}"));
    }

    [ContractFact]
    public async Task New_terms_are_those_without_an_event_before_in_the_history()
    {
        await using var scene = new DetectionScene(server.Url);
        await scene.DeliverAsync([
            Login("old", -3 * 3600), Login("known", -60), Login("new", -50, "eve"), Login("newer", -40, "eve"), Login("moved", -30, address: "198.51.100.9"),
            Login("ago", -31 * 86400, "sam"), Login("back", -20, "sam"), Login("anonymous", -10, user: null),
        ]);
        const string Terms = """, "new_terms_fields": ["user.name", "source.ip"], "history_window_start": "now-30d" """;
        var rule = Rule("new_terms", Failures + Terms);

        var result = await scene.Rules.RunAsync(rule, Now);
        Assert.Equal(["new", "moved", "back"], result.Alerts.Select(a => Assert.Single(a.EventIds)));
        Assert.Equal("user.name=ann@example.com, source.ip=198.51.100.9", $"{result.Alerts[1].Key}");

        var week = await scene.Rules.RunScheduleAsync(rule, Now.AddDays(-1), Now);
        Assert.Equal(["old", "new", "moved", "back"], week.Alerts.Select(a => Assert.Single(a.EventIds)));
    }

    [ContractFact]
    public async Task The_schedule_finds_what_its_single_runs_find()
    {
        await using var scene = new DetectionScene(server.Url);
        var random = new Random(11);
        await scene.DeliverAsync(Enumerable.Range(0, 150).Select(i => Login(
            $"{i}",
            random.Next(0, 7200),
            $"user{random.Next(8)}",
            random.Next(3) == 0 ? "admin_login_success" : "admin_login_failure",
            $"198.51.100.{random.Next(5)}")));
        ElasticRule[] rules =
        [
            Rule("query", Failures),
            Rule("new_terms", Failures + """, "new_terms_fields": ["user.name", "source.ip"], "history_window_start": "now-45m" """),
            Rule("eql", " \"query\": " + JsonSerializer.Serialize(
                "sequence by user.name with maxspan=15m [any where event.action == \"admin_login_failure\"] with runs=2 "
                + "[any where event.action == \"admin_login_success\"]")),
        ];

        foreach (var rule in rules)
        {
            var single = new HashSet<string>();
            for (var run = 1; run <= 24; run++) single.UnionWith((await scene.Rules.RunAsync(rule, Now.AddMinutes(5 * run))).Alerts.Select(Text));

            var schedule = await scene.Rules.RunScheduleAsync(rule, Now, Now.AddHours(2));
            Assert.Equal(single.Order(), schedule.Alerts.Select(Text).Order());
            Assert.True(schedule.Alerts.Count > 5, $"{rule.Type} {schedule.Alerts.Count}");
            Assert.Equal(1, schedule.Searches);
        }

        static string Text(RuleAlert alert) => $"{alert.Key}: {string.Join(' ', alert.EventIds)}";
    }

    [ContractFact]
    public async Task A_condition_of_eql_matches_what_a_search_finds_that_is_translated_as_elasticsearch_does()
    {
        await using var scene = new DetectionScene(server.Url);
        var delivered = new List<DetectionEvent>();
        await scene.DeliverAsync(
            Simulated(new IntercomRecords(7, TieOrder.Scattered, 0.1), "intercom").Concat(Simulated(new SequenceRecords(7, 0.1), "sequence")),
            delivered.Add);
        delivered = [.. delivered.DistinctBy(e => e.DocumentId)];
        var all = delivered.Select(e => e.Time).ToList();
        var matched = 0;

        foreach (var text in Conditions)
        {
            var rule = Rule("eql", " \"query\": " + JsonSerializer.Serialize(text)) with { LookBack = all.Max() - all.Min() };
            var searches = new ElasticSearches(scene.Client, scene.Prefix, rule.Index, "@timestamp");
            var found = new List<string>();
            await foreach (var e in searches.EventsAsync(EqlQuery.Parse(text).ToSearch(), all.Min(), all.Max(), [])) found.Add(e.DocumentId);

            Assert.Equal(
                (text, string.Join('\n', EqlEvaluator.Run(EqlQuery.Parse(text), delivered).Select(m => m.Events[0].DocumentId).Order(StringComparer.Ordinal))),
                (text, string.Join('\n', found.Order(StringComparer.Ordinal))));
            Assert.Equal(found.Count, (await scene.Rules.RunAsync(rule, all.Max())).Alerts.Count);
            matched += found.Count is var count && count > 0 && count < delivered.Count ? 1 : 0;
        }

        Assert.True(matched > 18, $"Only {matched} conditions told events apart.");
    }

    [ContractFact]
    public async Task Sequences_are_found_and_those_of_one_user_are_one_alert()
    {
        await using var scene = new DetectionScene(server.Url);
        await scene.DeliverAsync([
            .. Enumerable.Range(0, 5).Select(i => Login($"a{i}", -100 + i)), Login("a-in", -90, action: "admin_login_success"),
            .. Enumerable.Range(0, 4).Select(i => Login($"e{i}", -100 + i, "eve")), Login("e-in", -90, "eve", "admin_login_success"),
            .. Enumerable.Range(0, 5).Select(i => Login($"b{i}", -80 + i)), Login("b-in", -70, action: "admin_login_success"),
        ]);
        const string Query =
            """
            sequence by user.name, organization.id with maxspan=30m
              [authentication where event.dataset == "intercom.audit" and event.action == "admin_login_failure"] with runs=5
              [authentication where event.dataset == "intercom.audit" and event.action == "admin_login_success"]
            """;

        var each = await scene.Rules.RunAsync(Rule("eql", " \"query\": " + JsonSerializer.Serialize(Query)), Now);
        Assert.Equal(["a0 a1 a2 a3 a4 a-in", "b0 b1 b2 b3 b4 b-in"], Ids(each));
        Assert.Equal("user.name=ann@example.com, organization.id=xyz789", $"{each.Alerts[0].Key}");

        var grouped = await scene.Rules.RunScheduleAsync(
            Rule(
                "eql",
                " \"query\": " + JsonSerializer.Serialize(Query)
                + """, "alert_suppression": {"group_by": ["user.name"], "duration": {"value": 1, "unit": "d"}}"""),
            Now.AddHours(-1),
            Now);
        Assert.Equal(["a0 a1 a2 a3 a4 a-in b0 b1 b2 b3 b4 b-in"], Ids(grouped));

        var wrong = await Assert.ThrowsAsync<InvalidOperationException>(
            () => scene.Rules.RunAsync(Rule("eql", """ "query": "any where user.nickname == \"a\"" """), Now));
        Assert.Contains("user.nickname", wrong.Message, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_quiet_source_is_found_from_its_hour_on_and_told_once_a_day()
    {
        await using var scene = new DetectionScene(server.Url);
        await scene.DeliverAsync([Login("1", 0), Login("2", 3600)]);
        var query = JsonSerializer.Serialize(
            "FROM logs-intercom.audit*,logs-sequence.audit* | STATS last_event = MAX(@timestamp) BY event.dataset, organization.id "
            + "| EVAL quiet_hours = DATE_DIFF(\"hours\", last_event, NOW()) | WHERE quiet_hours >= 48 "
            + "| KEEP event.dataset, organization.id, last_event, quiet_hours");
        const string Suppression = """, "alert_suppression": {"group_by": ["event.dataset", "organization.id"], "duration": {"value": 1, "unit": "d"}}""";
        var rule = Rule("esql", $" \"query\": {query}{Suppression}") with { LookBack = TimeSpan.FromDays(8), Interval = TimeSpan.FromHours(1) };

        Assert.Empty((await scene.Rules.RunAsync(rule, Now.AddHours(48))).Alerts);
        var alert = Assert.Single((await scene.Rules.RunAsync(rule, Now.AddHours(49))).Alerts);
        Assert.Equal(("intercom.audit", "xyz789", "48"), (alert.Key["event.dataset"], alert.Key["organization.id"], alert.Key["quiet_hours"]));
        Assert.Empty((await scene.Rules.RunAsync(rule, Now.AddDays(9))).Alerts);

        var week = await scene.Rules.RunScheduleAsync(rule, Now, Now.AddDays(4));
        Assert.Equal([49.0, 74.0], week.Alerts.Select(a => (a.RaisedAt - Now).TotalHours));
        Assert.Equal([24, 22], week.Alerts.Select(a => a.Suppressed));
    }

    [ContractFact]
    public async Task More_events_and_groups_than_a_page_holds_are_all_read()
    {
        await using var scene = new DetectionScene(server.Url);
        Assert.Equal(10_050, await scene.DeliverAsync(Enumerable.Range(0, 10_050).Select(i => Login($"{i}", -i % 1500, $"user{i}"))));

        var each = await scene.Rules.RunAsync(Rule("query", Failures), Now);
        Assert.Equal((10_050, 2), (each.Alerts.SelectMany(a => a.EventIds).Distinct().Count(), each.Searches));
        var grouped = await scene.Rules.RunAsync(Rule("query", Failures + """, "alert_suppression": {"group_by": ["user.name"]}"""), Now);
        Assert.Equal(10_050, grouped.Alerts.Select(a => a.Key).Distinct().Count());
        Assert.True(grouped is { Searches: > 1, Took.TotalMilliseconds: > 0 }, $"{grouped.Searches} {grouped.Took}");
    }

    private static IEnumerable<string> Ids(RuleResult result) => result.Alerts.Select(a => string.Join(' ', a.EventIds));

    private static ElasticRule Rule(string type, string members) => ElasticRule.Parse(
        $$"""
        {
          "rule_id": "r", "name": "n", "type": "{{type}}", "language": "{{(type is "eql" or "esql" ? type : "lucene")}}",
          "index": ["logs-intercom.audit*", "logs-sequence.audit*"], "from": "now-25m", "interval": "5m", "timestamp_override": "event.ingested", {{members}}
        }
        """);

    private static (string Vendor, byte[] Json) Login(
        string id, int seconds, string? user = "ann", string action = "admin_login_failure", string address = "198.51.100.1")
    {
        var actor = new JsonObject { ["type"] = "admin", ["ip"] = address };
        if (user is not null) (actor["id"], actor["email"]) = (user, $"{user}@example.com");

        return ("intercom", JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["id"] = id,
            ["performed_by"] = actor,
            ["created_at"] = Now.AddSeconds(seconds).ToUnixTimeSeconds(),
            ["activity_type"] = action,
            ["activity_description"] = "d",
            ["metadata"] = new JsonObject(),
        }));
    }

    private static IEnumerable<(string Vendor, byte[] Json)> Simulated(IRecordFactory records, string vendor)
    {
        using var text = new JsonText();
        for (var n = 0; n < 400; n++)
        {
            text.Clear();
            records.Write(text, records.Place(n, Now.AddSeconds(5 * n)));
            yield return (vendor, text.Written.ToArray());
        }
    }
}

[Collection(ElasticsearchCollection.Name)]
public sealed class ElasticsearchRuleRunTests(ElasticsearchServer server) : ElasticRuleRunContract(server), INeedsServer
{
    public static string? Missing => ElasticsearchServer.Missing;
}

[Collection(OpenSearchCollection.Name)]
public sealed class OpenSearchRuleRunTests(OpenSearchServer server) : ElasticRuleRunContract(server), INeedsServer
{
    public static string? Missing => OpenSearchServer.Missing;
}
