using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>The names of the fields that events have.</summary>
internal static class EventFieldNames
{
    /// <summary>Names; one that ends in <c>.*</c> stands for all below it. A vendor that lists none of its fields may have any.</summary>
    public static IReadOnlyList<string> Known { get; } =
        [.. Vendor.EventFields.Select(field => field.Name), .. Vendor.All.Where(v => v.Fields.Count == 0).Select(v => $"{v.Name}.*")];

    /// <summary>Whether a rule for the name can meet a field: it is one, or has one below it.</summary>
    /// <param name="name">A field, or a prefix with or without <c>.*</c> at its end.</param>
    public static bool MeetsAny(string name)
    {
        var prefix = (name.EndsWith(".*", StringComparison.Ordinal) ? name[..^2] : name) + ".";
        return Known.Any(field => field == name
            || field.StartsWith(prefix, StringComparison.Ordinal)
            || (field.EndsWith(".*", StringComparison.Ordinal) && prefix.StartsWith(field[..^1], StringComparison.Ordinal)));
    }

    /// <summary>Whether events can have this field.</summary>
    public static bool IsField(string name) => Known.Any(
        field => field == name || (field.EndsWith(".*", StringComparison.Ordinal) && name.StartsWith(field[..^1], StringComparison.Ordinal)));

    /// <summary>Known names that may have been meant; none when nothing is near.</summary>
    public static IReadOnlyList<string> Near(string field)
    {
        var isPrefix = field.EndsWith(".*", StringComparison.Ordinal);
        string[] names = isPrefix ? [.. Known.SelectMany(Prefixes).Distinct()] : [.. Known.Where(name => !name.EndsWith(".*", StringComparison.Ordinal))];
        if (Suggestion.For(field, names) is { } near) return [near];

        // Right, but below something else: email.
        return [.. names.Where(name => name.EndsWith("." + field, StringComparison.OrdinalIgnoreCase)).Take(3)];
    }

    private static IEnumerable<string> Prefixes(string name)
    {
        for (var dot = name.LastIndexOf('.'); dot > 0; dot = name.LastIndexOf('.', dot - 1)) yield return name[..dot] + ".*";
    }
}
