using System.Text.RegularExpressions;

namespace ActivityConnector.Tests.Documents;

/// <summary>A paragraph, a table or a piece of code of a Markdown document.</summary>
/// <param name="Line">The number of its first line.</param>
/// <param name="Lines">Its lines; those of code without the indentation that makes them code.</param>
/// <param name="IsCode">Whether it is fenced or indented code.</param>
/// <param name="Needs">What its commands need, as the mark before it says: <c>&lt;!-- needs Kafka --&gt;</c>; null without one.</param>
internal sealed partial record DocumentBlock(int Line, IReadOnlyList<string> Lines, bool IsCode, string? Needs)
{
    private const string Indentation = "    ";

    public static IReadOnlyList<DocumentBlock> Of(string markdown)
    {
        var (lines, blocks, needs) = (markdown.Split('\n'), new List<DocumentBlock>(), (string?)null);
        for (var i = 0; i < lines.Length;)
        {
            if (Mark().Match(lines[i]) is { Success: true } mark)
            {
                needs = mark.Groups[1].Value;
                i++;
                continue;
            }

            if (string.IsNullOrWhiteSpace(lines[i]))
            {
                i++;
                continue;
            }

            var (first, isFenced, isIndented) = (i, lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal), IsIndented(lines[i]));
            i = isFenced ? EndOfFence(lines, i) : isIndented ? EndOfIndented(lines, i) : EndOfText(lines, i);
            var content = isFenced ? lines[(first + 1)..(i - 1)] : lines[first..i];
            blocks.Add(new(
                isFenced ? first + 2 : first + 1,
                [.. content.Select(line => isIndented && line.Length > 0 ? line[Indentation.Length..] : line)],
                isFenced || isIndented,
                needs));
            needs = null;
        }

        return blocks;
    }

    private static bool IsIndented(string line) => line.StartsWith(Indentation, StringComparison.Ordinal);

    private static int EndOfFence(string[] lines, int first)
    {
        var end = Array.FindIndex(lines, first + 1, line => line.TrimStart().StartsWith("```", StringComparison.Ordinal));
        Assert.True(end > 0, $"The code that begins with line {first + 1} has no end.");
        return end + 1;
    }

    /// <summary>Lines without text belong to it when more of it follows.</summary>
    private static int EndOfIndented(string[] lines, int first)
    {
        var end = first;
        for (var i = first; i < lines.Length && (IsIndented(lines[i]) || lines[i].Length == 0); i++)
        {
            if (lines[i].Length > 0) end = i + 1;
        }

        return end;
    }

    private static int EndOfText(string[] lines, int first)
    {
        var end = Array.FindIndex(lines, first, line => string.IsNullOrWhiteSpace(line) || Mark().IsMatch(line));
        return end < 0 ? lines.Length : end;
    }

    [GeneratedRegex(@"^ {0,3}<!-- needs (.+) -->$")]
    private static partial Regex Mark();
}
