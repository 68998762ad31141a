using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The credentials of one moment: what is configured, and what the files hold now.</summary>
internal sealed class KafkaCredentials
{
    /// <summary>The mechanism that shows brokers a token. Its user and password are the client's that asks for one.</summary>
    public const string TokenMechanism = "OAUTHBEARER";

    private readonly string? _username;
    private readonly string? _password;
    private readonly string? _keyPassword;
    private readonly string _files;

    private KafkaCredentials(KafkaSecurityOptions security)
    {
        _username = Secret(security.Username, security.UsernameFile, "Kafka:Security:UsernameFile");
        _password = Secret(security.Password, security.PasswordFile, "Kafka:Security:PasswordFile");
        _keyPassword = Secret(security.KeyPassword, security.KeyPasswordFile, "Kafka:Security:KeyPasswordFile");
        _files = string.Concat(
            Digest(security.CaFile, "CaFile"), Digest(security.CertificateFile, "CertificateFile"), Digest(security.KeyFile, "KeyFile"));
    }

    /// <exception cref="JournalMisconfiguredException">A file cannot be used.</exception>
    public static KafkaCredentials Read(KafkaSecurityOptions security) => new(security);

    /// <summary>
    /// The credentials of now for a living client that has these. A new user and password it is given, and uses from its next connection
    /// on; null when the certificates or what tokens are asked for with have changed, which only another client can use.
    /// </summary>
    /// <exception cref="JournalMisconfiguredException">A file cannot be used.</exception>
    public KafkaCredentials? Renew(IClient client, KafkaSecurityOptions security)
    {
        var now = Read(security);
        if (now._files != _files || now._keyPassword != _keyPassword) return null;

        // A file that is empty is being written: what there was serves until it has its text.
        if (now is not { _username: { Length: > 0 } username, _password: { Length: > 0 } password }) return this;

        if (username != _username || password != _password)
        {
            if (security.Mechanism == TokenMechanism) return null;

            client.SetSaslCredentials(username, password);
        }

        return now;
    }

    public void AddTo(Dictionary<string, string> settings, KafkaSecurityOptions security)
    {
        var sasl = security.Protocol is KafkaProtocol.SaslPlaintext or KafkaProtocol.SaslSsl;
        var tls = security.Protocol is KafkaProtocol.Ssl or KafkaProtocol.SaslSsl;
        settings["security.protocol"] = security.Protocol switch
        {
            KafkaProtocol.Ssl => "ssl",
            KafkaProtocol.SaslPlaintext => "sasl_plaintext",
            KafkaProtocol.SaslSsl => "sasl_ssl",
            _ => "plaintext",
        };
        if (sasl)
        {
            settings["sasl.mechanism"] = security.Mechanism;
            if (security.Mechanism == TokenMechanism)
            {
                settings.TryAdd("sasl.oauthbearer.method", "oidc");
                Set("sasl.oauthbearer.client.id", _username);
                Set("sasl.oauthbearer.client.secret", _password);
            }
            else
            {
                Set("sasl.username", _username);
                Set("sasl.password", _password);
            }
        }

        if (tls)
        {
            Set("ssl.ca.location", security.CaFile);
            Set("ssl.certificate.location", security.CertificateFile);
            Set("ssl.key.location", security.KeyFile);
            Set("ssl.key.password", _keyPassword);
            settings["ssl.endpoint.identification.algorithm"] = security.VerifyHostname ? "https" : "none";
        }

        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) settings[name] = value;
        }
    }

    /// <summary>A secret as it is given, or as its file holds it now.</summary>
    /// <param name="option">The full key of the option that names the file.</param>
    /// <exception cref="JournalMisconfiguredException">The file cannot be used.</exception>
    public static string? Secret(string? value, string? file, string option) =>
        string.IsNullOrWhiteSpace(file) ? value : Read(() => SecretFile.Read(file, option, SecretKind.Text));

    /// <summary>Certificates or keys as their file holds them now.</summary>
    /// <exception cref="JournalMisconfiguredException">The file cannot be used.</exception>
    public static string Pem(string file, string option) => Read(() => SecretFile.ReadPem(file, option));

    private static string Digest(string? file, string name) => string.IsNullOrWhiteSpace(file)
        ? "-"
        : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Pem(file, $"Kafka:Security:{name}"))));

    private static string Read(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (SecretFileException e)
        {
            throw new JournalMisconfiguredException(e.Message, e.Fix, e);
        }
    }
}
