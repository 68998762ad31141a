using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActivityConnector.Configuration;

/// <summary>
/// The values of a configuration file, each with its line. The file is JSON in which comments and commas before a closing bracket are allowed.
/// </summary>
internal sealed partial class ConfigurationFile
{
    private const string Fix = "Fix the file; config/connector.schema.json shows an editor what it may hold, and config new prints one to start from.";
    private const int MostOfExcerpt = 60;

    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>What an excerpt may show: every other word may be a part of a secret.</summary>
    private static readonly HashSet<string> Shown = [.. OptionKeys.All.SelectMany(key => key.Split(':')), "true", "false", "null"];

    private readonly string _path;
    private readonly byte[] _json;
    private readonly ICollection<ConfigurationProblem> _problems;
    private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<LayerValue> _values = [];
    private int _line = 1;
    private int _counted;

    private ConfigurationFile(string path, byte[] json, ICollection<ConfigurationProblem> problems) => (_path, _json, _problems) = (path, json, problems);

    /// <summary>Reads the file; what is wrong with it is added to the problems.</summary>
    /// <returns>Null when the file as a whole cannot be read.</returns>
    public static IReadOnlyList<LayerValue>? Read(string path, ICollection<ConfigurationProblem> problems)
    {
        try
        {
            // Through text, because editors of Windows write UTF-16 too.
            return new ConfigurationFile(path, Encoding.UTF8.GetBytes(File.ReadAllText(path)), problems).Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(
                path,
                "The configuration file cannot be read: " + FileProblem.Describe(e) + ".",
                "Give the path of a readable file with --config."));
            return null;
        }
    }

    private List<LayerValue>? Read()
    {
        try
        {
            var reader = new Utf8JsonReader(_json, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new FormatException("Its outermost value is not an object.");

            ReadObject(ref reader, "");

            // Anything that follows the object is an error.
            reader.Read();
            return _values;
        }
        catch (JsonException e)
        {
            _problems.Add(NotJson(e));
        }
        catch (FormatException e)
        {
            _problems.Add(new(_path, e.Message, Fix));
        }
        catch (InvalidOperationException)
        {
            _problems.Add(new(
                _path,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Line {_line} has a text that cannot be decoded: an escape such as \\ud800 without the other half of its pair."),
                Fix));
        }

        return null;
    }

    private void ReadObject(ref Utf8JsonReader reader, string key)
    {
        var count = _values.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Advance(ref reader);
            var name = reader.GetString()!;
            reader.Read();
            ReadValue(ref reader, key.Length == 0 ? name : $"{key}:{name}");
        }

        if (count == _values.Count && key.Length > 0) Add(key, null);
    }

    private void ReadValue(ref Utf8JsonReader reader, string key)
    {
        Advance(ref reader);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                ReadObject(ref reader, key);
                break;
            case JsonTokenType.StartArray:
                var index = 0;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    ReadValue(ref reader, string.Create(CultureInfo.InvariantCulture, $"{key}:{index++}"));
                }

                if (index == 0) Add(key, null);

                break;
            case JsonTokenType.String:
                Add(key, reader.GetString());
                break;
            case JsonTokenType.Null:
                Add(key, null);
                break;
            default:
                Add(key, Encoding.UTF8.GetString(reader.ValueSpan));
                break;
        }
    }

    private void Add(string key, string? value)
    {
        if (!_lines.TryAdd(key, _line))
        {
            var lines = _lines[key] == _line ? $"in line {_line}" : string.Create(CultureInfo.InvariantCulture, $"in line {_lines[key]} and in line {_line}");
            _problems.Add(new(key, $"It stands twice in {_path}, {lines}.", "Keep one of them; letters count the same in upper and lower case."));
            return;
        }

        var origin = string.Create(CultureInfo.InvariantCulture, $"line {_line} of {_path}");
        _values.Add(new(key, value, origin, Path.GetDirectoryName(_path)!));
    }

    private void Advance(ref Utf8JsonReader reader)
    {
        var at = (int)reader.TokenStartIndex;
        _line += _json.AsSpan(_counted, at - _counted).Count((byte)'\n');
        _counted = at;
    }

    private ConfigurationProblem NotJson(JsonException e)
    {
        var number = (int)(e.LineNumber ?? 0);
        var line = Encoding.UTF8.GetString(_json).Split('\n').ElementAtOrDefault(number) ?? "";
        var bytes = Encoding.UTF8.GetBytes(line);
        var column = Encoding.UTF8.GetString(bytes, 0, (int)Math.Min(e.BytePositionInLine ?? 0, bytes.Length)).Length;
        var reason = string.IsNullOrWhiteSpace(Encoding.UTF8.GetString(_json)) ? "it is empty" : Reason(e.Message);
        var cause = string.Create(CultureInfo.InvariantCulture, $"It is not JSON at line {number + 1}, column {column + 1}: {reason}.");
        var excerpt = Excerpt(line, column);
        return new(_path, excerpt.Length == 0 ? cause : $"{cause} The line has: {excerpt}", Fix);
    }

    /// <summary>The parser's own reason, without its position, and without a literal that stands where a secret may stand.</summary>
    private static string Reason(string message)
    {
        if (message.StartsWith("Expected depth to be zero", StringComparison.Ordinal)) return "the file ends before each bracket is closed";

        var reason = Literal().Replace(message.Split(" LineNumber:")[0].Split(" Path:")[0], "an unquoted text").TrimEnd('.');
        return reason.Length > 0 && char.IsAsciiLetterUpper(reason[0]) ? char.ToLowerInvariant(reason[0]) + reason[1..] : reason;
    }

    /// <summary>The line around the column: names of options and punctuation; everything else, which may be a secret, is an ellipsis.</summary>
    private static string Excerpt(string line, int column)
    {
        var text = new StringBuilder();
        foreach (Match part in Part().Matches(line))
        {
            if (part.Index + part.Length < column - MostOfExcerpt || part.Index > column + MostOfExcerpt) continue;

            var shown = Shown.Contains(part.Value) || (part.Length == 1 && "{}[]:,\" ".Contains(part.Value, StringComparison.Ordinal));
            if (shown || text.Length == 0 || text[^1] != '…') text.Append(shown ? part.Value : "…");
        }

        return text.ToString().Trim();
    }

    [GeneratedRegex("'[^']{2,}'(?= is an invalid JSON literal)")]
    private static partial Regex Literal();

    [GeneratedRegex(@"[^{}\[\]:,"" ]+|.", RegexOptions.Singleline)]
    private static partial Regex Part();
}
