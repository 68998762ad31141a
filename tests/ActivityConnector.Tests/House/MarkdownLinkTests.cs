using System.Text.RegularExpressions;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.House;

/// <summary>Every relative link of the documents leads to a file, and to a heading, that exists.</summary>
public sealed partial class MarkdownLinkTests
{
    private static readonly string Root = DeliveredFiles.Root;

    [Fact]
    public void Every_relative_link_leads_to_a_file_and_a_heading_that_exist()
    {
        var documents = Documents().ToList();
        Assert.Contains(Path.Combine(Root, "docs", "architecture.md"), documents);
        Assert.Empty(documents.SelectMany(BrokenLinks));
    }

    [Fact]
    public void Every_section_that_a_comment_cites_is_in_the_mapping_document()
    {
        var sections = Headings(Path.Combine(Root, "docs", "mapping.md"), SectionNumber());
        string[] folders = ["transforms", "connector", "tests"];
        var cited = folders.SelectMany(folder => Files(Path.Combine(Root, folder)))
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".py", StringComparison.Ordinal))
            .SelectMany(file => Citation().Matches(File.ReadAllText(file)).Select(match => (File: Name(file), Section: match.Groups[1].Value)))
            .ToList();

        Assert.NotEmpty(cited);
        Assert.DoesNotContain(cited, citation => !sections.Contains(citation.Section));
    }

    [Theory]
    [InlineData("[a](missing.md)", "missing.md")]
    [InlineData("[a](README.md#no-such-heading)", "README.md#no-such-heading")]
    [InlineData("![a](no.svg \"title\")", "no.svg")]
    [InlineData("[a](README.md) [b](https://example.com/missing.md) `[c](missing.md)` [d](#here)\n## Here", null)]
    [InlineData("```\n[a](missing.md)\n```\n    [b](missing.md)", null)]
    public void A_broken_link_is_found(string markdown, string? broken)
    {
        string[] expected = broken is null ? [] : [broken];
        Assert.Equal(expected, BrokenLinks(Root, markdown));
    }

    [Theory]
    [InlineData("What \"up to date\" means", "what-up-to-date-means")]
    [InlineData("3.1 Times", "31-times")]
    [InlineData("Where is `X` decided?", "where-is-x-decided")]
    public void A_heading_has_the_anchor_that_GitHub_gives_it(string heading, string anchor) => Assert.Equal(anchor, AnchorOf(heading));

    private static IEnumerable<string> BrokenLinks(string document) =>
        BrokenLinks(Path.GetDirectoryName(document)!, File.ReadAllText(document)).Select(link => $"{Name(document)}: {link}");

    private static List<string> BrokenLinks(string folder, string markdown)
    {
        var text = Prose(markdown);
        return [.. Link().Matches(text).Select(match => match.Groups[1].Value).Where(link => !IsRemote(link) && !Leads(folder, link, text))];
    }

    private static bool Leads(string folder, string link, string text)
    {
        var (path, anchor) = link.IndexOf('#', StringComparison.Ordinal) is var hash and >= 0 ? (link[..hash], link[(hash + 1)..]) : (link, "");
        var target = Path.GetFullPath(path, folder);
        return (path.Length == 0 || File.Exists(target) || Directory.Exists(target))
            && (anchor.Length == 0 || Anchors(path.Length == 0 ? text : Prose(File.ReadAllText(target))).Contains(anchor));
    }

    private static bool IsRemote(string link) => link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal);

    private static HashSet<string> Anchors(string prose) => [.. Heading().Matches(prose).Select(match => AnchorOf(match.Groups[1].Value))];

    private static HashSet<string> Headings(string document, Regex part) =>
        [.. Heading().Matches(Prose(File.ReadAllText(document))).Select(match => part.Match(match.Groups[1].Value).Groups[1].Value)];

    private static string AnchorOf(string heading) =>
        NotInAnchor().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    /// <summary>The text without code: what looks like a link there is none.</summary>
    private static string Prose(string markdown) =>
        CodeSpan().Replace(CodeBlock().Replace(markdown, ""), match => match.Value.Contains("](", StringComparison.Ordinal) ? "" : match.Value);

    private static IEnumerable<string> Documents() => Files(Root).Where(file => file.EndsWith(".md", StringComparison.Ordinal));

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder).Concat(
        Directory.EnumerateDirectories(folder)
            .Where(below => Path.GetFileName(below) is not ("bin" or "obj" or ".git" or "node_modules" or "TestResults" or "BenchmarkDotNet.Artifacts"))
            .SelectMany(Files));

    private static string Name(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    [GeneratedRegex("""\]\(\s*([^)\s]+)(?:\s+"[^"]*")?\s*\)""")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6}\s+(.+?)\s*#*\s*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}\s_-]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^(?:```.*?^```|(?: {4}|\t)[^\n]*)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^(\d+(?:\.\d+)?)\.?\s")]
    private static partial Regex SectionNumber();

    [GeneratedRegex(@"\b[Mm]apping (\d+(?:\.\d+)?)\b")]
    private static partial Regex Citation();
}
