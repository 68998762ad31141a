using System.Collections.Frozen;

namespace ActivityConnector.Transforms.Tables;

/// <summary>The part of ECS' <c>event.category</c> that tables may use, each with the <c>event.type</c> values ECS expects of it (8.17).</summary>
internal static class EcsVocabulary
{
    private static readonly FrozenDictionary<string, string[]> TypesOfCategory = new Dictionary<string, string[]>
    {
        ["api"] = ["access", "admin", "allowed", "change", "creation", "deletion", "denied", "end", "info", "start", "user"],
        ["authentication"] = ["start", "end", "info"],
        ["configuration"] = ["access", "change", "creation", "deletion", "info"],
        ["database"] = ["access", "change", "info", "error"],
        ["email"] = ["info"],
        ["file"] = ["access", "change", "creation", "deletion", "info"],
        ["iam"] = ["admin", "change", "creation", "deletion", "group", "info", "user"],
        ["session"] = ["start", "end", "info"],
        ["threat"] = ["indicator"],
        ["web"] = ["access", "error", "info"],
    }.ToFrozenDictionary();

    public static IReadOnlyList<string> Categories { get; } = [.. TypesOfCategory.Keys.Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> Types { get; } = [.. TypesOfCategory.Values.SelectMany(types => types).Distinct().Order(StringComparer.Ordinal)];

    public static bool IsCategory(string category) => TypesOfCategory.ContainsKey(category);

    public static bool IsType(string type) => Types.Contains(type);

    /// <summary>Why the pair breaks ECS, or null: each type is expected by a category, each category has one of its types.</summary>
    public static string? Problem(IReadOnlyList<string> categories, IReadOnlyList<string> types)
    {
        if (categories.Count == 0) return null;

        var lost = types.FirstOrDefault(type => !categories.Any(category => TypesOfCategory[category].Contains(type)));
        if (lost is not null) return $"type '{lost}' is expected by none of the categories {string.Join(", ", categories)}";

        var idle = categories.FirstOrDefault(category => !TypesOfCategory[category].Any(types.Contains));
        return idle is null ? null : $"category '{idle}' expects none of the types {string.Join(", ", types)}";
    }
}
