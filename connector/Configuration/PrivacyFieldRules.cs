using System.Text.RegularExpressions;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>Names under <c>Transform:Privacy:Fields</c>: one that no event has would hide nothing, silently.</summary>
internal static partial class PrivacyFieldRules
{
    private static readonly string[] Known =
    [
        .. EventFields.OfEveryVendor,
        .. Vendor.All.SelectMany(vendor => vendor.OwnFields),
    ];

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
            else if (!EventFields.Meets(field, Known))
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
