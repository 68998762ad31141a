using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Whether a new index gets the fields of this connector's template: of the templates that match a name only the one with the highest priority counts,
/// and that may be another owner's. Asks the cluster (<c>_simulate_index</c>), and changes nothing.
/// </summary>
internal sealed class WinningTemplates(ClusterClient client, IReadOnlyList<SetupStep> plan)
{
    /// <summary>Field names in a message.</summary>
    private const int MostNamed = 3;

    private readonly Dictionary<string, string> _wanted = FieldsIn(JsonNode.Parse(plan.First(s => s.Name.Contains("mappings", StringComparison.Ordinal)).Body));
    private readonly string _own = plan[^1].Name;

    /// <summary>Null when the index gets the fields, when it is there already, or when this user may not ask.</summary>
    public async Task<RetryReason?> ProblemAsync(string index, CancellationToken cancellationToken)
    {
        if (await FieldsOfAsync(index, cancellationToken) is not { } fields || Missing(fields) is not { Count: > 0 } missing) return null;

        // The answer is about a new index.
        var there = await client.GetAsync($"{index}/_settings/index.creation_date", cancellationToken);
        return there.IsSuccess ? null : new RetryReason(await CauseAsync(index, missing, cancellationToken), Fix, true) { IsOfIndex = true };
    }

    /// <summary>The same for <c>check</c>, and whether types differ.</summary>
    public async Task<CheckResult> CheckAsync(string index, CancellationToken cancellationToken)
    {
        var part = $"template of {index}";
        if (await FieldsOfAsync(index, cancellationToken) is not { } fields)
        {
            return CheckResult.NotChecked(part, "This user may not ask which template applies (manage_index_templates).");
        }

        if (Missing(fields) is { Count: > 0 } missing) return new(part, await CauseAsync(index, missing, cancellationToken), Fix);

        var others = _wanted.Where(f => fields[f.Key] != f.Value).Select(f => $"{f.Key} is {fields[f.Key]} instead of {f.Value}").ToList();
        return others.Count == 0
            ? new(part, "A new index gets the connector's fields.")
            : new(part, $"A new index gets the connector's fields, some with the types of another template: {Named(others)}.");
    }

    private string Fix =>
        $"Give that template other index patterns or a lower priority than {_own} has, or add the component templates of {_own} to it (composed_of).";

    private List<string> Missing(Dictionary<string, string> fields) => [.. _wanted.Keys.Where(name => !fields.ContainsKey(name))];

    private async Task<Dictionary<string, string>?> FieldsOfAsync(string index, CancellationToken cancellationToken)
    {
        var response = await client.PostAsync($"_index_template/_simulate_index/{index}", default, "application/json", cancellationToken);
        return response.IsSuccess ? FieldsIn(response.Node()) : null;
    }

    private async Task<string> CauseAsync(string index, List<string> missing, CancellationToken cancellationToken)
    {
        var winner = await WinnerAsync(index, cancellationToken);
        return $"{(winner is null ? "No index template" : $"Index template {winner}, and not {_own},")} applies to {index}: "
            + $"{(winner is null ? "it would have none of the connector's fields" : $"it lacks {Named(missing)}")}.";
    }

    /// <summary>The name and priority of the template that applies; null when there is none.</summary>
    private async Task<string?> WinnerAsync(string index, CancellationToken cancellationToken)
    {
        var response = await client.GetAsync("_index_template", cancellationToken);
        if (response.Node().At("index_templates") is not JsonArray templates) return "of another owner";

        return templates
            .Where(t => t.At("index_template", "index_patterns") is JsonArray patterns && patterns.Any(p => p.Text() is { } text && Matches(index, text)))
            .Select(t => (Name: t.At("name").Text(), Priority: t.At("index_template", "priority") is JsonValue v && v.TryGetValue(out long p) ? p : 0))
            .OrderByDescending(t => t.Priority)
            .Select(t => $"{t.Name} (priority {t.Priority})")
            .FirstOrDefault();
    }

    private static bool Matches(string index, string pattern) =>
        Regex.IsMatch(index, $"^{string.Join(".*", pattern.Split('*').Select(Regex.Escape))}$", RegexOptions.NonBacktracking);

    private static string Named(List<string> names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");

    /// <summary>Each field by its whole name, with its type.</summary>
    private static Dictionary<string, string> FieldsIn(JsonNode? answer)
    {
        var fields = new Dictionary<string, string>();
        Add(answer.At("template", "mappings", "properties"), "");
        return fields;

        void Add(JsonNode? properties, string path)
        {
            foreach (var (name, field) in properties as JsonObject ?? [])
            {
                if (field.At("properties") is { } inner)
                {
                    Add(inner, $"{path}{name}.");
                }
                else if (field.At("type").Text() is { } type && type != "object")
                {
                    fields[path + name] = type;
                }
            }
        }
    }
}
