using System.Globalization;
using ActivityConnector.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ActivityConnector.Detections;

/// <summary>A mapping of a YAML file, read member by member. What is wrong is reported with file and line.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class YamlPart(string file, YamlMappingNode node)
{
    private readonly HashSet<string> _read = [];

    public IEnumerable<string> Names => node.Children.Keys.Select(NameOf);

    public bool Has(string name) => Node(name) is not null;

    public string Text(string name) => OptionalText(name) ?? throw Error($"It has no '{name}'.", node);

    public string? OptionalText(string name) => Node(name) switch
    {
        null => null,
        YamlScalarNode { Value: { Length: > 0 } text } => text,
        var other => throw Error($"'{name}' must be a text.", other),
    };

    public IReadOnlyList<string> Texts(string name) => [.. Values(name).Select(v => v.Text)];

    /// <summary>One value, or a list of them; none when there is no such member.</summary>
    public IReadOnlyList<RuleValue> Values(string name) => Node(name) switch
    {
        null => [],
        var nothing when IsNull(nothing) => [],
        YamlScalarNode one => [ValueOf(one)],
        YamlSequenceNode many when many.All(v => v is YamlScalarNode && !IsNull(v)) => [.. many.Cast<YamlScalarNode>().Select(ValueOf)],
        var other => throw Error($"'{name}' must be a value or a list of values.", other),
    };

    /// <exception cref="RuleFileException">It is no whole number from 1 to a million.</exception>
    public int Number(string name, int missing) => OptionalText(name) is not { } text
        ? missing
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1_000_000
            ? number
            : throw Error($"'{name}' is '{text}', which is not a whole number from 1 to 1000000.", Node(name)!);

    public bool Truth(string name) => OptionalText(name) switch
    {
        null or "false" => false,
        "true" => true,
        var text => throw Error($"'{name}' is '{text}'; use true or false.", Node(name)!),
    };

    /// <summary>A time as Sigma writes it: <c>15m</c>, <c>2h</c>, <c>30d</c>.</summary>
    public TimeSpan? Duration(string name)
    {
        if (OptionalText(name) is not { } text) return null;

        if (int.TryParse(text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 10_000)
        {
            TimeSpan? duration = text[^1] switch
            {
                's' => TimeSpan.FromSeconds(count),
                'm' => TimeSpan.FromMinutes(count),
                'h' => TimeSpan.FromHours(count),
                'd' => TimeSpan.FromDays(count),
                _ => null,
            };
            if (duration is not null) return duration;
        }

        throw Error($"'{name}' is '{text}'; write a time as 30s, 15m, 2h or 7d.", Node(name)!);
    }

    public YamlPart? Part(string name) => Node(name) switch
    {
        null => null,
        YamlMappingNode mapping => new(file, mapping),
        var other => throw Error($"'{name}' must have members.", other),
    };

    /// <summary>A list of mappings, or one; none when there is no such member.</summary>
    public IReadOnlyList<YamlPart> Parts(string name) => Node(name) switch
    {
        null => [],
        YamlMappingNode one => [new(file, one)],
        YamlSequenceNode many when many.All(v => v is YamlMappingNode) => [.. many.Cast<YamlMappingNode>().Select(m => new YamlPart(file, m))],
        var other => throw Error($"'{name}' must be a list whose items have members.", other),
    };

    /// <exception cref="RuleFileException">It has a member that was not read.</exception>
    public void RefuseOthers()
    {
        foreach (var key in node.Children.Keys)
        {
            if (!_read.Contains(NameOf(key))) throw Error(Unknown(NameOf(key)), key);
        }
    }

    public RuleFileException Error(string message) => Error(message, node);

    private string NameOf(YamlNode key) => key is YamlScalarNode { Value: { } name } ? name : throw Error("A name must be a text.", key);

    private string Unknown(string name) =>
        $"'{name}' is not known here.{(Suggestion.For(name, _read) is { } near ? $" Did you mean '{near}'?" : "")}";

    private RuleFileException Error(string message, YamlNode at) => new(file, at.Start.Line, message);

    private YamlNode? Node(string name)
    {
        _read.Add(name);
        return node.Children.TryGetValue(new YamlScalarNode(name), out var found) ? found : null;
    }

    private static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    private static RuleValue ValueOf(YamlScalarNode node) =>
        new(node.Value!, node.Style == ScalarStyle.Plain && double.TryParse(node.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
}
