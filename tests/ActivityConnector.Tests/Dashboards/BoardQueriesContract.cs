using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Golden;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;
using ActivityConnector.Tests.Transforms;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>Every panel and every saved search is answered by a real server, with the events that it is there to show.</summary>
[Trait("Kind", "server")]
public abstract class BoardQueriesContract(SharedSearchServer server)
{
    private static readonly Board Board = SavedObjectFiles.Board;

    /// <summary>What a panel or a saved search must find, said a second time. One that is not here and has a query must only find something.</summary>
    private static readonly Dictionary<string, Func<JsonElement, bool>> Found = new()
    {
        ["person"] = e => Has(e, "related.user"),
        ["address"] = e => Has(e, "related.ip"),
        ["admin-on-admin"] = e => Has(e, "user.target.id"),
        ["no-human"] = e => Is(e, "tags", "_actor_missing") || (Is(e, "event.dataset", "sequence.audit") && !Has(e, "user.email")),
        ["new-vendor-events"] = e => Is(e, "event.kind", "pipeline_error")
            || Texts(e, "tags").Any(tag => tag is "_unknown_activity_type" or "_unknown_verb" or "_timestamp_suspect"),
        ["sequence-log"] = e => Has(e, "sequence.activity_log.id"),
        ["high-severity"] = e => Severity(e) >= 73,
        ["high-severity-count"] = e => Severity(e) >= 73,
        ["access-changes"] = e => Is(e, "event.category", "iam"),
        ["access-changes-over-time"] = e => Is(e, "event.category", "iam"),
        ["settings-changes"] = e => Is(e, "event.category", "configuration") && Severity(e) >= 47,
        ["integrations-and-secrets"] = e => Begins(e, "app_package_", "app_webhook_", "custom_authentication_token_", "messenger_api_secret_", "oauth_token_")
            || (Texts(e, "sequence.object.entity_type").Any(type =>
                type.StartsWith("INTEGRATION", StringComparison.Ordinal) || type.StartsWith("NOTIFICATION_POLICY", StringComparison.Ordinal)
                || type.Contains("API_KEY", StringComparison.Ordinal) || type.Contains("WEBHOOK", StringComparison.Ordinal)
                || type.Contains("TOKEN", StringComparison.Ordinal)) && !Is(e, "event.type", "info")),
        ["money-moving"] = MovesMoney,
        ["money-moving-over-time"] = MovesMoney,
        ["money-moving-by-person"] = MovesMoney,
        ["failed-sign-in-count"] = e => Is(e, "event.category", "authentication") && Is(e, "event.outcome", "failure"),
        ["failures-by-person"] = e => Is(e, "event.category", "authentication") && Is(e, "event.outcome", "failure"),
        ["failures-by-address"] = e => Is(e, "event.category", "authentication") && Is(e, "event.outcome", "failure"),
        ["sign-ins"] = e => Is(e, "event.category", "authentication"),
        ["sign-in-methods"] = e => Is(e, "event.category", "authentication"),
        ["sign-in-addresses"] = e => Is(e, "event.category", "authentication"),
        ["addresses-by-person"] = e => Is(e, "event.category", "authentication"),
        ["pipeline-error-count"] = e => Is(e, "event.kind", "pipeline_error"),
        ["data-leaving"] = e => Is(e, "event.category", "database") || Action(e).Contains("export", StringComparison.Ordinal)
            || Action(e) == "workspace_deletion_request" || Begins(e, "conversation_deletion_schedule_")
            || (Is(e, "event.dataset", "sequence.audit") && Is(e, "event.type", "deletion")),
        ["outbound"] = e => Begins(e, "campaign_", "series_") || Action(e) is "message_state_change" or "message_deletion" or "app_outbound_address_change"
            or "app_name_change" or "customer_facing_name_change",
        ["objects"] = e => Is(e, "event.dataset", "sequence.audit"),
        ["origins"] = e => Is(e, "event.dataset", "sequence.audit"),
        ["quality-tags"] = e => Texts(e, "tags").Any(tag => tag.StartsWith('_')),
    };

