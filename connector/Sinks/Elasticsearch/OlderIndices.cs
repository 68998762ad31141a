using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// In a data stream an id is unique only within its newest index: what was stored before a rollover would be stored once more. So events
/// that may be in an older index are looked up there first. An event that happened after the newest index was made cannot be.
/// </summary>
internal sealed class OlderIndices(ClusterClient client)
{
    /// <summary>How far a vendor's clock may be ahead of the cluster's.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>The events that are stored in an older index of their data stream; or the answer that kept it from being known.</summary>
    public async Task<(IReadOnlySet<PendingEvent> Stored, ServerResponse? Failed)> FindAsync(
        IReadOnlyList<PendingEvent> events, CancellationToken cancellationToken)
    {
        var stored = new HashSet<PendingEvent>();
        foreach (var stream in events.GroupBy(e => e.Target))
        {
            // Asked each time: an index that became the newest since would hide the one before.
            var response = await client.GetAsync($"{stream.Key}/_settings/index.creation_date?flat_settings=true&expand_wildcards=all", cancellationToken);
            if (response.Status == 404) continue;

            if (!response.IsSuccess || Generations(response) is not { } generations) return (stored, response);

            if (generations.Count < 2) continue;

            var suspects = stream.Where(e => e.Event.Time < generations[^1].Made + Skew).ToList();
            if (suspects.Count == 0) continue;

            var found = await client.PostAsync(
                "_mget?filter_path=docs._id,docs.found,docs.error", Query(suspects, generations[..^1]), "application/json", cancellationToken);
            if (!found.IsSuccess || Found(found) is not { } ids) return (stored, found);

            stored.UnionWith(suspects.Where(e => ids.Contains(e.Event.Id)));
        }

        return (stored, null);
    }

    /// <summary>The backing indices of a data stream, oldest first; they are numbered.</summary>
    internal static List<(string Name, DateTimeOffset Made)>? Generations(ServerResponse response)
    {
        if (response.Node() is not JsonObject indices) return null;

        var generations = new List<(string Name, DateTimeOffset Made)>();
        foreach (var (name, index) in indices)
        {
            if (!long.TryParse(index.At("settings", "index.creation_date").Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
                || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            {
                return null;
            }

            generations.Add((name, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)));
        }

        return [.. generations.OrderBy(g => g.Name[(g.Name.LastIndexOf('-') + 1)..], StringComparer.Ordinal)];
    }

    private static ReadOnlyMemory<byte> Query(List<PendingEvent> suspects, List<(string Name, DateTimeOffset Made)> older)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteStartArray("docs");
        foreach (var suspect in suspects)
        {
            foreach (var index in older)
            {
                json.WriteStartObject();
                json.WriteString("_index", index.Name);
                json.WriteString("_id", suspect.Event.Id);
                json.WriteBoolean("_source", false);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    private static HashSet<string>? Found(ServerResponse response)
    {
        if (response.Node().At("docs") is not JsonArray documents) return null;

        var ids = new HashSet<string>();
        foreach (var document in documents)
        {
            // An index that was deleted in the meantime has nothing; one that cannot answer may have everything.
            if (document.At("error") is { } error && error.At("type").Text() != "index_not_found_exception") return null;

            if (document.At("found")?.GetValueKind() != JsonValueKind.True) continue;
            if (document.At("_id").Text() is not { } id) return null;

            ids.Add(id);
        }

        return ids;
    }
}
