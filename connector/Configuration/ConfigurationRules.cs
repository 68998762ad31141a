using System.Text.RegularExpressions;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>What one value alone cannot show: rules between options, and between options and files. Reads secret files, keeps nothing of them.</summary>
internal sealed partial class ConfigurationRules(
    Func<object, string> keyOf, string workingDirectory, TimeProvider clock, ICollection<ConfigurationProblem> problems)
{
    private const string NewKey = "Give a file with at least 16 random bytes, for example made with: openssl rand -hex 32.";

    public void Check(ConnectorOptions options)
    {
        var isAnyOn = false;
        foreach (var vendor in Vendor.All)
        {
            var accounts = vendor.Accounts(options.Sources).ToList();
            accounts.ForEach(Check);
            var on = accounts.Where(a => a.IsOn).Select(a => a.Options).ToList();
            CheckNames(vendor, on);
            CheckCredentials(accounts);
            isAnyOn |= on.Count > 0;
        }

        if (!isAnyOn)
        {
            problems.Add(new("Sources", "No source is on.",
                "Set Sources:Intercom:AccessToken, or Sources:Sequence:ClientId and ClientSecret; or try the command demo, which needs no setting."));
        }

        if (options.Journal.Kind == JournalKind.Kafka) new KafkaRules(workingDirectory, problems).Check(options.Kafka);

        if (options.Elasticsearch.IsOn) new ElasticsearchRules(workingDirectory, problems).Check(options.Elasticsearch);

        if (options.Dashboards.IsOn) new DashboardsRules(workingDirectory, problems).Check(options.Dashboards, options.Elasticsearch);

        CheckTransform(options.Transform);
        new AdminRules(workingDirectory, problems).Check(options.Admin);
    }

    private void Check(VendorAccount account)
    {
        var key = keyOf(account.Options);
        if (account.IsOn) account.CheckCredential(new SecretRules(key, workingDirectory, problems));

        var rules = new SourceRules(key, clock, problems);
        rules.Check(account.Options);
        account.CheckMore?.Invoke(rules);
    }

    private void CheckNames(Vendor vendor, IEnumerable<ISourceOptions> on)
    {
        foreach (var same in on.GroupBy(s => s.Account ?? vendor.DefaultAccount, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            var name = same.Last().Account is null ? "no account" : $"account \"{same.Key}\"";
            problems.Add(new($"{keyOf(same.Last())}:Account", $"{string.Join(" and ", same.Select(keyOf))} have {name}: their checkpoints would be one.",
                "Give each its own Account, or set Enabled to false on all but one."));
        }
    }

    /// <summary>Two accounts with one credential are one: each of its records would be collected twice.</summary>
    private void CheckCredentials(IEnumerable<VendorAccount> accounts)
    {
        var on = accounts.Where(a => a.IsOn && a.Credential is not null);
        foreach (var same in on.GroupBy(a => (a.Options.BaseUrl, a.Credential)).Where(g => g.Count() > 1))
        {
            var keys = same.Select(a => keyOf(a.Options)).ToList();
            problems.Add(new(keys[^1], $"{string.Join(" and ", keys)} have the same credential: each record would be collected for both.",
                "Keep one of them, or give the other its own credential."));
        }
    }

    private void CheckTransform(TransformOptions transform)
    {
        foreach (var name in transform.Labels.Keys.Where(name => !LabelName().IsMatch(name)))
        {
            problems.Add(new($"Transform:Labels:{name}", $"\"{name}\" cannot be the name of a label.", "Use a-z, 0-9 and _ only."));
        }

        foreach (var (action, severity) in transform.Severity.Where(s => s.Value is < 0 or > 100))
        {
            problems.Add(new($"Transform:Severity:{action}", $"{severity} is out of range.", "Give a whole number between 0 and 100."));
        }

        PrivacyFieldRules.Check(transform.Privacy.Fields.Keys, problems);
        if (transform.Privacy.KeyFile is { Length: > 0 } keyFile)
        {
            new SecretRules("Transform:Privacy", workingDirectory, problems).Key("KeyFile", keyFile, 16, NewKey);
        }
        else if (transform.Privacy.Fields.FirstOrDefault(f => f.Value == PrivacyAction.Hash).Key is { } hashed)
        {
            problems.Add(new(
                TransformSettings.KeyOption,
                $"{hashed} is to be hashed, and there is no key.",
                NewKey));
        }
    }

    [GeneratedRegex("^[a-z0-9_]+$")]
    private static partial Regex LabelName();
}
