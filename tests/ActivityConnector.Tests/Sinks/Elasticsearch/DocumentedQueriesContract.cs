using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Transforms;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>Each query of docs/elasticsearch.md finds what its title says, no more and no less.</summary>
[Trait("Kind", "server")]
public abstract partial class DocumentedQueriesContract(SharedSearchServer server)
{
    private static readonly Dictionary<string, Func<JsonElement, bool>> Titles = new()
    {
        ["Everything one person did"] = e => Text(e, "user.email") == "ops@company.com",
        ["Everything that touched one person, as actor or target"] = e => Texts(e, "related.user").Contains("ops@company.com"),
        ["What came from a network"] = e => Text(e, "source.ip")?.StartsWith("52.17.", StringComparison.Ordinal) == true,
        ["Changes of users, roles and permissions, of both vendors"] =
            e => Texts(e, "event.category").Contains("iam") && Texts(e, "event.type").Any(t => t is "change" or "creation" or "deletion"),
        ["What is severe, since a day"] = e => e.TryGetProperty("event.severity", out var s) && s.GetInt32() >= 73
            && e.GetProperty("@timestamp").GetDateTimeOffset() >= new DateTimeOffset(2023, 11, 15, 0, 0, 0, TimeSpan.Zero),
        ["Words in the vendor's sentence"] = e => Text(e, "message")!.Split(' ', '.').Contains("permissions", StringComparer.OrdinalIgnoreCase),
        ["What could not be mapped in full"] = e => Text(e, "event.kind") == "pipeline_error",
        ["Who did most"] = e => Text(e, "user.id") is not null,
    };

    [ContractFact]
    public async Task Each_finds_what_its_title_says()
    {
        await using var scene = new SinkOnServer(server.Url);
        List<JournalEvent> events = [.. FieldTableContract.Events(seed: 5, recordsOfAVendor: 600, hostileShare: 0.05), .. OfOps()];
        await scene.WriteAsync(events);
        await scene.Client.CountAsync(scene.Indices);
        var page = await File.ReadAllTextAsync(Path.Combine(DeliveredFiles.Root, "docs", "elasticsearch.md"));
        var queries = Query().Matches(page).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);

        Assert.Equal(Titles.Keys.Order(), queries.Keys.Order());
        foreach (var (title, query) in queries)
        {
            var answer = await scene.Client.SendAsync(HttpMethod.Post, $"{scene.Options.Prefix}-*.audit*/_search?track_total_hits=true", query);
            var found = answer.TryGetProperty("aggregations", out var groups)
                ? groups.GetProperty("people").GetProperty("buckets").EnumerateArray().Sum(b => b.GetProperty("doc_count").GetInt32())
                : answer.GetProperty("hits").GetProperty("total").GetProperty("value").GetInt32();
            var expected = events.Count(e => Matches(e, Titles[title]));
            Assert.Equal((title, expected), (title, found));
            Assert.True(found > 0, title);
        }
    }

    private static bool Matches(JournalEvent e, Func<JsonElement, bool> rule)
    {
        using var json = JsonDocument.Parse(e.Json);
        return rule(json.RootElement);
    }

    private static IEnumerable<JournalEvent> OfOps()
    {
        const string Ops = """{"type":"admin","id":"2201","email":"Ops@company.com","ip":"52.17.4.212"}""";
        const string Record = """
            {"id":"ops","performed_by":OPS,"created_at":1734537253,"activity_type":"admin_permission_change",
            """
            + """
            "activity_description":"Ops changed the permissions of Sam Poole.","metadata":{}}
            """;
        using var batch = Mapped.Intercom(Record.Replace("OPS", Ops, StringComparison.Ordinal));
        return [.. batch.Events.Select(e => new JournalEvent(1, new("intercom", "x"), e.Id, e.Time, null, e.Time, e.Json.ToArray()))];
    }

    private static string? Text(JsonElement e, string field) => e.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement e, string field) =>
        e.TryGetProperty(field, out var values) ? values.EnumerateArray().Select(v => v.GetString()!) : [];

    [GeneratedRegex(@"### ([^\n]+)\n\n```json\n([^`]+)```")]
    private static partial Regex Query();
}

[Collection(ElasticsearchCollection.Name)]
public sealed class ElasticsearchDocumentedQueriesTests(ElasticsearchServer server) : DocumentedQueriesContract(server), INeedsServer
{
    public static string? Missing => ElasticsearchServer.Missing;
}

[Collection(OpenSearchCollection.Name)]
public sealed class OpenSearchDocumentedQueriesTests(OpenSearchServer server) : DocumentedQueriesContract(server), INeedsServer
{
    public static string? Missing => OpenSearchServer.Missing;
}
