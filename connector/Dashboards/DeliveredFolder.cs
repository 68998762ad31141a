using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Dashboards;

/// <summary>The objects in the files of a folder, in the order in which they are imported.</summary>
internal static class DeliveredFolder
{
    private const string RulesFile = "detection-rules.ndjson";

    /// <exception cref="DashboardsException">The folder has no objects, or a line that is none.</exception>
    public static IReadOnlyList<DeliveredObject> Read(string folder, IndexNames names)
    {
        List<DeliveredObject> objects = [.. Files(folder).SelectMany(file => Objects(file, names))];
        return objects.Count > 0
            ? objects
            : throw new DashboardsException(
                $"The folder {folder} has no objects to import.", "Copy the folder of this name from config of this version there.");
    }

    private static IOrderedEnumerable<string> Files(string folder) =>
        (Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.ndjson") : []).Order(StringComparer.Ordinal);

    private static IEnumerable<DeliveredObject> Objects(string file, IndexNames names)
    {
        var isRules = Path.GetFileName(file) == RulesFile;
        foreach (var (text, i) in File.ReadLines(file).Select((text, i) => (text, i)).Where(line => !string.IsNullOrWhiteSpace(line.text)))
        {
            var line = Parse(names.Configured(text));
            var (type, id) = isRules ? (DeliveredObject.RuleType, Text(line, "rule_id")) : (Text(line, "type"), Text(line, "id"));

            // The last line of an export counts what it holds.
            if (line?.ContainsKey("exportedCount") == true) continue;

            if (line is null || type is null || id is null || (!isRules && line["attributes"] is not JsonObject))
            {
                throw new DashboardsException($"Line {i + 1} of {file} is no object to import.", "Take the file of this version again.");
            }

            yield return new(type, id, line);
        }
    }

    private static string? Text(JsonObject? line, string name) => line?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
