using System.Collections;
using System.Reflection;
using ActivityConnector.Pipeline;
using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>
/// Options that are set and have no effect as the others stand. Warnings, because a section is often written before it is switched on. An option with its
/// default value counts as not set: the delivered file has all of them.
/// </summary>
internal sealed class UnusedRules(Func<object, string> keyOf, ICollection<ConfigurationProblem> problems)
{
    /// <summary>Options of the section Elasticsearch that are used for Kibana and OpenSearch Dashboards too.</summary>
    private static readonly string[] OfDashboards =
        ["ApiKey", "ApiKeyFile", "Username", "UsernameFile", "Password", "PasswordFile", "CaFile", "CaFingerprint", "Prefix"];

    public void Check(ConnectorOptions options)
    {
        if (options.Journal.Kind == JournalKind.Sqlite)
        {
            Warn(
                Set(options.Kafka, "Kafka"),
                "It has no effect: Journal:Kind is Sqlite, so nothing is read from Kafka or written to it.",
                "Set Journal:Kind to Kafka, or remove the section Kafka.");
        }
        else
        {
            Warn(
                options.Journal.MaxBytes is null ? null : "Journal:MaxBytes",
                "It has no effect: Journal:Kind is Kafka, where nothing is kept on this machine.",
                "Remove it; Journal:Retention becomes retention.ms of the topics.");
        }

        if (!options.Elasticsearch.IsOn)
        {
            Warn(
                Set(options.Elasticsearch, "Elasticsearch", options.Dashboards.IsOn ? ["SetupFolder", .. OfDashboards] : ["SetupFolder"]),
                "It has no effect: without Elasticsearch:Urls no event is sent there.",
                "Give the nodes as Elasticsearch:Urls, or remove the section Elasticsearch.");
        }

        if (!options.Dashboards.IsOn)
        {
            Warn(
                Set(options.Dashboards, "Dashboards"),
                "It has no effect: without Dashboards:Url nothing is imported.",
                "Give the address of Kibana or OpenSearch Dashboards as Dashboards:Url, or remove the section Dashboards.");
        }

        var accounts = Vendor.All.SelectMany(vendor => vendor.Accounts(options.Sources)).ToList();
        if (!accounts.Exists(a => a.IsOn)) return;

        foreach (var off in accounts.Where(a => !a.IsOn && a.Options.Enabled is null))
        {
            var key = keyOf(off.Options);
            Warn(
                Set(off.Options, key),
                "It has no effect: the source has no credential, so it is off.",
                $"Give the credential; or set {key}:Enabled to false, and this is not said again.");
        }
    }

    private void Warn(string? key, string cause, string fix)
    {
        if (key is not null) problems.Add(new(key, cause, fix, IsWarning: true));
    }

    /// <summary>The first option that does not have its default value; null when all have.</summary>
    private static string? Set(object options, string key, params string[] butNot)
    {
        var defaults = Activator.CreateInstance(options.GetType())!;
        return OptionTypes.Properties(options.GetType()).Where(p => !butNot.Contains(p.Name))
            .Select(p => Set(p, p.GetValue(options), p.GetValue(defaults), $"{key}:{p.Name}")).FirstOrDefault(found => found is not null);
    }

    private static string? Set(PropertyInfo property, object? value, object? byDefault, string key) => value switch
    {
        _ when OptionTypes.IsScalar(property.PropertyType) => Equals(value, byDefault) ? null : key,
        IDictionary entries => entries.Keys.Cast<string>().Select(name => $"{key}:{name}").FirstOrDefault(),
        ICollection { Count: var count } => count > 0 ? key + ":0" : null,
        null => null,
        _ => Set(value, key),
    };
}