    [ContractFact]
    public async Task Every_panel_and_every_saved_search_finds_the_events_that_it_is_for()
    {
        var events = Events();
        await using var scene = new SinkOnServer(server.Url);
        var result = await scene.WriteAsync(events);
        Assert.Empty(result.Refused);
        Assert.Equal(events.Count, await scene.Client.CountAsync(scene.Indices));

        var stored = events.Select(e => JsonDocument.Parse(e.Json).RootElement).ToList();
        var query = new BoardQuery(Board, RuntimeFields: server.Kind == "elasticsearch", Interval: "1d");
        var searches = Board.Searches.Select(search => (search.Id, search.Query, Request: query.Of(search)));
        var panels = Board.Panels.Where(panel => panel.Kind is not (BoardKind.Heading or BoardKind.Search))
            .Select(panel => (panel.Id, panel.Query, Request: query.Of(panel)));
        foreach (var (id, text, request) in searches.Concat(panels))
        {
            var answer = await scene.Client.SendAsync(HttpMethod.Post, scene.Indices + "/_search", request.ToJsonString());
            Assert.Equal((id, 0), (id, answer.GetProperty("_shards").GetProperty("failed").GetInt32()));
            var found = BoardRows.Total(answer);
            Assert.NotEqual((id, 0), (id, found));
            if (Found.TryGetValue(id, out var matches) || text.Length == 0)
            {
                Assert.Equal((id, stored.Count(matches ?? (_ => true))), (id, found));
            }
        }
    }

