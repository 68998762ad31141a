using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Detections;

/// <summary>The searches of one run on a server, counted and timed. Elasticsearch and OpenSearch answer them alike.</summary>
/// <param name="prefix">Stands in place of <c>logs</c> at the beginning of the index patterns of rules.</param>
internal sealed class ElasticSearches(SearchClient client, string prefix, IReadOnlyList<string> index, string timeField)
{
    private const int PageSize = 10_000;

    private readonly string _indices = string.Join(',', index.Select(i => i.StartsWith("logs-", StringComparison.Ordinal) ? prefix + i["logs".Length..] : i));

    /// <summary>The sum of what the answers say.</summary>
    public TimeSpan Took { get; private set; }

    public int Count { get; private set; }

    /// <summary>The events that a query finds between two times, both inclusive, in the order of their times.</summary>
    /// <param name="fields">Which fields of them are read.</param>
    public async IAsyncEnumerable<DetectionEvent> EventsAsync(
        JsonObject query, DateTimeOffset from, DateTimeOffset to, IEnumerable<string> fields, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var body = new JsonObject
        {
            ["size"] = PageSize,
            ["query"] = Between(query, from, to),
            ["sort"] = new JsonArray(Dsl.Sort(timeField)),
            ["_source"] = false,
            ["docvalue_fields"] = DocValues(fields),
        };
        var page = await SendAsync($"{_indices}/_search?scroll=5m&ignore_unavailable=true&allow_no_indices=true", body);
        string? scroll = null;
        while (true)
        {
            scroll = page.TryGetProperty("_scroll_id", out var id) ? id.GetString() : scroll;
            var hits = page.GetProperty("hits").GetProperty("hits");
            foreach (var hit in hits.EnumerateArray())
            {
                cancellation.ThrowIfCancellationRequested();
                yield return EventOf(hit);
            }

            if (hits.GetArrayLength() < PageSize) break;

            page = await SendAsync("_search/scroll", new() { ["scroll"] = "5m", ["scroll_id"] = scroll });
        }

        if (scroll is null) yield break;

        // Not found is as good: a server ends a scroll that it has read to the end.
        await client.TryAsync(HttpMethod.Delete, "_search/scroll", new JsonObject { ["scroll_id"] = new JsonArray(scroll) }.ToJsonString());
    }

    /// <summary>All buckets of a composite aggregation, of all its pages.</summary>
    /// <param name="under">The aggregations in each bucket.</param>
    public async Task<List<JsonElement>> BucketsAsync(
        JsonObject query, DateTimeOffset from, DateTimeOffset to, IEnumerable<string> fields, bool missing, JsonObject? under = null)
    {
        var sources = new JsonArray([.. fields.Select(f =>
        {
            var terms = new JsonObject { ["field"] = f };
            if (missing) terms["missing_bucket"] = true;

            return new JsonObject { [f] = new JsonObject { ["terms"] = terms } };
        })]);
        var buckets = new List<JsonElement>();
        JsonNode? after = null;
        do
        {
            var composite = new JsonObject { ["size"] = PageSize, ["sources"] = sources.DeepClone() };
            if (after is not null) composite["after"] = after;

            var groups = new JsonObject { ["composite"] = composite };
            if (under is not null) groups["aggs"] = under.DeepClone();

            var body = new JsonObject
            {
                ["size"] = 0,
                ["query"] = Between((JsonObject)query.DeepClone(), from, to),
                ["track_total_hits"] = false,
                ["aggs"] = new JsonObject { ["groups"] = groups },
            };
            var answer = await SendAsync($"{_indices}/_search?ignore_unavailable=true&allow_no_indices=true", body);
            if (!answer.TryGetProperty("aggregations", out var aggregations)) return buckets;

            var page = aggregations.GetProperty("groups");
            buckets.AddRange(page.GetProperty("buckets").EnumerateArray());
            after = page.TryGetProperty("after_key", out var key) ? JsonNode.Parse(key.GetRawText()) : null;
        }
        while (after is not null);

        return buckets;
    }

    /// <summary>The first events of a bucket, as an aggregation in it.</summary>
    public JsonObject First(int count, IEnumerable<string> fields) => new()
    {
        ["top_hits"] = new JsonObject
        {
            ["size"] = count,
            ["sort"] = new JsonArray(Dsl.Sort(timeField)),
            ["_source"] = false,
            ["docvalue_fields"] = DocValues(fields),
        },
    };

    public DetectionEvent EventOf(JsonElement hit)
    {
        var json = hit.GetProperty("fields");
        var read = DetectionEvent.OfJson(json, hit.GetProperty("_id").GetString());
        var time = read[timeField] is [DateTimeOffset overriding, ..] ? overriding : read.Time;
        return new(read.Id, time, read.Fields, read.DocumentId);
    }

    private JsonArray DocValues(IEnumerable<string> fields) => new([.. fields.Concat(["event.id", "@timestamp", timeField]).Distinct().Select(f =>
        IndexFields.OfTemplates.TypeOf(f) == "date" ? (JsonNode)new JsonObject { ["field"] = f, ["format"] = "strict_date_optional_time" } : f)]);

    /// <summary>As Kibana does it: events without the overriding time are taken by <c>@timestamp</c>.</summary>
    private JsonObject Between(JsonObject query, DateTimeOffset from, DateTimeOffset to)
    {
        var range = Range(timeField, from, to);
        return Dsl.AllOf([
            query,
            timeField == "@timestamp" ? range : Dsl.AnyOf([range, Dsl.AllOf([Range("@timestamp", from, to), Dsl.Not(Dsl.Exists(timeField))])]),
        ]);
    }

    private static JsonObject Range(string field, DateTimeOffset from, DateTimeOffset to) => Dsl.Clause(
        "range",
        field,
        new JsonObject { ["gte"] = RelativeTime.Text(from), ["lte"] = RelativeTime.Text(to), ["format"] = "strict_date_optional_time" });

    private async Task<JsonElement> SendAsync(string path, JsonObject body)
    {
        var answer = await client.SendAsync(HttpMethod.Post, path, body.ToJsonString());
        if (answer.GetProperty("_shards").GetProperty("failed").GetInt32() > 0) throw new InvalidOperationException($"Shards failed: {answer}");

        Count++;
        Took += TimeSpan.FromMilliseconds(answer.GetProperty("took").GetInt64());
        return answer;
    }
}
