using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActivityConnector.Configuration;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Charts;

/// <summary>What the files of the chart that are made from others must hold.</summary>
internal static partial class ChartFiles
{
    private const string Begin = "<!-- values: made from values.yaml -->";
    private const string End = "<!-- end of values -->";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether an option names a file or a folder.</summary>
    public static bool IsPath(string option) =>
        option.EndsWith("File", StringComparison.Ordinal) || option.EndsWith("Folder", StringComparison.Ordinal);

    /// <summary>The chart's own schema, with what the product's options are in <c>config</c> and <c>files</c>.</summary>
    public static JsonObject ValuesSchema()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Chart.File("values.schema.json")))!.AsObject();
        var config = JsonNode.Parse(DeliveredFiles.Schema())!.AsObject();
        config.Remove("$schema");
        config.Remove("title");
        config["properties"]!.AsObject().Remove("$schema");
        schema["properties"]!["config"] = config;
        schema["$defs"]!["files"]!["patternProperties"] = new JsonObject
        {
            [Pattern("File")] = new JsonObject { ["$ref"] = "#/$defs/file" },
            [Pattern("Folder")] = new JsonObject { ["$ref"] = "#/$defs/folder" },
        };
        return schema;
    }

    public static string Text(JsonObject json) => json.ToJsonString(Json) + "\n";

    /// <summary>The chart's README with the table of what values.yaml says.</summary>
    public static string Readme()
    {
        var readme = File.ReadAllText(Chart.File("README.md"));
        var (begin, end) = (readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, readme.IndexOf(End, StringComparison.Ordinal));
        var rows = DocumentedValues().Select(value => $"| `{value.Key}` | {Default(value.Key)} | {value.Meaning} |");
        return readme[..begin] + "\n\n| value | default | meaning |\n|---|---|---|\n" + string.Join('\n', rows) + "\n\n" + readme[end..];
    }

    /// <summary>Each value with the comment above it, in the order of the file.</summary>
    public static IReadOnlyList<(string Key, string Meaning)> DocumentedValues()
    {
        var (found, comment, path) = (new List<(string, string)>(), new List<string>(), new Stack<(int Indent, string Name)>());
        foreach (var line in File.ReadLines(Chart.File("values.yaml")))
        {
            if (CommentLine().Match(line) is { Success: true } text)
            {
                comment.Add(text.Groups[1].Value);
            }
            else if (KeyLine().Match(line) is { Success: true } key)
            {
                var indent = key.Groups[1].Length;
                while (path.TryPeek(out var above) && above.Indent >= indent) path.Pop();

                path.Push((indent, key.Groups[2].Value));
                if (comment.Count > 0) found.Add((string.Join('.', path.Reverse().Select(part => part.Name)), string.Join(' ', comment)));

                comment.Clear();
            }
            else
            {
                comment.Clear();
            }
        }

        return found;
    }

    private static string Pattern(string end)
    {
        var keys = OptionKeys.All.Where(key => key.EndsWith(end, StringComparison.Ordinal)).Select(key => Account().Replace(key, "$1(:[0-9]+)?:"));
        return $"^({string.Join('|', keys)})$";
    }

    private static string Default(string key)
    {
        var value = key.Split('.').Aggregate((JsonNode?)Chart.Values, (at, name) => at![name]);
        return $"`{value?.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null"}`";
    }

    [GeneratedRegex("^(Sources:[A-Za-z]+):")]
    private static partial Regex Account();

    [GeneratedRegex("^ *# ?(.*)$")]
    private static partial Regex CommentLine();

    [GeneratedRegex("^( *)([A-Za-z]+):")]
    private static partial Regex KeyLine();
}
