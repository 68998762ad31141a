using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Configuration;

/// <summary>The rules of the section <c>Kafka</c>; they hold only where the journal is in Kafka.</summary>
internal sealed class KafkaRules(string workingDirectory, ICollection<ConfigurationProblem> problems)
{
    private const string Security = "Kafka:Security";
    private const string Registry = "Kafka:SchemaRegistry";

    private const string TokenEndpoint = "sasl.oauthbearer.token.endpoint.url";

    public void Check(KafkaOptions kafka)
    {
        if (string.IsNullOrWhiteSpace(kafka.BootstrapServers))
        {
            problems.Add(new("Kafka:BootstrapServers", "It is missing.", "Give the brokers as host:port with commas between, or set Journal:Kind to Sqlite."));
        }

        else if (kafka.BootstrapServers.Contains('@', StringComparison.Ordinal))
        {
            problems.Add(new(
                "Kafka:BootstrapServers",
                "It has a user or a password in it.",
                $"Give the brokers as host:port with commas between, and the user as {Security}:Username and {Security}:Password."));
        }

        if (kafka.MinInSyncReplicas > kafka.ReplicationFactor)
        {
            problems.Add(new("Kafka:MinInSyncReplicas", $"{kafka.MinInSyncReplicas} copies cannot be in sync where there are {kafka.ReplicationFactor}.",
                "Give at most Kafka:ReplicationFactor; 2 of 3 is what a cluster for production has."));
        }

        foreach (var name in kafka.Properties.Keys.Where(KafkaClients.Reserved.Contains))
        {
            problems.Add(new(
                $"Kafka:Properties:{name}",
                "The connector sets this property itself: its guarantees rest on it, or another option gives it.",
                "Remove it."));
        }

        Check(kafka.Security, kafka.Properties);
        Check(kafka.SchemaRegistry);
    }

    private void Check(SchemaRegistryOptions registry)
    {
        var hasCredential = (registry.Username ?? registry.UsernameFile ?? registry.Password ?? registry.PasswordFile) is not null;
        var rules = new SecretRules(Registry, workingDirectory, problems);
        rules.Secret("Username", registry.Username, registry.UsernameFile, hasCredential, SecretKind.Text);
        rules.Secret("Password", registry.Password, registry.PasswordFile, hasCredential, SecretKind.Text);
        rules.Authority(registry.CaFile);
        if (!registry.IsOn)
        {
            if (hasCredential || registry.CaFile is not null)
            {
                problems.Add(new($"{Registry}:Url", "It is missing, and the other options of the section have no use without it.", "Give it, or remove them."));
            }
        }
        else if (!Uri.TryCreate(registry.Url, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
            || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            problems.Add(new($"{Registry}:Url", "It is not the address of a schema registry.", "Write it as https://host:8081."));
        }
        else if (url.UserInfo.Length > 0)
        {
            problems.Add(new($"{Registry}:Url", "It has a user or a password in it.", $"Give them as {Registry}:Username and {Registry}:Password."));
        }
        else if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && hasCredential)
        {
            problems.Add(new($"{Registry}:Url", "A credential would go over plain http.", "Use https; http only for this machine itself."));
        }
    }

    private void Check(KafkaSecurityOptions security, IReadOnlyDictionary<string, string> properties)
    {
        var rules = new SecretRules(Security, workingDirectory, problems);
        var sasl = security.Protocol is KafkaProtocol.SaslPlaintext or KafkaProtocol.SaslSsl;
        var needsEndpoint = sasl && security.Mechanism == KafkaCredentials.TokenMechanism && IsByClientCredentials(properties);
        var needsUser = needsEndpoint || (sasl && security.Mechanism != KafkaCredentials.TokenMechanism);
        rules.Secret("Username", security.Username, security.UsernameFile, needsUser, SecretKind.Text);
        rules.Secret("Password", security.Password, security.PasswordFile, needsUser, SecretKind.Text);
        rules.Secret("KeyPassword", security.KeyPassword, security.KeyPasswordFile, isNeeded: false, SecretKind.Text);
        rules.Certificates(security.CaFile, security.CertificateFile, security.KeyFile);
        if (!sasl && (security.Username ?? security.UsernameFile ?? security.Password ?? security.PasswordFile) is not null)
        {
            problems.Add(new($"{Security}:Protocol", "There are credentials, and the protocol has no use for them.", "Set it to sasl_ssl, or remove them."));
        }

        if (security.Protocol is KafkaProtocol.Plaintext or KafkaProtocol.SaslPlaintext && (security.CaFile ?? security.CertificateFile) is not null)
        {
            problems.Add(new(
                $"{Security}:Protocol",
                "There are certificates, and the protocol has no use for them.",
                "Set it to ssl or sasl_ssl, or remove them."));
        }

        if (needsEndpoint && !properties.ContainsKey(TokenEndpoint))
        {
            problems.Add(new(
                $"Kafka:Properties:{TokenEndpoint}",
                "OAUTHBEARER needs to know where tokens come from.",
                "Give the address of the token endpoint."));
        }
    }

    /// <summary>
    /// The way to a token that holds unless librdkafka's properties say another: a signed assertion, a cloud's metadata service, or none
    /// at all.
    /// </summary>
    private static bool IsByClientCredentials(IReadOnlyDictionary<string, string> properties) =>
        properties.GetValueOrDefault("sasl.oauthbearer.method", "oidc") == "oidc"
        && properties.GetValueOrDefault("sasl.oauthbearer.grant.type", "client_credentials") == "client_credentials"
        && properties.GetValueOrDefault("sasl.oauthbearer.metadata.authentication.type", "none") == "none";
}
