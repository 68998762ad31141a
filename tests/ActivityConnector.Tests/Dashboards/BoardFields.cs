using System.Text.Json;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>A field of the index template.</summary>
/// <param name="Indexed">Whether a query can name it.</param>
/// <param name="Aggregatable">Whether it can be sorted and grouped by.</param>
internal sealed record BoardField(string Type, bool Indexed, bool Aggregatable);

/// <summary>The fields of the composed index template: those of every event, and those of one source.</summary>
internal static class BoardFields
{
    public static IReadOnlyList<string> Sources { get; } = ["intercom", "sequence"];

    /// <param name="root">The folder of the repository.</param>
    public static IReadOnlyDictionary<string, BoardField> Of(string root, string source)
    {
        var folder = Path.Combine(root, "config", "elasticsearch");
        var fields = new Dictionary<string, BoardField>();
        using var common = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "mappings.json")));
        using var own = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "sources", source + ".json")));
        Add(fields, common.RootElement.GetProperty("template").GetProperty("mappings").GetProperty("properties"), "");
        Add(fields, own.RootElement.GetProperty("properties"), "");
        return fields;
    }

    /// <summary>Of both sources, and the delays that are computed.</summary>
    public static IReadOnlyDictionary<string, BoardField> Of(string root, Board board)
    {
        var fields = Sources.SelectMany(source => Of(root, source)).DistinctBy(field => field.Key).ToDictionary();
        foreach (var delay in board.Delays) fields.Add(delay.Name, new("double", Indexed: false, Aggregatable: true));

        return fields;
    }

    private static void Add(Dictionary<string, BoardField> fields, JsonElement properties, string above)
    {
        foreach (var property in properties.EnumerateObject())
        {
            var name = above + property.Name;
            if (property.Value.TryGetProperty("type", out var type) && type.GetString() is var text and not "object")
            {
                var aggregatable = Is(property.Value, "doc_values") && !text!.EndsWith("text", StringComparison.Ordinal);
                fields.Add(name, new(text!, Is(property.Value, "index"), aggregatable));
                if (property.Value.TryGetProperty("fields", out var inner)) Add(fields, inner, name + ".");
            }

            if (property.Value.TryGetProperty("properties", out var below)) Add(fields, below, name + ".");
        }
    }

    private static bool Is(JsonElement mapping, string setting) => !mapping.TryGetProperty(setting, out var value) || value.GetBoolean();
}
