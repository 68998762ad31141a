using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>The detection rules of the stand-in: the schema of each type, the defaults that Kibana adds, and the count of revisions.</summary>
internal sealed class StandInRules
{
    private static readonly Dictionary<string, string[]> Required = new()
    {
        ["query"] = [],
        ["eql"] = ["query", "language"],
        ["esql"] = ["query", "language"],
        ["threshold"] = ["query", "threshold"],
        ["new_terms"] = ["query", "new_terms_fields", "history_window_start"],
        ["threat_match"] = ["query", "threat_query", "threat_mapping", "threat_index"],
        ["machine_learning"] = ["anomaly_threshold", "machine_learning_job_id"],
    };

    private static readonly JsonObject Defaults = JsonNode.Parse("""
        {"actions":[],"author":[],"enabled":true,"exceptions_list":[],"false_positives":[],"from":"now-6m","immutable":false,"interval":"5m",
         "max_signals":100,"output_index":"","references":[],"related_integrations":[],"required_fields":[],"risk_score_mapping":[],
         "rule_source":{"type":"internal"},"setup":"","severity_mapping":[],"tags":[],"threat":[],"to":"now","version":1}
        """)!.AsObject();

    private readonly ConcurrentDictionary<(string Space, string Id), JsonObject> _rules = [];

    /// <summary>Rules that are not written, with the status and the reason.</summary>
    public Func<JsonObject, (int Status, string Message)?> Fails { get; set; } = _ => null;

    public string? Warning { get; set; }

    public int Count => _rules.Count;

    public JsonObject? Find(string id, string space = "default") => _rules.GetValueOrDefault((space, id));

    /// <summary>A user saves it in the UI.</summary>
    public void Edit(string id, Action<JsonObject> edit)
    {
        var rule = _rules[("default", id)];
        edit(rule);
        rule["revision"] = rule["revision"]!.GetValue<int>() + 1;
        rule["version"] = rule["version"]!.GetValue<int>() + 1;
        rule["updated_by"] = "a user";
    }

    public async Task ExportAsync(HttpContext http, string space)
    {
        var body = await JsonNode.ParseAsync(http.Request.Body);
        var asked = body!["objects"]!.AsArray().Select(o => (string)o!["rule_id"]!).ToList();
        var found = asked.Select(id => Find(id, space)).OfType<JsonObject>().ToList();
        var missing = asked.Where(id => Find(id, space) is null).Select(id => new JsonObject { ["rule_id"] = id }).ToArray();
        await KibanaStandIn.LinesAsync(http, found.Append(new JsonObject
        {
            ["exported_count"] = found.Count,
            ["exported_rules_count"] = found.Count,
            ["missing_rules_count"] = missing.Length,
            ["missing_rules"] = new JsonArray([.. missing]),
            ["exported_exception_list_count"] = 0,
        }));
    }

    public async Task ImportAsync(HttpContext http, string space)
    {
        if (await KibanaStandIn.FileAsync(http) is not { } rules) return;

        var isOverwrite = http.Request.Query["overwrite"] == "true";
        var (errors, successes) = (new JsonArray(), 0);
        foreach (var sent in rules)
        {
            var id = sent["rule_id"]?.ToString() ?? "(unknown id)";
            if (Problem(sent, Find(id, space), isOverwrite) is var (status, message))
            {
                errors.Add(new JsonObject { ["rule_id"] = id, ["error"] = new JsonObject { ["status_code"] = status, ["message"] = message } });
                continue;
            }

            successes++;
            _rules[(space, id)] = Stored(sent, Find(id, space));
        }

        var warnings = new JsonArray();
        if (Warning is not null) warnings.Add(new JsonObject { ["type"] = "warning", ["message"] = Warning, ["actionPath"] = "" });

        await KibanaStandIn.JsonAsync(http, 200, new JsonObject
        {
            ["success"] = errors.Count == 0,
            ["success_count"] = successes,
            ["rules_count"] = rules.Count,
            ["errors"] = errors,
            ["exceptions_success"] = true,
            ["exceptions_success_count"] = 0,
            ["exceptions_errors"] = new JsonArray(),
            ["action_connectors_success"] = true,
            ["action_connectors_success_count"] = 0,
            ["action_connectors_errors"] = new JsonArray(),
            ["action_connectors_warnings"] = warnings,
        });
    }

    private (int Status, string Message)? Problem(JsonObject sent, JsonObject? there, bool isOverwrite)
    {
        if (Fails(sent) is { } failure) return failure;

        var type = sent["type"]?.ToString() ?? "";
        if (!Required.TryGetValue(type, out var ofType)) return (400, "type: Invalid discriminator value");

        string[] ofAll = ["rule_id", "name", "description", "risk_score", "severity"];
        if (ofAll.Concat(ofType).FirstOrDefault(name => sent[name] is null) is { } missing) return (400, $"{missing}: Required");

        var score = sent["risk_score"]!;
        if (score.GetValueKind() != JsonValueKind.Number || score.GetValue<int>() is < 0 or > 100) return (400, "risk_score: Invalid");

        if (sent["severity"]!.ToString() is not ("low" or "medium" or "high" or "critical")) return (400, "severity: Invalid enum value");

        if (type is "eql" or "esql" && sent["language"]!.ToString() != type) return (400, "language: Invalid literal value");

        if (sent["immutable"]?.GetValue<bool>() == true) return (400, "Importing prebuilt rules is not supported");

        if (sent["alert_suppression"] is { } suppression)
        {
            if (suppression["duration"] is { } duration && (duration["unit"]?.ToString() is not ("s" or "m" or "h") || duration["value"]!.GetValue<int>() < 1))
            {
                return (400, "alert_suppression.duration: Invalid");
            }

            if (type != "threshold" && suppression["group_by"] is not JsonArray { Count: >= 1 and <= 3 }) return (400, "alert_suppression.group_by: Invalid");
        }

        if (sent["new_terms_fields"] is JsonArray { Count: 0 or > 3 }) return (400, "new_terms_fields: Invalid");

        return there is not null && !isOverwrite ? (409, $"rule_id: \"{sent["rule_id"]}\" already exists") : null;
    }

    private static JsonObject Stored(JsonObject sent, JsonObject? there)
    {
        var rule = sent.DeepClone().AsObject();
        foreach (var (name, value) in Defaults) rule.TryAdd(name, value?.DeepClone());

        foreach (var threat in rule["threat"]!.AsArray().OfType<JsonObject>())
        {
            foreach (var technique in (threat["technique"] as JsonArray ?? []).OfType<JsonObject>()) technique.TryAdd("subtechnique", new JsonArray());
        }

        if (rule["alert_suppression"] is JsonObject suppression) suppression.TryAdd("missing_fields_strategy", "suppress");

        if (rule["threshold"] is JsonObject threshold) threshold.TryAdd("cardinality", new JsonArray());

        rule["id"] = there?["id"]?.DeepClone() ?? Guid.NewGuid().ToString();
        rule["revision"] = there is null ? 0 : there["revision"]!.GetValue<int>() + 1;
        rule["created_at"] = there?["created_at"]?.DeepClone() ?? "2026-11-01T00:00:00.000Z";
        rule["updated_at"] = "2026-11-02T00:00:00.000Z";
        rule["created_by"] = "elastic";
        rule["updated_by"] = "elastic";
        return rule;
    }
}
