using System.Text.Json;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Detections;

/// <summary>The fields of the index templates that the product installs, with their types.</summary>
internal sealed class IndexFields
{
    private static readonly Lazy<IndexFields> Read = new(() => new());

    private readonly Dictionary<string, string> _types = [];

    private IndexFields()
    {
        var folder = Path.Combine(DeliveredFiles.Root, "config", "elasticsearch");
        var mappings = JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "mappings.json")));
        Add(mappings.GetProperty("template").GetProperty("mappings").GetProperty("properties"), "");
        foreach (var source in Directory.EnumerateFiles(Path.Combine(folder, "sources")))
        {
            Add(JsonElement.Parse(File.ReadAllText(source)).GetProperty("properties"), "");
        }
    }

    public static IndexFields OfTemplates => Read.Value;

    public IReadOnlyCollection<string> Names => _types.Keys;

    /// <summary>The type of a field, for example <c>keyword</c>; null when no template has it.</summary>
    public string? TypeOf(string field) =>
        _types.TryGetValue(field, out var type) ? type : field.StartsWith("labels.", StringComparison.Ordinal) ? "keyword" : null;

    /// <summary>What is wrong with the use of fields in a query, one line each; none when all is right.</summary>
    public IReadOnlyList<string> Problems(IEnumerable<FieldUse> uses)
    {
        var problems = new List<string>();
        foreach (var use in uses)
        {
            switch (TypeOf(use.Name))
            {
                case null when !use.IsOptional:
                    problems.Add($"The field {use.Name} ({use.Kind}) is in no index template.");
                    break;
                case "text" or "match_only_text":
                    problems.Add($"The field {use.Name} ({use.Kind}) is a text field, which EQL cannot search and aggregations cannot group.");
                    break;
                case "long" when use.Literal is string:
                    problems.Add($"The field {use.Name} is a number and is compared with text.");
                    break;
                case "keyword" or "constant_keyword" or "ip" or "date" when use.Literal is not (null or string):
                    problems.Add($"The field {use.Name} is not a number and is compared with {use.Literal}.");
                    break;
            }
        }

        return problems;
    }

    private void Add(JsonElement properties, string above)
    {
        foreach (var property in properties.EnumerateObject())
        {
            if (property.Value.TryGetProperty("properties", out var below)) Add(below, above + property.Name + ".");

            if (!property.Value.TryGetProperty("type", out var type) || type.GetString() == "object") continue;

            _types[above + property.Name] = type.GetString()!;
            if (!property.Value.TryGetProperty("fields", out var others)) continue;

            foreach (var other in others.EnumerateObject()) _types[$"{above}{property.Name}.{other.Name}"] = other.Value.GetProperty("type").GetString()!;
        }
    }
}
