using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace ActivityConnector.Tests.Simulation;

/// <summary>A vendor's OpenAPI file, and whether an answer keeps to it: the part of OpenAPI that the two files use, read strictly.</summary>
internal sealed class VendorContract
{
    private readonly YamlMappingNode _root;

    private VendorContract(YamlMappingNode root) => _root = root;

    public static VendorContract Intercom { get; } = Load("intercom-activity-logs.strict.openapi.yaml");

    public static VendorContract Sequence { get; } = Load("sequence-activity-logs.strict.openapi.yaml");

    public YamlMappingNode Schema(string name) => (YamlMappingNode)_root["components"]["schemas"][name];

    public IReadOnlyList<string> EnumOf(YamlNode schema) => [.. ((YamlSequenceNode)schema["enum"]).Select(v => ((YamlScalarNode)v).Value!)];

    /// <summary>Every way in which the JSON breaks the named schema, each with its path.</summary>
    public List<string> Violations(JsonElement json, string schema)
    {
        var violations = new List<string>();
        Check(json, Schema(schema), "$", violations);
        return violations;
    }

    private static VendorContract Load(string file)
    {
        using var reader = File.OpenText(Path.Combine(AppContext.BaseDirectory, "Simulation", "contracts", file));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return new VendorContract((YamlMappingNode)yaml.Documents[0].RootNode);
    }

    private void Check(JsonElement json, YamlMappingNode schema, string path, List<string> violations)
    {
        schema = Resolve(schema);
        if (json.ValueKind == JsonValueKind.Null)
        {
            // `next: null` is the contract's own example, though its schema forgets to allow it.
            if (Text(schema, "nullable") != "true"
                && schema.Children.ContainsKey("type") | (schema.Children.ContainsKey("oneOf") && !path.EndsWith(".next", StringComparison.Ordinal)))
                violations.Add($"{path} is null");
            return;
        }

        if (schema.Children.TryGetValue("oneOf", out var choices))
        {
            var fitting = ((YamlSequenceNode)choices).Cast<YamlMappingNode>().Count(choice => Fits(json, choice, path));
            if (fitting != 1)
                violations.Add($"{path} fits {fitting} of the choices");
            return;
        }

        CheckType(json, schema, path, violations);
        if (json.ValueKind == JsonValueKind.String && schema.Children.ContainsKey("enum") && !EnumOf(schema).Contains(json.GetString()!))
            violations.Add($"{path} is '{json.GetString()}', which is not listed");
        if (json.ValueKind == JsonValueKind.Object)
            CheckObject(json, schema, path, violations);
        if (json.ValueKind == JsonValueKind.Array && schema.Children.TryGetValue("items", out var items))
        {
            var i = 0;
            foreach (var element in json.EnumerateArray())
                Check(element, (YamlMappingNode)items, $"{path}[{i++}]", violations);
        }
    }

    private bool Fits(JsonElement json, YamlMappingNode schema, string path)
    {
        var violations = new List<string>();
        Check(json, schema, path, violations);
        return violations.Count == 0;
    }

    private static void CheckType(JsonElement json, YamlMappingNode schema, string path, List<string> violations)
    {
        var (type, format) = (Text(schema, "type"), Text(schema, "format"));
        var right = (type, format) switch
        {
            (null, _) => true,
            ("string", "date-time") => IsDateTime(json),
            ("string", "uri") => json.ValueKind == JsonValueKind.String && Uri.TryCreate(json.GetString(), UriKind.Absolute, out _),
            ("string", "uuid") => json.ValueKind == JsonValueKind.String && Guid.TryParseExact(json.GetString(), "D", out _),
            ("string", _) => json.ValueKind == JsonValueKind.String,
            ("integer", _) => json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out _) && !json.GetRawText().Contains('.', StringComparison.Ordinal),
            ("boolean", _) => json.ValueKind is JsonValueKind.True or JsonValueKind.False,
            ("array", _) => json.ValueKind == JsonValueKind.Array,
            ("object", _) => json.ValueKind == JsonValueKind.Object,
            _ => throw new NotSupportedException($"The contract has the type {type} ({format}), which the validator does not know."),
        };
        if (!right)
            violations.Add($"{path} is not a {type} {format}: {json.GetRawText()}");
    }

    private void CheckObject(JsonElement json, YamlMappingNode schema, string path, List<string> violations)
    {
        if (schema.Children.TryGetValue("required", out var required))
        {
            foreach (var name in ((YamlSequenceNode)required).Select(n => ((YamlScalarNode)n).Value!).Where(name => !json.TryGetProperty(name, out _)))
                violations.Add($"{path}.{name} is missing");
        }

        if (!schema.Children.TryGetValue("properties", out var properties))
        {
            if (schema.Children.TryGetValue("additionalProperties", out var any))
            {
                foreach (var property in json.EnumerateObject())
                    Check(property.Value, (YamlMappingNode)any, $"{path}.{property.Name}", violations);
            }

            return;
        }

        // Intercom's examples have metadata that the schema does not list, and so have its free-form parts; nothing else may.
        var open = path.Contains(".metadata", StringComparison.Ordinal);
        var names = new HashSet<string>();
        foreach (var property in json.EnumerateObject())
        {
            if (!names.Add(property.Name))
                violations.Add($"{path}.{property.Name} is there twice");
            if (((YamlMappingNode)properties).Children.TryGetValue(property.Name, out var inner))
                Check(property.Value, (YamlMappingNode)inner, $"{path}.{property.Name}", violations);
            else if (!open)
                violations.Add($"{path}.{property.Name} is not in the contract");
        }
    }

    private YamlMappingNode Resolve(YamlMappingNode schema) =>
        schema.Children.TryGetValue("$ref", out var reference) ? Schema(((YamlScalarNode)reference).Value!.Split('/')[^1]) : schema;

    private static string? Text(YamlMappingNode schema, string name) =>
        schema.Children.TryGetValue(name, out var value) ? ((YamlScalarNode)value).Value : null;

    // RFC 3339, by its grammar and as a real time.
    private static bool IsDateTime(JsonElement json) =>
        json.ValueKind == JsonValueKind.String
        && Regex.IsMatch(json.GetString()!, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$")
        && DateTimeOffset.TryParse(json.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
