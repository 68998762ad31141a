using System.Text.Json;

namespace ActivityConnector.Tests.Golden;

/// <summary>ECS 8.17 as published: the field sets an event may use, and the values that <c>event.*</c> allows.</summary>
internal static class EcsSchema
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> Fields =
        CsvRows.Read(File.ReadAllText(Published("fields-8.17.csv"))).ToDictionary(row => row["field"]);

    private static readonly Dictionary<string, Dictionary<string, string[]?>> Allowed =
        JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string[]?>>>(
            File.ReadAllText(Published("event-allowed-values-8.17.json")))!;

    /// <summary>Our own namespaces, where ECS says nothing.</summary>
    public static bool IsCustom(string field) =>
        field.StartsWith("intercom.", StringComparison.Ordinal) || field.StartsWith("sequence.", StringComparison.Ordinal);

    /// <summary>The type of a field, or null if ECS does not know it. <c>labels</c> is an object of keywords.</summary>
    public static string? TypeOf(string field) =>
        field.StartsWith("labels.", StringComparison.Ordinal) ? "keyword" : Fields.GetValueOrDefault(field)?["type"];

    /// <summary>ECS normalises the field as an array; <c>error.message</c> is ours, as in Elastic's own pipelines.</summary>
    public static bool IsArray(string field) =>
        field == "error.message"
        || (Fields.GetValueOrDefault(field)?["normalization"].Contains("array", StringComparison.Ordinal) ?? false);

    public static bool IsAllowed(string field, string value) => Allowed[field].ContainsKey(value);

    /// <summary>
    /// Every category and type is an allowed value, each type is expected by one of the categories and each category has one of its
    /// types. An event without category is <c>info</c> alone.
    /// </summary>
    public static void AssertClass(IReadOnlyCollection<string> categories, IReadOnlyCollection<string> types, string where)
    {
        Assert.True(types.Count > 0 && types.All(type => IsAllowed("event.type", type)), $"{where}: types {string.Join('|', types)}");
        if (categories.Count == 0)
        {
            Assert.Equal(["info"], types);
            return;
        }

        Assert.All(categories, category => Assert.True(IsAllowed("event.category", category), $"{where}: category {category}"));
        Assert.All(types, type => Assert.True(
            categories.Any(category => Allowed["event.category"][category]!.Contains(type)), $"{where}: no category expects {type}"));
        Assert.All(categories, category => Assert.True(
            types.Any(type => Allowed["event.category"][category]!.Contains(type)), $"{where}: {category} has none of its types"));
    }

    private static string Published(string file) => Path.Combine(AppContext.BaseDirectory, "Golden", "ecs", file);
}
