using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>
/// Activities of <c>Transform:Severity</c> that no mapping table names. A warning, because a vendor adds types before any table knows them, and Sequence's
/// table makes names for every verb of every entity.
/// </summary>
internal static class SeverityRule
{
    public static void Check(TransformOptions options, IEnumerable<VendorTable> tables, ICollection<ConfigurationProblem> problems)
    {
        var actions = tables.SelectMany(t => t.Rows).Select(row => row.Action).OfType<string>();
        var known = actions.Where(action => !action.Contains('{', StringComparison.Ordinal)).ToHashSet();
        foreach (var action in options.Severity.Keys.Where(action => !known.Contains(action)))
        {
            problems.Add(new(
                $"Transform:Severity:{action}",
                $"No mapping table has the activity {action}.",
                Suggestion.For(action, known) is { } near
                    ? $"Did you mean {near}? If a vendor has added {action}, leave it as it is."
                    : "If a vendor has added it, leave it as it is; 'mapping list' prints those that are known.",
                IsWarning: true));
        }
    }
}
