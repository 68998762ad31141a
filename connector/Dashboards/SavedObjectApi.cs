using System.Text.Json.Nodes;
using ActivityConnector.Sinks.Elasticsearch;

namespace ActivityConnector.Dashboards;

/// <summary>Saved objects: looked up by an export, written by an import.</summary>
/// <remarks>
/// Where an object with the id is in another space, Kibana stores a copy with a new id, which has the delivered one as <c>originId</c>. Such a copy counts
/// as the object.
/// </remarks>
internal sealed class SavedObjectApi(DashboardsClient client, DashboardsProduct product) : IObjectApi
{
    private const string Export = "api/saved_objects/_export";

    /// <summary>While an import has one of these errors, nothing of it is written, although the others are listed as successful.</summary>
    private static readonly string[] Resolvable = ["conflict", "ambiguous_conflict", "missing_references"];

    public async Task<FoundObjects> FindAsync(IReadOnlyList<DeliveredObject> objects, CancellationToken cancellationToken)
    {
        var lines = new List<JsonObject>();
        var asked = objects.ToList();
        while (asked.Count > 0)
        {
            var said = await client.PostAsync(
                Export,
                new JsonObject
                {
                    ["objects"] = new JsonArray([.. asked.Select(o => new JsonObject { ["type"] = o.Type, ["id"] = o.Id })]),
                    ["excludeExportDetails"] = true,
                },
                cancellationToken);
            if (said.Status != 400 || Missing(said) is not { Count: > 0 } missing)
            {
                if (Problem(said) is { } problem) return FoundObjects.Failed(problem);

                lines.AddRange(client.LinesOf(said));
                break;
            }

            // One that is missing is an error of the whole: the others are asked for without it.
            if (asked.RemoveAll(o => missing.Contains(o.Key)) == 0) return FoundObjects.Failed(DashboardsClient.Said(said));
        }

        var found = lines.Where(line => line.Text("type") is not null && line.Text("id") is not null)
            .GroupBy(line => $"{line.Text("type")}/{line.Text("id")}").ToDictionary(same => same.Key, same => same.First());
        foreach (var (key, copy) in await CopiesAsync([.. objects.Where(o => !found.ContainsKey(o.Key))], cancellationToken)) found.TryAdd(key, copy);

        var delivered = objects.Where(o => found.ContainsKey(o.Key)).ToDictionary(o => $"{o.Type}/{found[o.Key].Text("id")}", o => o.Id);
        return new(objects.Where(o => found.ContainsKey(o.Key)).ToDictionary(
            o => o.Key,
            o => new FoundObject(found[o.Key].Text("id")!, found[o.Key], ObjectContent.OfSavedObject(Renamed(found[o.Key], delivered)))));
    }

    public JsonObject LineOf(DeliveredObject delivered, FoundObjects found)
    {
        var ids = found.Objects.ToDictionary(o => o.Key, o => o.Value.Id);
        var line = Renamed(delivered.Line, ids);
        if (!found.Objects.TryGetValue(delivered.Key, out var there)) return line;

        if (there.Id != delivered.Id) (line["id"], line["originId"]) = (there.Id, delivered.Id);

        var attributes = line["attributes"]!.AsObject();
        foreach (var (name, value) in there.Line["attributes"] as JsonObject ?? []) attributes.TryAdd(name, value?.DeepClone());

        var references = line["references"] as JsonArray ?? [];
        foreach (var tag in (there.Line["references"] as JsonArray ?? []).Where(ObjectContent.IsTag)) references.Add(tag!.DeepClone());

        line["references"] = references.Parent is null ? references : references.DeepClone();
        return line;
    }

