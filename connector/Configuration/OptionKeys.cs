namespace ActivityConnector.Configuration;

/// <summary>Every key that a configuration can have.</summary>
internal static class OptionKeys
{
    /// <summary>Sections and options, in the order of the options types; the place in an array is left out.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Below(typeof(ConnectorOptions), "")];

    /// <summary>The names, without their sections, of all options that hold a secret.</summary>
    public static IReadOnlySet<string> Secrets { get; } =
        All.Where(key => All.Contains(key + "File")).Select(NameOf).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys that a person may mean who wrote <paramref name="name"/> below <paramref name="path"/>; at most three.</summary>
    public static IReadOnlyList<string> Near(string path, string name)
    {
        var siblings = All.Where(key => ParentOf(key) == path).ToList();
        if (Suggestion.For(name, siblings.Select(NameOf)) is { } near) return [siblings.First(key => NameOf(key) == near)];

        // Right, or nearly, but in another place.
        var elsewhere = All.Where(key => NameOf(key).Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
        if (elsewhere.Count == 0 && Suggestion.For(name, All.Select(NameOf)) is { } other) elsewhere = [.. All.Where(key => NameOf(key) == other)];

        return [.. elsewhere.OrderByDescending(key => Common(key, path)).Take(3)];
    }

    private static IEnumerable<string> Below(Type type, string path) => OptionTypes.Properties(type).SelectMany(property =>
    {
        var key = path.Length == 0 ? property.Name : $"{path}:{property.Name}";
        var nested = OptionTypes.ElementOf(property.PropertyType) ?? property.PropertyType;
        return OptionTypes.IsScalar(nested) || OptionTypes.DictionaryValueOf(nested) is not null ? [key] : Below(nested, key).Prepend(key);
    });

    private static string NameOf(string key) => key[(key.LastIndexOf(':') + 1)..];

    private static string ParentOf(string key) => key[..Math.Max(0, key.LastIndexOf(':'))];

    /// <summary>How much of the path two keys share: a key of the same section is the more likely one.</summary>
    private static int Common(string key, string path) => key.Zip(path).TakeWhile(pair => pair.First == pair.Second).Count();
}
