using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Lists the ids of stored events. Needs the index privilege <c>read</c> on the names of the events' indices, and nothing else.
/// </summary>
/// <remarks>
/// With a scroll, which every supported server has and which shows each document of its snapshot once. A point in time has another name in
/// OpenSearch, is missing there before 2.4, and has no order there that is the document's own.
/// </remarks>
internal sealed class ElasticsearchView(ElasticsearchOptions options, TimeProvider time) : ISinkView
{
    /// <summary>Documents of one answer: about 1 MB.</summary>
    private const int AtOnce = 5_000;

    private const string KeptFor = "2m";

    private readonly ClusterClient _client = new(options, time);
    private readonly Targets _targets = new(options);

    /// <inheritdoc/>
    public string Name => ElasticsearchSink.ReaderName;

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredEvent> StoredAsync(
        string vendor, DateTimeOffset from, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var indices = _targets.All(vendor);
        var response = await _client.PostAsync($"{indices}/_search?scroll={KeptFor}", RangeQuery(from, until), "application/json", cancellationToken);
        if (response.Status == 404) yield break;

        var scroll = default(string);
        try
        {
            for (var read = 0L; ;)
            {
                var page = PageOf(response, indices);
                scroll = page.Scroll ?? scroll;
                foreach (var stored in page.Events) yield return stored;

                read += page.Events.Count;
                if (page.Events.Count == 0)
                {
                    if (read != page.Total) throw NotWhole(indices, $"it has {page.Total} documents there and showed {read}");

                    yield break;
                }

                response = await _client.PostAsync("_search/scroll", ScrollBody(scroll), "application/json", cancellationToken);
            }
        }
        finally
        {
            // The server ends it by itself when this is not answered.
            if (scroll is not null) await _client.DeleteAsync("_search/scroll", ScrollBody(scroll, isEnd: true), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlySet<string>> FindAsync(
        string vendor, IReadOnlyList<(string Id, DateTimeOffset Time)> events, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        var indices = _targets.All(vendor);
        if (options.Mode == ElasticsearchMode.Datastream)
        {
            // A search shows what was stored before the last refresh; a credential without the right to ask for one waits for the server's own.
            await _client.PostAsync($"{indices}/_refresh", default, "application/json", cancellationToken);
        }

        // Half of an answer's documents, because one id can be in more than one index.
        foreach (var some in events.Chunk(AtOnce / 2))
        {
            if (options.Mode == ElasticsearchMode.Datastream)
            {
                var response = await _client.PostAsync($"{indices}/_search", IdsQuery(some), "application/json", cancellationToken);
                if (response.Status != 404) found.UnionWith(PageOf(response, indices).Events.Select(e => e.Id));
            }
            else
            {
                // By id in its index a document is found as soon as it is stored.
                found.UnionWith(Found(await _client.PostAsync("_mget?_source=false", Documents(vendor, some), "application/json", cancellationToken), indices));
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public bool LeavesOut(DateTimeOffset time, DateTimeOffset present) => _targets.IsExpired(time, present);

    public void Dispose() => _client.Dispose();

    private readonly record struct Page(IReadOnlyList<StoredEvent> Events, long Total, string? Scroll);

    private static Page PageOf(ServerResponse response, string indices)
    {
        if (!response.IsSuccess) throw Failed(response, indices);

        try
        {
            using var answer = JsonDocument.Parse(response.Body);
            var root = answer.RootElement;
            if (root.GetProperty("timed_out").GetBoolean() || root.GetProperty("_shards").GetProperty("failed").GetInt64() > 0)
            {
                throw NotWhole(indices, "a shard of it does not answer");
            }

            var hits = root.GetProperty("hits");
            return new Page(
                [.. hits.GetProperty("hits").EnumerateArray().Select(EventOf)],
                hits.GetProperty("total").GetProperty("value").GetInt64(),
                root.TryGetProperty("_scroll_id", out var scroll) ? scroll.GetString() : null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            throw NotWhole(indices, "its answer is not that of a search", e);
        }
    }

    private static List<string> Found(ServerResponse response, string indices)
    {
        if (!response.IsSuccess) throw Failed(response, indices);

        var found = new List<string>();
        foreach (var document in response.Node().At("docs") as JsonArray ?? throw NotWhole(indices, "its answer is not that of a look-up"))
        {
            var error = document.At("error").At("type").Text();
            if (error is not (null or "index_not_found_exception")) throw NotWhole(indices, $"it answers {error}");

            if (document.At("found")?.GetValueKind() == JsonValueKind.True && document.At("_id").Text() is { } id) found.Add(id);
        }

        return found;
    }

    private static StoredEvent EventOf(JsonElement hit)
    {
        var at = hit.TryGetProperty("fields", out var fields) && fields.TryGetProperty("@timestamp", out var times)
            ? long.Parse(times[0].GetString()!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : 0;
        return new StoredEvent(hit.GetProperty("_id").GetString()!, DateTimeOffset.FromUnixTimeMilliseconds(at));
    }

    private static SinkException Failed(ServerResponse response, string indices) => response.Status switch
    {
        401 or 403 => new SinkRefusedException(
            $"Elasticsearch does not let this credential read {indices} ({response}).",
            "Give it the index privilege read on these names, or use another credential for this command: --set Elasticsearch:ApiKeyFile=FILE."),
        _ when response.IsUntrusted => new SinkRefusedException($"Elasticsearch's certificate is not trusted ({response}).", RetryReason.UntrustedFix),
        _ when response.IsNodeDown || response.Status == 429 => new SinkUnavailableException(
            $"Elasticsearch cannot be read now ({response}).", "See that the nodes of Elasticsearch:Urls can be reached and are well; then try again."),
        _ => new SinkRefusedException($"Elasticsearch cannot be searched ({response}).", "See what the cluster reports about these indices."),
    };

    private static SinkUnavailableException NotWhole(string indices, string why, Exception? inner = null) => new(
        $"Elasticsearch did not show every document of {indices}: {why}.", "See that the cluster is well (green or yellow); then try again.", inner);

    private static ReadOnlyMemory<byte> RangeQuery(DateTimeOffset from, DateTimeOffset until) => Body(json =>
    {
        json.WriteNumber("size", AtOnce);
        json.WriteBoolean("_source", false);
        json.WriteBoolean("track_total_hits", true);
        json.WriteStartArray("sort");
        json.WriteStringValue("_doc");
        json.WriteEndArray();
        json.WriteStartObject("query");
        json.WriteStartObject("range");
        json.WriteStartObject("@timestamp");
        json.WriteNumber("gte", from.ToUnixTimeMilliseconds());
        json.WriteNumber("lt", until.ToUnixTimeMilliseconds());
        json.WriteString("format", "epoch_millis");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("docvalue_fields");
        json.WriteStartObject();
        json.WriteString("field", "@timestamp");
        json.WriteString("format", "epoch_millis");
        json.WriteEndObject();
        json.WriteEndArray();
    });

    /// <summary>Each in the index of its month, and in that of events without a usable time.</summary>
    private ReadOnlyMemory<byte> Documents(string vendor, IReadOnlyList<(string Id, DateTimeOffset Time)> events) => Body(json =>
    {
        json.WriteStartArray("docs");
        foreach (var (id, index) in events.SelectMany(e => new[] { (e.Id, _targets.Of(vendor, e.Time)), (e.Id, _targets.Of(vendor, time: null)) }))
        {
            json.WriteStartObject();
            json.WriteString("_index", index);
            json.WriteString("_id", id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static ReadOnlyMemory<byte> IdsQuery(IReadOnlyList<(string Id, DateTimeOffset Time)> events) => Body(json =>
    {
        json.WriteNumber("size", AtOnce);
        json.WriteBoolean("_source", false);
        json.WriteStartObject("query");
        json.WriteStartObject("ids");
        json.WriteStartArray("values");
        foreach (var (id, _) in events) json.WriteStringValue(id);

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static ReadOnlyMemory<byte> ScrollBody(string? id, bool isEnd = false) => Body(json =>
    {
        if (!isEnd) json.WriteString("scroll", KeptFor);

        json.WriteString("scroll_id", id);
    });

    private static ReadOnlyMemory<byte> Body(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }
}
