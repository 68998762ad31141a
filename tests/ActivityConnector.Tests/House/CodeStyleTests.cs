using System.Text.RegularExpressions;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.House;

/// <summary>The style that <c>dotnet format</c> cannot check.</summary>
public sealed partial class CodeStyleTests
{
    private const int MostCharacters = 160;

    /// <summary>A statement that fits within this stands on the line of its condition; up to <see cref="MostCharacters"/> either form is fine.</summary>
    private const int Fits = 140;

    private static readonly List<string> Files = [.. new[] { "connector", "transforms", "tests" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(DeliveredFiles.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))];

    [Fact]
    public void No_line_of_code_is_longer_than_the_editor_configuration_says()
    {
        Assert.Contains($"max_line_length = {MostCharacters}", File.ReadAllText(Path.Combine(DeliveredFiles.Root, ".editorconfig")), StringComparison.Ordinal);
        Assert.Empty(Files.SelectMany(file => File.ReadLines(file)
            .Select((line, i) => (file, Number: i + 1, line.Length))
            .Where(l => l.Length > MostCharacters)));
    }

    [Fact]
    public void A_single_statement_that_fits_stands_on_the_line_of_its_condition() =>
        Assert.Empty(Files.SelectMany(file => InBraces(File.ReadAllLines(file)).Select(line => $"{file}:{line}")));

    [Theory]
    [InlineData("    if (a)\n    {\n        return;\n    }\n", 1)]
    [InlineData("    if (a)\n    {\n        return;\n    }\n    else\n", 0)]
    [InlineData("    if (a)\n    {\n        if (b) return;\n    }\n", 0)]
    [InlineData("    if (a)\n    {\n        // Why.\n    }\n", 0)]
    [InlineData("    foreach (var a in b)\n    {\n        a.Go();\n    }\n", 1)]
    public void A_single_statement_in_braces_is_found(string code, int count) => Assert.Equal(count, InBraces(code.Split('\n')).Count());

    private static IEnumerable<int> InBraces(string[] lines)
    {
        for (var i = 0; i + 4 < lines.Length; i++)
        {
            var (body, after) = (lines[i + 2].Trim(), lines[i + 4].Trim());
            if (Condition().IsMatch(lines[i]) && lines[i + 1].Trim() == "{" && lines[i + 3].Trim() == "}" && Statement().IsMatch(body)
                && lines[i].Length + 1 + body.Length <= Fits && !after.StartsWith("else", StringComparison.Ordinal))
            {
                yield return i + 1;
            }
        }
    }

    [GeneratedRegex(@"^\s+(if|while|for|foreach) \(.*\)$")]
    private static partial Regex Condition();

    [GeneratedRegex(@"^(?!(if|for|foreach|while|using|await using|lock|do|var)\b|//).*;$")]
    private static partial Regex Statement();
}
