using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;

namespace ActivityConnector.Configuration;

/// <summary>The rules for the address of a server of the Elastic or OpenSearch family, its credential and its certificates, in one section.</summary>
internal sealed class ServerLoginRules(string section, string workingDirectory, ICollection<ConfigurationProblem> problems)
{
    /// <param name="server">What requests to this address are signed with.</param>
    /// <param name="cause">What is said of a text that is no address.</param>
    /// <param name="fix">How an address is written.</param>
    public void CheckAddress(string name, string text, ElasticsearchOptions server, string cause, string fix)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
            || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            Add(name, cause, fix);
        }
        else if (url.UserInfo.Length > 0)
        {
            Add(name, "It has a user or a password in it.", $"Give them as {section}:Username and {section}:Password.");
        }
        else if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && server.HasCredential)
        {
            Add(name, "A credential would go over plain http.", "Use https; http only for this machine itself.");
        }
    }

    public void CheckLogin(ElasticsearchOptions options)
    {
        var rules = new SecretRules(section, workingDirectory, problems);
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
    }

    private static bool HasOne(string? value, string? file) => !string.IsNullOrWhiteSpace(value) || !string.IsNullOrWhiteSpace(file);

    private void Add(string name, string cause, string fix) => problems.Add(new($"{section}:{name}", cause, fix));
}
