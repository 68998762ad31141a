using System.Text.RegularExpressions;

namespace ActivityConnector.Configuration;

/// <summary>Names under <c>Transform:Privacy:Fields</c>: one that no event has would hide nothing, silently.</summary>
internal static partial class PrivacyFieldRules
{
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
            else if (!EventFieldNames.MeetsAny(field))
            {
                var near = EventFieldNames.Near(field);
                problems.Add(new(
                    key,
                    $"No event has a field {field} when it leaves the connector: nothing would be hidden.",
                    near.Count > 0
                        ? $"Did you mean {string.Join(" or ", near)}?"
                        : "Remove it, or give a field that 'transform' prints; names below intercom.metadata are free."));
            }
        }
    }

    [GeneratedRegex(@"^(@timestamp|[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}_]+(\.[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}_]+)*(\.\*)?)$")]
    private static partial Regex FieldName();
}
