using System.Text.Json.Nodes;
using ActivityConnector.Sinks.Elasticsearch;

namespace ActivityConnector.Dashboards;

/// <summary>The detection rules of Kibana's Security solution.</summary>
/// <param name="enable">Whether rules that are not there yet begin to run at once.</param>
internal sealed class DetectionRuleApi(DashboardsClient client, bool enable) : IObjectApi
{
    private const string Rights = "Give its role the Kibana privilege Security: All, or in newer versions Security > Rules: All, in this space.";

    /// <summary>What the server makes for each rule, and does not want back.</summary>
    private static readonly string[] OfServer =
        ["id", "revision", "immutable", "rule_source", "outcome", "created_at", "created_by", "updated_at", "updated_by", "execution_summary"];

    public async Task<FoundObjects> FindAsync(IReadOnlyList<DeliveredObject> objects, CancellationToken cancellationToken)
    {
        var said = await client.PostAsync(
            "api/detection_engine/rules/_export",
            new JsonObject { ["objects"] = new JsonArray([.. objects.Select(o => new JsonObject { ["rule_id"] = o.Id })]) },
            cancellationToken);
        if (said.Status == 404)
        {
            return new(new Dictionary<string, FoundObject>())
            {
                Unsupported = "This Kibana has no detection rules: its Security solution is off, or hidden in this space.",
            };
        }

        if (Problem(said) is { } problem) return FoundObjects.Failed(problem);

        // The other lines are lists of exceptions, connectors and the count.
        var rules = client.LinesOf(said).Where(line => line.Text("rule_id") is not null && line.ContainsKey("type"));
        var there = rules.GroupBy(rule => rule.Text("rule_id")!).ToDictionary(same => same.Key, same => same.First());
        return new(objects.Where(o => there.ContainsKey(o.Id)).ToDictionary(
            o => o.Key, o => new FoundObject(o.Id, there[o.Id], ObjectContent.OfRule(there[o.Id]))));
    }

    public JsonObject LineOf(DeliveredObject delivered, FoundObjects found)
    {
        var line = delivered.Line.DeepClone().AsObject();
        if (!found.Objects.TryGetValue(delivered.Key, out var there))
        {
            line["enabled"] = enable;
            return line;
        }

        // A rule of another type has other fields: of those that are not delivered only the user's stay.
        var isOfType = there.Line.Text("type") == line.Text("type");
        foreach (var (name, value) in there.Line)
        {
            var isUsers = ObjectContent.NotContentOfRule.Contains(name) && name is not ("version" or "rule_id");
            if (OfServer.Contains(name) || !(isUsers || isOfType)) continue;

            if (isUsers || !line.ContainsKey(name)) line[name] = value?.DeepClone();
        }

        return line;
    }

    public async Task<ImportAnswer> ImportAsync(
        IReadOnlyList<(DeliveredObject Delivered, JsonObject Line)> objects, bool overwrite, CancellationToken cancellationToken)
    {
        var said = await client.PostFileAsync(
            $"api/detection_engine/rules/_import{(overwrite ? "?overwrite=true" : "")}", objects.Select(o => o.Line), cancellationToken);
        if (Problem(said) is { } problem) return ImportAnswer.Failed(objects.Select(o => o.Delivered), problem);

        var answer = client.ObjectOf(said);
        string[] lists = ["errors", "exceptions_errors", "action_connectors_errors"];
        var errors = lists.SelectMany(list => answer.Objects(list)).ToList();
        var known = objects.Select(o => o.Delivered.Id).ToHashSet();
        var problems = errors.Where(error => known.Contains(error.Text("rule_id") ?? ""))
            .GroupBy(error => error.Text("rule_id")!)
            .ToDictionary(same => $"{DeliveredObject.RuleType}/{same.Key}", same => string.Join(" ", same.Select(Reason)));
        var others = errors.Where(error => !known.Contains(error.Text("rule_id") ?? "")).Select(Reason).ToList();
        if (answer.Text("success_count") != $"{objects.Count - problems.Count}")
        {
            // Not each of the others was imported, and it is not said which: the next run sees it.
            var count = answer.Text("success_count") ?? "an unknown number";
            var unnamed = $"Kibana imported {count} of {objects.Count} rules. {string.Join(" ", others)}".TrimEnd();
            foreach (var (delivered, _) in objects) problems.TryAdd(delivered.Key, unnamed);
        }

        var warnings = answer.Objects("action_connectors_warnings").Select(warning => warning.Text("message")).OfType<string>();
        return new(problems, new Dictionary<string, string>(), [.. warnings, .. others]);
    }

    private static string? Problem(ServerResponse said) => said.Status switch
    {
        403 => $"{DashboardsClient.Said(said)}: this user may not. {Rights}",
        500 when DashboardsClient.Said(said).Contains("encryption", StringComparison.OrdinalIgnoreCase) =>
            $"{DashboardsClient.Said(said)}. Set xpack.encryptedSavedObjects.encryptionKey in kibana.yml.",
        400 or 404 or 409 or 413 or 422 => $"{DashboardsClient.Said(said)}.",
        _ => null,
    };

    private static string Reason(JsonObject error)
    {
        var said = $"{error["error"].Text("status_code")} {error["error"].Text("message") ?? "no reason given"}".Trim();
        return error["error"].Text("status_code") switch
        {
            "409" => $"{said}. Run the command again.",
            "403" => $"{said}. {Rights}",
            _ => $"{said.TrimEnd('.')}.",
        };
    }
}
