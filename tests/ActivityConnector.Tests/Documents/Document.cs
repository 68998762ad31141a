using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Documents;

/// <summary>A document of the repository.</summary>
/// <param name="Name">Its path from the root.</param>
internal sealed record Document(string Name, string Text)
{
    /// <summary>The README first, in the order in which a new user reads it.</summary>
    public static IReadOnlyList<Document> All { get; } =
    [
        .. Directory.EnumerateFiles(DeliveredFiles.Root, "*.md")
            .Concat(Below("docs"))
            .Concat(Below("charts"))
            .Select(file => new Document(Path.GetRelativePath(DeliveredFiles.Root, file), File.ReadAllText(file)))
            .OrderBy(document => document.Name != "README.md").ThenBy(document => document.Name, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<DocumentedCommand> Commands { get; } = [.. All.SelectMany(d => DocumentedCommand.In(d.Name, d.Text))];

    private static IEnumerable<string> Below(string folder) =>
        Directory.EnumerateFiles(Path.Combine(DeliveredFiles.Root, folder), "*.md", SearchOption.AllDirectories);
}
