using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>
/// The saved objects of the stand-in. As in Kibana from 8.0 on, the id of an object is one for all spaces: the import of one that is in another space makes
/// a copy with an id of its own. While an import has an error that can be resolved, nothing of it is written, and the others are listed as successful.
/// </summary>
internal sealed class StandInSavedObjects(bool isOpenSearch)
{
    private static readonly string[] Types = ["index-pattern", "dashboard", "search", "visualization"];
    private static readonly string[] CheckedReferences = ["index-pattern", "search"];

    private readonly ConcurrentDictionary<(string Space, string Type, string Id), JsonObject> _objects = [];
    private int _writes;

    /// <summary>Objects that are not written, with the status and the reason.</summary>
    public Func<JsonObject, (int Status, string Message)?> Fails { get; set; } = _ => null;

    /// <summary>What an answer warns of.</summary>
    public string? Warning { get; set; }

    public int Count => _objects.Count;

    public JsonObject? Find(string type, string id, string space = "default") => _objects.GetValueOrDefault((space, type, id));

    public JsonObject? FindCopy(string type, string originId, string space) =>
        _objects.Values.FirstOrDefault(o => _objects.ContainsKey((space, type, Text(o, "id"))) && Text(o, "originId") == originId);

    /// <summary>A user saves it in the UI.</summary>
    public void Edit(string type, string id, Action<JsonObject> edit, string space = "default")
    {
        var saved = _objects[(space, type, id)];
        edit(saved["attributes"]!.AsObject());
        Stamp(saved);
    }

    /// <summary>A user puts a tag on it in the UI.</summary>
    public void Tag(string type, string id) => _objects[("default", type, id)]["references"]!.AsArray()
        .Add(new JsonObject { ["type"] = "tag", ["id"] = "t1", ["name"] = "tag-ref-t1" });

    public async Task ExportAsync(HttpContext http, string space)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        var asked = (body["objects"] as JsonArray)?.Select(o => (Type: Text(o!, "type"), Id: Text(o!, "id"))).ToList();
        var types = (body["type"] as JsonArray)?.Select(type => (string)type!).ToList();
        if (asked is null == types is null)
        {
            await KibanaStandIn.ErrorAsync(http, 400, "Bad Request", "Either `type` or `objects` are required.");
            return;
        }

        var unknown = (types ?? [.. asked!.Select(o => o.Type)]).Where(type => !HasType(type)).ToList();
        if (unknown.Count > 0)
        {
            await KibanaStandIn.ErrorAsync(http, 400, "Bad Request", $"Trying to export non-exportable type(s): {string.Join(", ", unknown)}");
            return;
        }

        var missing = asked?.Where(o => Find(o.Type, o.Id, space) is null).ToList() ?? [];
        if (missing.Count > 0)
        {
            var objects = missing.Select(o => new JsonObject
            {
                ["id"] = o.Id,
                ["type"] = o.Type,
                ["error"] = new JsonObject { ["statusCode"] = 404, ["error"] = "Not Found", ["message"] = $"Saved object [{o.Type}/{o.Id}] not found" },
            });
            var attributes = new JsonObject { ["objects"] = new JsonArray([.. objects]) };
            await KibanaStandIn.ErrorAsync(http, 400, "Bad Request", isOpenSearch ? "Bad Request" : "Error fetching objects to export", attributes);
            return;
        }

        List<JsonNode> lines = asked is not null
            ? [.. asked.Select(o => Find(o.Type, o.Id, space)!)]
            : [.. _objects.Where(o => o.Key.Space == space && types!.Contains(o.Key.Type)).Select(o => o.Value)];
        if (body["excludeExportDetails"]?.GetValue<bool>() != true)
        {
            lines.Add(new JsonObject { ["exportedCount"] = lines.Count, ["missingRefCount"] = 0, ["missingReferences"] = new JsonArray() });
        }

