using System.Reflection;
using System.Text.RegularExpressions;

namespace ActivityConnector.Tests.Configuration;

/// <summary>What the summaries above the options types say, as they stand in the source.</summary>
internal static partial class Docstrings
{
    private static IReadOnlyList<string> SourceFiles { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(DeliveredFiles.Root, "connector"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)];

    /// <summary>The summary above a property, else above its enum. Every option says what it does, or this fails.</summary>
    public static string Of(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        var text = Summary(SourceOf("class", type), $$"""public [^\r\n(]*\b{{property.Name}} \{""")
            ?? (property.PropertyType.IsEnum ? Summary(SourceOf("enum", property.PropertyType), $@"public enum {property.PropertyType.Name}\b") : null);
        Assert.True(text is not null, $"{type.Name}.{property.Name} has no docstring.");
        return text;
    }

    /// <summary>The summary above a value of an enum; null where it has none.</summary>
    public static string? Of(Enum value) => Summary(SourceOf("enum", value.GetType()), $@"{value}\b,");

    public static string Plain(string summary) => Tag().Replace(Reference().Replace(summary, "$1"), "");

    /// <summary>For a cell of a Markdown table.</summary>
    public static string Markdown(string summary)
    {
        var text = Code().Replace(Reference().Replace(summary, "<c>$1</c>"), "`$1`");
        var parts = Tag().Replace(text, "").Split('`');
        return string.Join('`', parts.Select((part, i) => i % 2 == 1 ? part : Special().Replace(part, "\\$0")));
    }

    private static string SourceOf(string kind, Type type) => SourceFiles.First(text => Regex.IsMatch(text, $@"{kind} {type.Name}\b"));

    private static string? Summary(string source, string declaration)
    {
        var match = Regex.Match(source, $@"/// <summary>((?:(?!</summary>)[\s\S])*)</summary>(?:\s*///.*|\s*\[.*\]|\s*#pragma.*)*\s*{declaration}");
        return match.Success ? LineBreak().Replace(match.Groups[1].Value, " ").Trim() : null;
    }

    [GeneratedRegex(@"\s*(?:///)?\s+")]
    private static partial Regex LineBreak();

    [GeneratedRegex(@"<(?:see cref|paramref name)=""(?:\w+\.)*(\w+)""\s*/>")]
    private static partial Regex Reference();

    [GeneratedRegex("<c>([^<]*)</c>")]
    private static partial Regex Code();

    [GeneratedRegex(@"[\\*|]")]
    private static partial Regex Special();

    [GeneratedRegex("</?[a-z]+[^>]*>")]
    private static partial Regex Tag();
}
