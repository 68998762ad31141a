using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The ingest pipelines that the cluster's owner has given an index, tried with an event that is not stored.</summary>
internal sealed class IngestPipelines(ClusterClient client)
{
    private static readonly string[] Settings = ["index.default_pipeline", "index.final_pipeline"];

    /// <summary>The names of an index's pipelines, in words for the middle of a sentence.</summary>
    public async Task<string> NamesTextAsync(string index, CancellationToken cancellationToken) => await NamesAsync(index, cancellationToken) switch
    {
        null or [] => "a pipeline of the cluster",
        var names => $"pipeline {string.Join(" or ", names)}",
    };

    /// <summary>The pipeline and processor that fail at an event; null when none does, or this user may not try it.</summary>
    public async Task<string?> FailingAsync(string index, string id, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        foreach (var name in await NamesAsync(index, cancellationToken) ?? [])
        {
            if (await TryAsync(name, index, id, JsonNode.Parse(json.Span), cancellationToken) is { Error: not null })
            {
                return $"pipeline {name}{await ProcessorAsync(name, index, id, JsonNode.Parse(json.Span), cancellationToken)}";
            }
        }

        return null;
    }

    /// <summary>For <c>check</c>: whether the pipelines take an event as it is.</summary>
    public async Task<CheckResult> CheckAsync(string index, CancellationToken cancellationToken)
    {
        const string Id = "activity-connector-check";
        var part = $"pipelines of {index}";
        if (await NamesAsync(index, cancellationToken) is not { } names)
        {
            return CheckResult.NotChecked(part, "This user may not see them (view_index_metadata).");
        }

        foreach (var name in names)
        {
            var example = new JsonObject
            {
                ["@timestamp"] = "2026-01-01T00:00:00.000Z",
                ["event.id"] = Id,
                ["event.kind"] = "event",
                ["event.dataset"] = "example",
            };
            var tried = await TryAsync(name, index, Id, example, cancellationToken);
            if (tried is null) return CheckResult.NotChecked(part, $"This user may not try pipeline {name} (read_pipeline).");

            if (tried.Error is { } error)
            {
                return new(part, $"Pipeline {name} fails at an example: {error}.", "Correct the pipeline; events that it fails at are not stored.");
            }

            if (tried.Id != Id && !tried.IsDropped)
            {
                return new(part, $"Pipeline {name} sets _id.", "Take _id out of it: an event that is sent again would be stored twice, or not at all.");
            }

            if (tried.Index != index && !tried.IsDropped)
            {
                return new(part, $"Pipeline {name} sends events to {tried.Index}.", "See who does that; searches of the connector's indices do not find them.");
            }
        }

        return new(part, names.Count == 0 ? "There are none." : $"{string.Join(" and ", names)} take an example as it is.");
    }

    /// <summary>Those of the index, or of the template that a new one gets. Null when this user may not see them.</summary>
    private async Task<IReadOnlyList<string>?> NamesAsync(string index, CancellationToken cancellationToken)
    {
        var response = await client.GetAsync($"{index}/_settings/{string.Join(',', Settings)}?flat_settings=true", cancellationToken);
        if (response.Status == 404)
        {
            var made = await client.PostAsync($"_index_template/_simulate_index/{index}", default, "application/json", cancellationToken);
            return made.IsSuccess ? Named(Settings.Select(s => made.Node().At(["template", "settings", .. s.Split('.')]))) : null;
        }

        return response.IsSuccess && response.Node() is JsonObject indices
            ? Named(indices.SelectMany(i => Settings.Select(s => i.Value.At("settings", s))))
            : null;
    }

    private static List<string> Named(IEnumerable<JsonNode?> settings) =>
        [.. settings.Select(s => s.Text()).OfType<string>().Where(name => name is not ("" or "_none")).Distinct()];

    /// <summary>What the pipeline makes of an event; null when this user may not try it.</summary>
    private async Task<Tried?> TryAsync(string name, string index, string id, JsonNode? source, CancellationToken cancellationToken)
    {
        if (await SimulateAsync(name, "", index, id, source, cancellationToken) is not { } result) return null;

        var error = result.At("error") is JsonObject failed ? ServerError.Of(failed.Deserialize<JsonElement>()).WithoutValues() : null;
        return new(error, result.At("doc") is null && error is null, result.At("doc", "_id").Text(), result.At("doc", "_index").Text());
    }

    /// <summary>The processor that fails, with its tag; also one of a pipeline inside.</summary>
    private async Task<string> ProcessorAsync(string name, string index, string id, JsonNode? source, CancellationToken cancellationToken)
    {
        var result = await SimulateAsync(name, "?verbose=true", index, id, source, cancellationToken);
        return (result.At("processor_results") as JsonArray)?.LastOrDefault(p => p.At("status").Text() == "error") is { } failed
            ? $", processor {failed.At("processor_type").Text()}{(failed.At("tag").Text() is { } tag ? $" ({tag})" : "")}"
            : "";
    }

    private async Task<JsonNode?> SimulateAsync(
        string name, string query, string index, string id, JsonNode? source, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["docs"] = new JsonArray(new JsonObject { ["_index"] = index, ["_id"] = id, ["_source"] = source }) };
        var path = $"_ingest/pipeline/{Uri.EscapeDataString(name)}/_simulate{query}";
        var response = await client.PostAsync(path, Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json", cancellationToken);
        if (!response.IsSuccess) return null;

        // A document that is dropped is null there.
        return response.Node().At("docs") is JsonArray { Count: 1 } results ? results[0] ?? new JsonObject() : null;
    }

    /// <param name="Error">Why it fails, without values.</param>
    /// <param name="Id">The id that the document would have.</param>
    /// <param name="Index">Where it would go.</param>
    private sealed record Tried(string? Error, bool IsDropped, string? Id, string? Index);
}
