using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>The rules of the section <c>Elasticsearch</c>; they hold only where it is on.</summary>
internal sealed class ElasticsearchRules(string workingDirectory, ICollection<ConfigurationProblem> problems)
{
    private const string Section = "Elasticsearch";

    private static readonly string[] SetupFiles =
        ["mappings.json", "settings.json", "dated.json", "dated.ilm.json", "dated.ism.json", "stream.json", "stream.ilm.json", "stream.ism.json",
            .. Vendor.Names.Select(SetupPlan.FileOf)];

    public void Check(ElasticsearchOptions options)
    {
        for (var i = 0; i < options.Urls.Count; i++) Check(options, i);

        var rules = new SecretRules(Section, workingDirectory, problems);
        var hasUser = HasOne(options.Username, options.UsernameFile);
        rules.Secret("ApiKey", options.ApiKey, options.ApiKeyFile, isNeeded: false, SecretKind.Token);
        rules.Secret("Username", options.Username, options.UsernameFile, HasOne(options.Password, options.PasswordFile), SecretKind.Text);
        rules.Secret("Password", options.Password, options.PasswordFile, hasUser, SecretKind.Text);
        if (hasUser && HasOne(options.ApiKey, options.ApiKeyFile))
        {
            Add("ApiKey", "An API key and a user are both given.", "Keep one of them.");
        }

        rules.Certificates(options.CaFile, options.CertificateFile, options.KeyFile);
        if (!string.IsNullOrWhiteSpace(options.CaFile) && !string.IsNullOrWhiteSpace(options.CaFingerprint))
        {
            Add("CaFingerprint", "CaFile and CaFingerprint are both given.", "Keep one of them.");
        }

        CheckSetup(options.SetupFolder!);
    }

    private static bool HasOne(string? value, string? file) => !string.IsNullOrWhiteSpace(value) || !string.IsNullOrWhiteSpace(file);

    private void Check(ElasticsearchOptions options, int n)
    {
        var text = options.Urls[n];
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
            || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            Add($"Urls:{n}", "It is not the address of a node.", "Write it as https://host:9200.");
        }
        else if (url.UserInfo.Length > 0)
        {
            Add($"Urls:{n}", "It has a user or a password in it.", "Give them as Elasticsearch:Username and Elasticsearch:Password.");
        }
        else if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback
            && (HasOne(options.ApiKey, options.ApiKeyFile) || HasOne(options.Username, options.UsernameFile)))
        {
            Add($"Urls:{n}", "A credential would go over plain http.", "Use https; http only for this machine itself.");
        }
    }

    private void CheckSetup(string folder)
    {
        if (SetupFiles.FirstOrDefault(file => !File.Exists(Path.Combine(folder, file))) is { } missing)
        {
            Add("SetupFolder", $"{folder} has no {missing}.", "Copy the folder config/elasticsearch of this version there, or leave SetupFolder out.");
        }
    }

    private void Add(string name, string cause, string fix) => problems.Add(new($"{Section}:{name}", cause, fix));
}
