using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ActivityConnector.Configuration;

namespace ActivityConnector.Tests.Configuration;

/// <summary>The tables of <c>docs/configuration.md</c>, one after each mark that names a section, made from the options types and their docstrings.</summary>
internal static partial class ConfigurationReference
{
    /// <summary>Each section that has options of its own, with their type.</summary>
    public static IReadOnlyDictionary<string, Type> Sections { get; } =
        Below(typeof(ConnectorOptions), "").Where(section => Options(section.Type).Count > 0).ToDictionary(section => section.Key, section => section.Type);

    /// <summary>The document with its tables as the options types are now; the text around them is left as it is.</summary>
    public static string Of(string document) => Marked().Replace(document, match => $"{match.Groups[1].Value}\n{Table(match.Groups[2].Value)}");

    /// <summary>The sections that the document has a mark for, in its order.</summary>
    public static IReadOnlyList<string> MarkedIn(string document) => [.. Marked().Matches(document).Select(match => match.Groups[2].Value)];

    private static IEnumerable<(string Key, Type Type)> Below(Type type, string path) => OptionTypes.Properties(type)
        .Select(property => (Key: path.Length == 0 ? property.Name : $"{path}:{property.Name}", Type: Nested(property)))
        .Where(section => section.Type is not null)
        .SelectMany(section => Below(section.Type!, section.Key).Prepend((section.Key, section.Type!)));

    /// <summary>The type of the options below a property; null for an option.</summary>
    private static Type? Nested(PropertyInfo property)
    {
        var type = OptionTypes.ElementOf(property.PropertyType) ?? property.PropertyType;
        return OptionTypes.IsScalar(type) || OptionTypes.DictionaryValueOf(type) is not null ? null : type;
    }

    private static List<PropertyInfo> Options(Type type) => [.. OptionTypes.Properties(type).Where(property => Nested(property) is null)];

    private static string Table(string section)
    {
        var type = Sections[section];
        var options = Activator.CreateInstance(type);
        var rows = Options(type).Select(property =>
            $"| `{property.Name}` | {Values(property)} | {Default(property, options)} | {Meaning(property)} | `{Variable(section, property)}` |\n");
        return "| option | values | default | meaning | in the environment |\n|---|---|---|---|---|\n" + string.Concat(rows);
    }

    private static string Variable(string section, PropertyInfo property)
    {
        var end = OptionTypes.ElementOf(property.PropertyType) is not null ? "__0"
            : OptionTypes.DictionaryValueOf(property.PropertyType) is not null ? "__NAME"
            : "";
        return $"{section.Replace(":", "__", StringComparison.Ordinal)}__{property.Name}{end}";
    }

    private static string Values(PropertyInfo property)
    {
        if (OptionTypes.ElementOf(property.PropertyType) is not null) return $"list of {(property.Name == "Urls" ? "addresses" : "texts")}";

        return OptionTypes.DictionaryValueOf(property.PropertyType) is { } value
            ? $"by name: {Values(value, property)}"
            : Values(property.PropertyType, property);
    }

    private static string Values(Type type, PropertyInfo property)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare switch
        {
            _ when bare == typeof(bool) => "`true`, `false`",
            _ when bare.IsEnum => Codes(OptionTypes.EnumNames(bare)),
            _ when bare == typeof(TimeSpan) => $"duration{Bounds(property, TimeBound)}",
            _ when bare != typeof(string) => $"{(OptionTypes.UnitOf(property) == "bytes" ? "size" : "number")}{Bounds(property, Number)}",
            _ when OptionTypes.IsPath(property) => property.Name.EndsWith("Folder", StringComparison.Ordinal) ? "folder" : "file",
            _ when OptionTypes.IsSecret(property) => "secret",
            _ when property.Name.EndsWith("Schedule", StringComparison.Ordinal) => "cron expression",
            _ when property.Name.EndsWith("Url", StringComparison.Ordinal) => "address",
            _ when Pattern(property) is { } pattern && Words().IsMatch(pattern.Pattern) => Codes(pattern.Pattern.Split('|')),
            _ => "text",
        };
    }

    private static string Bounds(PropertyInfo property, Func<object, string> show)
    {
        var unit = OptionTypes.UnitOf(property) is { } counted ? $" {counted}" : "";
        return property.GetCustomAttribute<RangeAttribute>() switch
        {
            null => "",
            { Maximum: >= (double)long.MaxValue } range => $", at least {show(range.Minimum)}{unit}",
            var range => $", {show(range.Minimum)} to {show(range.Maximum)}{unit}",
        };
    }

    private static string Default(PropertyInfo property, object? options) => property.GetValue(options) switch
    {
        null or "" => "not set",
        string text => Code(text),
        bool yes => yes ? "`true`" : "`false`",
        Enum value => Code(OptionTypes.NameOf(value)),
        TimeSpan duration => Code(Duration(duration)),
        System.Collections.ICollection { Count: 0 } => "none",
        IFormattable number => Code(number.ToString(null, CultureInfo.InvariantCulture)),
        var other => throw new NotSupportedException($"{property.Name} has a default of {other.GetType()}."),
    };

    /// <summary>What the option does, without the default that has a column of its own, and what each of its values does.</summary>
    private static string Meaning(PropertyInfo property)
    {
        var type = property.PropertyType;
        var values = type.IsEnum ? Enum.GetValues(type).Cast<Enum>().Select(value => (Name: OptionTypes.NameOf(value), Text: Docstrings.Of(value))) : [];
        var described = values.Where(value => value.Text is not null).Select(value => $" {Code(value.Name)}: {Docstrings.Markdown(value.Text!)}");
        var allowed = Pattern(property) is { } pattern && !Words().IsMatch(pattern.Pattern) ? $" {Docstrings.Markdown(pattern.ErrorMessage!)}" : "";
        return TrivialDefault().Replace(Docstrings.Markdown(Docstrings.Of(property)), "") + string.Concat(described) + allowed;
    }

    private static RegularExpressionAttribute? Pattern(PropertyInfo property) => property.GetCustomAttribute<RegularExpressionAttribute>();

    private static string Duration(TimeSpan duration) => duration switch
    {
        { Ticks: var ticks } when ticks % TimeSpan.TicksPerSecond != 0 => duration.ToString(@"hh\:mm\:ss\.FFF", CultureInfo.InvariantCulture),
        { TotalSeconds: var seconds } when seconds == 0 || seconds % 60 != 0 => $"{seconds}s",
        { TotalMinutes: var minutes } when minutes % 60 != 0 => $"{minutes}m",
        { TotalHours: var hours } when hours % 24 != 0 => $"{hours}h",
        _ => $"{duration.TotalDays}d",
    };

    private static string TimeBound(object bound) => Code(Duration(TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture)));

    private static string Number(object bound) => string.Create(CultureInfo.InvariantCulture, $"{Convert.ToInt64(bound, CultureInfo.InvariantCulture):N0}");

    private static string Code(string text) => $"`{text}`";

    private static string Codes(IEnumerable<string> texts) => string.Join(", ", texts.Select(Code));

    [GeneratedRegex(@"(<!-- options: (\S+) -->\n)\n?(?:\|.*\n)*")]
    private static partial Regex Marked();

    [GeneratedRegex(@"^[A-Za-z0-9-]+(\|[A-Za-z0-9-]+)+$")]
    private static partial Regex Words();

    [GeneratedRegex(@" The default value is (empty|`?[\w.-]+`?( minutes?| days?)?)\.(?= |$)")]
    private static partial Regex TrivialDefault();
}