        await KibanaStandIn.LinesAsync(http, lines);
    }

    public async Task ImportAsync(HttpContext http, string space)
    {
        if (await KibanaStandIn.FileAsync(http) is not { } objects) return;

        var isOverwrite = http.Request.Query["overwrite"] == "true";
        var (errors, ids) = (new JsonArray(), new Dictionary<(string Type, string Id), string>());
        foreach (var saved in objects) Check(saved, objects, space, isOverwrite, ids, errors);

        var isResolvable = errors.Any(e => Text(e!["error"]!, "type") is "conflict" or "ambiguous_conflict" or "missing_references");
        var results = new JsonArray();
        foreach (var saved in objects.Where(o => !errors.Any(e => IsOf(e!, o))).ToList())
        {
            if (!isResolvable && Fails(saved) is var (status, message))
            {
                errors.Add(Error(saved, new JsonObject { ["type"] = "unknown", ["statusCode"] = status, ["error"] = "Error", ["message"] = message }));
                continue;
            }

            var (type, id) = (Text(saved, "type"), Text(saved, "id"));
            var result = new JsonObject { ["type"] = type, ["id"] = id, ["meta"] = Meta(saved) };
            if (ids.TryGetValue((type, id), out var other)) result["destinationId"] = other;

            results.Add(result);
            if (!isResolvable) Write(saved, space, ids);
        }

        var answer = new JsonObject { ["successCount"] = results.Count, ["success"] = errors.Count == 0, ["warnings"] = new JsonArray() };
        if (Warning is not null) answer["warnings"]!.AsArray().Add(new JsonObject { ["type"] = "simple", ["message"] = Warning });

        if (results.Count > 0) answer["successResults"] = results;

        if (errors.Count > 0) answer["errors"] = errors;

        await KibanaStandIn.JsonAsync(http, 200, answer);
    }

    private static JsonObject Meta(JsonObject saved) => new() { ["title"] = saved["attributes"]?["title"]?.DeepClone(), ["icon"] = "dashboardApp" };

    private static JsonObject Error(JsonObject saved, JsonObject error) => new()
    {
        ["type"] = Text(saved, "type"),
        ["id"] = Text(saved, "id"),
        ["title"] = saved["attributes"]?["title"]?.DeepClone(),
        ["meta"] = Meta(saved),
        ["error"] = error,
    };

    private static bool IsOf(JsonNode error, JsonObject saved) => Text(error, "type") == Text(saved, "type") && Text(error, "id") == Text(saved, "id");

    private static string Text(JsonNode node, string name) => node[name]?.ToString() ?? "";

    private bool HasType(string type) => Types.Contains(type) || (type == "lens" && !isOpenSearch);

    private void Check(
        JsonObject saved, IReadOnlyList<JsonObject> objects, string space, bool isOverwrite, Dictionary<(string Type, string Id), string> ids, JsonArray errors)
    {
        var (type, id) = (Text(saved, "type"), Text(saved, "id"));
        if (!HasType(type))
        {
            errors.Add(Error(saved, new JsonObject { ["type"] = "unsupported_type" }));
            return;
        }

        var missing = (saved["references"] as JsonArray ?? [])
            .Where(r => CheckedReferences.Contains(Text(r!, "type")))
            .Where(r => !objects.Any(o => IsOf(r!, o)) && Find(Text(r!, "type"), Text(r!, "id"), space) is null)
            .Select(r => new JsonObject { ["type"] = Text(r!, "type"), ["id"] = Text(r!, "id") })
            .ToArray();
        if (missing.Length > 0) errors.Add(Error(saved, new JsonObject { ["type"] = "missing_references", ["references"] = new JsonArray([.. missing]) }));

        if (Find(type, id, space) is not null)
        {
            if (!isOverwrite) errors.Add(Error(saved, new JsonObject { ["type"] = "conflict" }));
        }
        else if (!isOpenSearch && FindCopy(type, id, space) is { } copy)
        {
            ids[(type, id)] = Text(copy, "id");
            if (!isOverwrite) errors.Add(Error(saved, new JsonObject { ["type"] = "conflict", ["destinationId"] = Text(copy, "id") }));
        }
        else if (!isOpenSearch && _objects.Keys.Any(o => o.Type == type && o.Id == id))
        {
            ids[(type, id)] = Guid.NewGuid().ToString();
        }
    }

    private void Write(JsonObject sent, string space, Dictionary<(string Type, string Id), string> ids)
    {
        var saved = sent.DeepClone().AsObject();
        var (type, id) = (Text(saved, "type"), Text(saved, "id"));
        foreach (var reference in (saved["references"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (ids.TryGetValue((Text(reference, "type"), Text(reference, "id")), out var other)) reference["id"] = other;
        }

        if (ids.TryGetValue((type, id), out var own))
        {
            saved["originId"] = id;
            saved["id"] = own;
        }

        AddDefaults(saved);
        Stamp(saved);
        _objects[(space, type, Text(saved, "id"))] = saved;
    }

    /// <summary>What a newer server makes of an object: attributes of its own, texts of JSON written anew, references in another order.</summary>
    private static void AddDefaults(JsonObject saved)
    {
        var attributes = saved["attributes"]!.AsObject();
        foreach (var (name, value) in attributes.ToList())
        {
            if (value?.GetValueKind() == JsonValueKind.String && value.ToString() is ['{' or '[', ..] text)
            {
                var rewritten = JsonNode.Parse(text)!;
                if (rewritten is JsonArray panels)
                {
                    foreach (var panel in panels.OfType<JsonObject>()) panel["version"] = "9.0.0";
                }

                attributes[name] = rewritten.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
            }
        }

        attributes.TryAdd("description", "");
        if (Text(saved, "type") == "index-pattern")
        {
            attributes.TryAdd("fieldAttrs", "{}");
            attributes.TryAdd("runtimeFieldMap", "{}");
            attributes.TryAdd("allowNoIndex", true);
        }

        saved["references"] = new JsonArray([.. (saved["references"] as JsonArray ?? []).Reverse().Select(r => r!.DeepClone())]);
        saved["typeMigrationVersion"] = "10.1.0";
        saved["managed"] = false;
    }

    private void Stamp(JsonObject saved)
    {
        var at = DateTimeOffset.UnixEpoch.AddSeconds(++_writes).ToString("O", CultureInfo.InvariantCulture);
        saved.TryAdd("created_at", at);
        saved["updated_at"] = at;
        saved["version"] = $"Wz{_writes}";
    }
}
