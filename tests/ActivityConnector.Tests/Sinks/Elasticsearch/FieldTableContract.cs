using System.Globalization;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Simulation;
using ActivityConnector.Simulation.Intercom;
using ActivityConnector.Simulation.Sequence;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Transforms;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>Whatever the vendors send, every document is taken, each field has the type that searches rely on, and hostile records add none.</summary>
[Trait("Kind", "server")]
public abstract class FieldTableContract(SharedSearchServer server)
{
    private const int RecordsOfAVendor = 5_000;

    private static readonly Dictionary<string, string> Types = new()
    {
        ["@timestamp"] = "date",
        ["event.created"] = "date",
        ["event.ingested"] = "date",
        ["source.ip"] = "ip",
        ["related.ip"] = "ip",
        ["event.severity"] = "long",
        ["source.port"] = "long",
        ["source.as.number"] = "long",
        ["source.geo.location"] = "geo_point",
        ["sequence.item.index"] = "long",
        ["sequence.activity_log.item_count"] = "long",
        ["message"] = "text",
        ["error.message"] = "text",
    };

    [ContractFact]
    public async Task Ten_thousand_hostile_records_are_taken_and_searchable_and_the_fields_stay_the_same()
    {
        await using var scene = new SinkOnServer(server.Url);
        var mixed = Events(seed: 3, RecordsOfAVendor, hostileShare: 0.5);
        var first = await scene.WriteAsync(mixed);
        var fields = Fields(await scene.Client.GetAsync(scene.Indices + "/_mapping"));
        var ids = mixed.Select(e => e.Id).ToHashSet();
        List<JournalEvent> hostile = [.. Events(seed: 4, RecordsOfAVendor / 5, hostileShare: 1).Where(e => !ids.Contains(e.Id))];
        var second = await scene.WriteAsync(hostile);
        List<JournalEvent> events = [.. mixed, .. hostile];

        Assert.Empty(first.Refused.Concat(second.Refused));
        Assert.Equal(events.Count, await scene.Client.CountAsync(scene.Indices));
        var after = Fields(await scene.Client.GetAsync(scene.Indices + "/_mapping"));
        Assert.Equal(fields.Keys.Order(), after.Keys.Order());
        Assert.All(after, field => Assert.Equal((field.Key, Types.GetValueOrDefault(field.Key, "keyword")), (field.Key, field.Value)));

        await AssertFoundAsync(scene, events, "{\"exists\":{\"field\":\"@timestamp\"}}", _ => true);
        await AssertFoundAsync(
            scene,
            events,
            """{"bool":{"should":[{"term":{"source.ip":"0.0.0.0/0"}},{"term":{"source.ip":"::/0"}}]}}""",
            e => e.TryGetProperty("source.ip", out _));
        await AssertFoundAsync(
            scene,
            events,
            """{"range":{"event.severity":{"gte":47}}}""",
            e => e.TryGetProperty("event.severity", out var s) && s.GetInt32() >= 47);
        await AssertFoundAsync(scene, events, """{"term":{"event.kind":"pipeline_error"}}""", e => e.GetProperty("event.kind").GetString() == "pipeline_error");
        await AssertFoundAsync(
            scene,
            events,
            """{"range":{"@timestamp":{"gte":"2023-11-15T00:00:00Z"}}}""",
            e => e.GetProperty("@timestamp").GetDateTimeOffset() >= new DateTimeOffset(2023, 11, 15, 0, 0, 0, TimeSpan.Zero));
        await AssertFoundAsync(scene, events, """{"term":{"ecs.version":"8.17.0"}}""", _ => true);
        await AssertFoundAsync(scene, events, """{"wildcard":{"agent.type":"activity-*"}}""", _ => true);
        await AssertFoundAsync(scene, events, """{"term":{"service.type":"sequence"}}""", e => e.GetProperty("service.type").GetString() == "sequence");
        await AssertFoundAsync(
            scene,
            events,
            """{"prefix":{"event.hash":"a"}}""",
            e => e.TryGetProperty("event.hash", out var hash) && hash.GetString()!.StartsWith('a'));
        await AssertFoundAsync(
            scene,
            events,
            """{"range":{"event.created":{"lt":"2026-11-21T19:40:00.001Z"}}}""",
            e => e.GetProperty("event.created").GetDateTimeOffset() <= Mapped.ReceivedAt);
        await AssertFoundAsync(
            scene,
            events,
            """{"terms":{"_ignored":["@timestamp","event.created","event.ingested","source.ip","related.ip","event.severity","source.port"]}}""",
            _ => false);
    }

    private static async Task AssertFoundAsync(SinkOnServer scene, IReadOnlyList<JournalEvent> events, string query, Func<JsonElement, bool> matches)
    {
        var found = (await scene.Client.SendAsync(HttpMethod.Post, scene.Indices + "/_count", $$"""{"query":{{query}}}""")).GetProperty("count").GetInt32();
        var expected = events.Count(e =>
        {
            using var json = JsonDocument.Parse(e.Json);
            return matches(json.RootElement);
        });
        Assert.Equal((query, expected), (query, found));
    }

    internal static List<JournalEvent> Events(int seed, int recordsOfAVendor, double hostileShare)
    {
        var events = new Dictionary<string, JournalEvent>();
        Add(new IntercomRecords(seed, TieOrder.Scattered, hostileShare), new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings), "intercom");
        Add(new SequenceRecords(seed, hostileShare), new SequenceTransform(Mapped.SequenceTable, Mapped.SequenceSettings), "sequence");
        return [.. events.Values.OrderBy(e => e.Id, StringComparer.Ordinal)];

        void Add(IRecordFactory records, IActivityTransform transform, string source)
        {
            using var text = new JsonText();
            using var batch = new EventBatch();
            for (var n = 0; n < recordsOfAVendor; n++)
            {
                text.Clear();
                batch.Clear();
                records.Write(text, records.Place(n, new DateTimeOffset(2023, 11, 14, 22, 0, 0, TimeSpan.Zero).AddSeconds(n * 5L)));
                transform.Transform(new(text.Written.ToArray(), Mapped.ReceivedAt), batch);
                foreach (var e in batch.Events)
                {
                    events[e.Id] = new(events.Count, new(source, "x"), e.Id, e.Time, null, e.Time, e.Json.ToArray());
                }
            }
        }
    }

    private static SortedDictionary<string, string> Fields(JsonElement mappings)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var index in mappings.EnumerateObject()) Add(index.Value.GetProperty("mappings").GetProperty("properties"), "");

        return fields;

        void Add(JsonElement properties, string above)
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (property.Value.TryGetProperty("properties", out var below))
                {
                    Add(below, above + property.Name + ".");
                }
                else if (property.Value.GetProperty("type").GetString() is var type and not "object")
                {
                    fields[string.Create(CultureInfo.InvariantCulture, $"{above}{property.Name}")] = type switch
                    {
                        "match_only_text" => "text",
                        "constant_keyword" => "keyword",
                        _ => type!,
                    };
                }
            }
        }
    }
}

[Collection(ElasticsearchCollection.Name)]
public sealed class ElasticsearchFieldTableTests(ElasticsearchServer server) : FieldTableContract(server), INeedsServer
{
    public static string? Missing => ElasticsearchServer.Missing;
}

[Collection(OpenSearchCollection.Name)]
public sealed class OpenSearchFieldTableTests(OpenSearchServer server) : FieldTableContract(server), INeedsServer
{
    public static string? Missing => OpenSearchServer.Missing;
}
