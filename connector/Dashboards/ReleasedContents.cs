using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActivityConnector.Dashboards;

/// <summary>One content that a release delivered.</summary>
/// <param name="Release">The first release with it.</param>
/// <param name="Version">The version of a rule; null for other objects.</param>
/// <param name="Fields">The members that the hash is of.</param>
/// <param name="Hash">The SHA-256 of the content.</param>
internal sealed record ReleasedContent(
    [property: JsonPropertyName("release")] string Release,
    [property: JsonPropertyName("version")] int? Version,
    [property: JsonPropertyName("sha256")] string Hash,
    [property: JsonPropertyName("fields")] IReadOnlyList<string> Fields);

/// <summary>The file <c>versions.json</c>: for each object all contents that a release delivered. What is in none of them was changed by a user.</summary>
internal static class ReleasedContents
{
    public const string FileName = "versions.json";

    /// <returns>By the key of the object; empty where the folder has no such file: then each object that differs is a user's.</returns>
    public static IReadOnlyDictionary<string, IReadOnlyList<ReleasedContent>> Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(file)
                ? JsonSerializer.Deserialize<Dictionary<string, IReadOnlyList<ReleasedContent>>>(File.ReadAllText(file)) ?? []
                : [];
        }
        catch (JsonException)
        {
            throw new DashboardsException($"The file {file} cannot be read as JSON.", "Take the file of this version again.");
        }
    }
}