    [ContractFact]
    public async Task The_groups_of_a_panel_hold_what_the_events_say()
    {
        var events = Events();
        await using var scene = new SinkOnServer(server.Url);
        await scene.WriteAsync(events);
        await scene.Client.CountAsync(scene.Indices);
        var stored = events.Select(e => JsonDocument.Parse(e.Json).RootElement).ToList();
        var query = new BoardQuery(Board, RuntimeFields: server.Kind == "elasticsearch", Interval: "1d");

        // Each kind of number, and a delay that is computed.
        Assert.Equal(stored.SelectMany(e => Texts(e, "user.name")).Distinct().Count(), (await RowsAsync("people")).Single().Values[0]);
        Assert.Equal(
            stored.GroupBy(e => Texts(e, "event.dataset").Single()).Select(group => (group.Key, (double?)group.Count())).Order(),
            (await RowsAsync("freshness")).GroupBy(row => row.Keys[0]).Select(group => (group.Key, group.Sum(row => row.Values[0]))).Order());
        Assert.Equal(
            stored.GroupBy(e => Texts(e, "event.dataset").Single())
                .Select(group => (group.Key, group.Max(e => (double?)e.GetProperty("@timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds()))).Order(),
            (await RowsAsync("freshness")).GroupBy(row => row.Keys[0]).Select(group => (group.Key, group.Max(row => row.Values[1]))).Order());
        Assert.All(await RowsAsync("delays"), row =>
        {
            var delays = stored.Where(e => Is(e, "event.dataset", row.Keys[0]))
                .Select(e => (e.GetProperty("event.created").GetDateTimeOffset() - e.GetProperty("@timestamp").GetDateTimeOffset()).TotalSeconds).ToList();
            Assert.InRange(row.Values[0]!.Value, delays.Min(), delays.Max());
            Assert.InRange(row.Values[1]!.Value, row.Values[0]!.Value, delays.Max());
            Assert.True(row.Values[3] >= row.Values[2], $"{row.Values[2]} {row.Values[3]}");
        });
        Assert.All(await RowsAsync("quality-tags"), row => Assert.StartsWith("_", row.Keys[0]));
        Assert.Contains(await RowsAsync("sign-in-addresses"), row => row.Keys[1] == BoardQuery.Missing);
        Assert.Equal(
            stored.Count(e => Is(e, "sequence.item.verb", "CREATED") && Is(e, "sequence.object.entity_type", "INVOICE")),
            (await RowsAsync("objects")).Single(row => row.Keys is ["CREATED", "INVOICE"]).Values[0]);

        async Task<IReadOnlyList<BoardRow>> RowsAsync(string id)
        {
            var panel = Board.Panels.Single(panel => panel.Id == id);
            return BoardRows.Of(panel, await scene.Client.SendAsync(HttpMethod.Post, scene.Indices + "/_search", query.Of(panel).ToJsonString()));
        }
    }

    [ContractFact]
    public async Task A_saved_search_shows_the_fields_of_its_columns()
    {
        var events = Events();
        await using var scene = new SinkOnServer(server.Url);
        await scene.WriteAsync(events);
        await scene.Client.CountAsync(scene.Indices);
        var query = new BoardQuery(Board, RuntimeFields: server.Kind == "elasticsearch");

        var shown = new HashSet<string>();
        foreach (var search in Board.Searches)
        {
            var answer = await scene.Client.SendAsync(HttpMethod.Post, scene.Indices + "/_search", query.Of(search).ToJsonString());
            shown.UnionWith(answer.GetProperty("hits").GetProperty("hits").EnumerateArray()
                .SelectMany(hit => hit.GetProperty("fields").EnumerateObject().Select(field => field.Name)));
        }

        // Only an ingest pipeline of one's own brings countries.
        Assert.Equal(["source.geo.country_name"], Board.Searches.SelectMany(search => search.Columns).Distinct().Except(shown));
    }

    /// <summary>The records of the golden pairs, through the transforms.</summary>
    private static IReadOnlyList<JournalEvent> Events()
    {
        var events = new Dictionary<string, JournalEvent>();
        foreach (var pair in GoldenPair.Names.Select(GoldenPair.Read).Where(pair => pair.Settings.Namespace == "default"))
        {
            IActivityTransform transform = pair.Vendor == "intercom"
                ? new IntercomTransform(Mapped.IntercomTable, pair.Settings)
                : new SequenceTransform(Mapped.SequenceTable, pair.Settings);
            using var batch = new EventBatch();
            transform.Transform(new(System.Text.Encoding.UTF8.GetBytes(pair.Record), pair.ReceivedAt), batch);
            foreach (var e in batch.Events) events[e.Id] = new(events.Count, new(pair.Vendor, "x"), e.Id, e.Time, null, e.Time, e.Json.ToArray());
        }

        return [.. events.Values];
    }

    private static bool MovesMoney(JsonElement e) => Is(e, "event.dataset", "sequence.audit")
        && (Begins(e, "credit_note_", "credit_grant_") || Action(e) is "merchant_updated" or "invoice_voided" or "invoice_deleted" or "invoice_paid"
            || Action(e).Contains("refund", StringComparison.Ordinal)
            || (Texts(e, "sequence.object.entity_type").Any(type => type.StartsWith("MERCHANT", StringComparison.Ordinal)) && Is(e, "event.type", "change")));

    private static bool Has(JsonElement e, string field) => e.TryGetProperty(field, out _);

    private static bool Is(JsonElement e, string field, string value) => Texts(e, field).Contains(value);

    private static string Action(JsonElement e) => Texts(e, "event.action").SingleOrDefault("");

    private static bool Begins(JsonElement e, params string[] with) => with.Any(prefix => Action(e).StartsWith(prefix, StringComparison.Ordinal));

    private static int Severity(JsonElement e) => e.TryGetProperty("event.severity", out var severity) ? severity.GetInt32() : 0;

    private static IEnumerable<string> Texts(JsonElement e, string field) => !e.TryGetProperty(field, out var value) ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(item => item.GetString()!)
        : [value.GetString()!];
}

[Collection(ElasticsearchCollection.Name)]
public sealed class ElasticsearchBoardQueriesTests(ElasticsearchServer server) : BoardQueriesContract(server), INeedsServer
{
    public static string? Missing => ElasticsearchServer.Missing;
}

[Collection(OpenSearchCollection.Name)]
public sealed class OpenSearchBoardQueriesTests(OpenSearchServer server) : BoardQueriesContract(server), INeedsServer
{
    public static string? Missing => OpenSearchServer.Missing;
}
