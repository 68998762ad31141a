using System.Text.RegularExpressions;
using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>Names under <c>Transform:Privacy:Fields</c>: one that no event has would hide nothing, silently.</summary>
internal static partial class PrivacyFieldRules
{
    /// <summary>Names; one that ends in <c>.*</c> stands for all below it. A vendor that lists none of its fields may have any.</summary>
    public static IReadOnlyList<string> Known { get; } =
        [.. Vendor.EventFields.Select(field => field.Name), .. Vendor.All.Where(v => v.Fields.Count == 0).Select(v => $"{v.Name}.*")];

    public static void Check(IEnumerable<string> fields, ICollection<ConfigurationProblem> problems)
    {
        foreach (var field in fields)
        {
            var key = $"Transform:Privacy:Fields:{field}";
            if (!FieldName().IsMatch(field))
            {
                problems.Add(new(
                    key,
                    $"\"{field}\" is not the name of a field.",
                    "Write it as in an event, for example user.email; or with .* at its end for all below it."));
            }
            else if (!MeetsAny(field))
            {
                var near = Near(field);
                problems.Add(new(
                    key,
                    $"No event has a field {field} when it leaves the connector: nothing would be hidden.",
                    near.Count > 0
                        ? $"Did you mean {string.Join(" or ", near)}?"
                        : "Remove it, or give a field that 'transform' prints; names below intercom.metadata are free."));
            }
        }
    }

    /// <summary>Whether a rule for the name can meet a field: it is one, or has one below it.</summary>
    /// <param name="name">A field, or a prefix with or without <c>.*</c> at its end.</param>
    public static bool MeetsAny(string name)
    {
        var prefix = (name.EndsWith(".*", StringComparison.Ordinal) ? name[..^2] : name) + ".";
        return Known.Any(field => field == name
            || field.StartsWith(prefix, StringComparison.Ordinal)
            || (field.EndsWith(".*", StringComparison.Ordinal) && prefix.StartsWith(field[..^1], StringComparison.Ordinal)));
    }

    private static IReadOnlyList<string> Near(string field)
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

    [GeneratedRegex(@"^(@timestamp|[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}_]+(\.[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}_]+)*(\.\*)?)$")]
    private static partial Regex FieldName();
}