    public async Task<ImportAnswer> ImportAsync(
        IReadOnlyList<(DeliveredObject Delivered, JsonObject Line)> objects, bool overwrite, CancellationToken cancellationToken)
    {
        var (problems, notes, warnings) = (new Dictionary<string, string>(), new Dictionary<string, string>(), new List<string>());
        var pending = objects.ToList();
        while (pending.Count > 0)
        {
            var said = await client.PostFileAsync(
                $"api/saved_objects/_import{(overwrite ? "?overwrite=true" : "")}", pending.Select(o => o.Line), cancellationToken);
            if (Problem(said) is { } problem)
            {
                foreach (var (delivered, _) in pending) problems[delivered.Key] = problem;

                break;
            }

            var answer = client.ObjectOf(said);
            warnings.AddRange(answer.Objects("warnings").Select(warning => warning.Text("message")).OfType<string>());
            var errors = answer.Objects("errors").ToLookup(error => $"{error.Text("type")}/{error.Text("id")}", error => error["error"]);
            var failed = pending.Where(o => errors.Contains(KeyOf(o.Line))).ToList();
            if (answer.Text("success") != "true" && failed.Count == 0)
            {
                throw new DashboardsException(
                    $"{product.Name} says that the import was not successful, and not of which object.", "Look into its log, and run the command again.");
            }

            foreach (var (delivered, line) in failed) problems[delivered.Key] = string.Join(" ", errors[KeyOf(line)].Select(Reason));

            pending.RemoveAll(failed.Contains);
            var isWritten = !errors.SelectMany(same => same).Any(error => Resolvable.Contains(error.Text("type")));
            if (!isWritten) continue;

            foreach (var (delivered, line) in pending)
            {
                var success = answer.Objects("successResults").FirstOrDefault(result => $"{result.Text("type")}/{result.Text("id")}" == KeyOf(line));
                if (success.Text("destinationId") is { } copy) notes[delivered.Key] = $"It has the id {copy}: another space has an object with its own.";
            }

            break;
        }

        return new(problems, notes, warnings);
    }

    private static string KeyOf(JsonObject line) => $"{line.Text("type")}/{line.Text("id")}";

    /// <summary>The keys of the objects that the server does not have; null where the error is another.</summary>
    private static HashSet<string>? Missing(ServerResponse said)
    {
        var errors = (said.Node() as JsonObject)?["attributes"].Objects("objects").ToList() ?? [];
        return errors.TrueForAll(o => o["error"].Text("statusCode") == "404") ? [.. errors.Select(KeyOf)] : null;
    }

    /// <summary>The references with other ids, by the keys of what they refer to.</summary>
    private static JsonObject Renamed(JsonObject line, Dictionary<string, string> ids)
    {
        var renamed = line.DeepClone().AsObject();
        foreach (var reference in renamed.Objects("references"))
        {
            if (ids.TryGetValue($"{reference.Text("type")}/{reference.Text("id")}", out var id)) reference["id"] = id;
        }

        return renamed;
    }

    private async Task<IEnumerable<(string Key, JsonObject Copy)>> CopiesAsync(IReadOnlyList<DeliveredObject> missing, CancellationToken cancellationToken)
    {
        if (missing.Count == 0) return [];

        var said = await client.PostAsync(
            Export,
            new JsonObject
            {
                ["type"] = new JsonArray([.. missing.Select(o => o.Type).Distinct().Select(type => JsonValue.Create(type))]),
                ["excludeExportDetails"] = true,
            },
            cancellationToken);

        // Where there are more objects than an export may have, the import itself finds a copy, and says so.
        if (said.Status == 400) return [];

        return client.LinesOf(said)
            .Where(line => line.Text("originId") is not null && line.Text("id") is not null)
            .Select(line => ($"{line.Text("type")}/{line.Text("originId")}", line))
            .Where(copy => missing.Any(o => o.Key == copy.Item1));
    }

    private string? Problem(ServerResponse said) => said.Status switch
    {
        403 => $"{DashboardsClient.Said(said)}: this user may not. {product.Rights}",
        400 or 409 or 413 or 422 => $"{DashboardsClient.Said(said)}.",
        _ => null,
    };

    private string Reason(JsonNode? error) => error.Text("type") switch
    {
        "conflict" when error.Text("destinationId") is { } other =>
            $"409 conflict: the object {other} here is a copy of it. Run the command again.",
        "conflict" => "409 conflict: an object with its id is there by now. Run the command again.",
        "ambiguous_conflict" =>
            $"409 conflict: several objects are copies of it: {string.Join(", ", error.Objects("destinations").Select(o => o.Text("id")))}."
            + " Delete all but one.",
        "missing_references" => "It refers to what is not there: "
            + $"{string.Join(", ", error.Objects("references").Select(r => $"{r.Text("type")} {r.Text("id")}"))}. Import these first: run the command again.",
        "unsupported_type" => $"This {product.Name} has no such type of object. Use a version that has it.",
        _ => $"{error.Text("statusCode")} {error.Text("message") ?? error.Text("type") ?? "no reason given"}.".TrimStart(),
    };
}
