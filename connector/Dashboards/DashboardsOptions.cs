using System.ComponentModel.DataAnnotations;
using ActivityConnector.Sinks.Elasticsearch;

namespace ActivityConnector.Dashboards;

/// <summary>The configuration section <c>Dashboards</c>: the Kibana (8.15 and newer) or OpenSearch Dashboards (2, 3) that setup imports into.</summary>
public sealed class DashboardsOptions
{
    internal const string SpaceIdFix = "Give the id of the space, as in its URL: a-z, 0-9, _ and -.";

    private const string SpaceIdPattern = "[a-z0-9_-]+";
    private const string Section = "Dashboards";

    /// <summary>The address of Kibana or OpenSearch Dashboards, with its base path if it has one.</summary>
    public string? Url { get; set; }

    /// <summary>The id of the space of Kibana that is imported into; null = the default space. The option --space goes first.</summary>
    [RegularExpression(SpaceIdPattern, ErrorMessage = SpaceIdFix)]
    public string? Space { get; set; }

    /// <summary>An API key, as id:key or in its encoded form. Where this section has no credential, that of the section Elasticsearch is used.</summary>
    public string? ApiKey { get; set; }

    /// <summary>A file that holds the API key.</summary>
    public string? ApiKeyFile { get; set; }

    /// <summary>The user, where there is no API key.</summary>
    public string? Username { get; set; }

    /// <summary>A file that holds the user.</summary>
    public string? UsernameFile { get; set; }

    /// <summary>The user's password.</summary>
    public string? Password { get; set; }

    /// <summary>A file that holds the user's password.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>
    /// The certificates (PEM) that the server's is checked against. Where neither this nor CaFingerprint is given, those of the section Elasticsearch are
    /// used, and without them the system's.
    /// </summary>
    public string? CaFile { get; set; }

    /// <summary>The SHA-256 of the certificate that is trusted, in hex with or without colons: the server's own, or the one that signed it.</summary>
    [RegularExpression("([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}", ErrorMessage = "Give the 64 hex digits of a SHA-256; colons between pairs are allowed.")]
    public string? CaFingerprint { get; set; }

    /// <summary>Whether the server's certificate must name the host that was asked. False only for tests.</summary>
    public bool VerifyHostname { get; set; } = true;

    /// <summary>Whether there is a server to import into.</summary>
    internal bool IsOn => !string.IsNullOrWhiteSpace(Url);

    /// <summary>The server with what its requests are signed with: the credential and the certificates of this section, else those of the other one.</summary>
    internal ElasticsearchOptions ServerBeside(ElasticsearchOptions elasticsearch)
    {
        var hasOwn = HasOne(ApiKey, ApiKeyFile) || HasOne(Username, UsernameFile) || HasOne(Password, PasswordFile);
        var hasTrust = HasOne(CaFingerprint, CaFile);
        return new ElasticsearchOptions
        {
            Urls = Url is null ? [] : [Url.Trim()],
            ApiKey = hasOwn ? ApiKey : elasticsearch.ApiKey,
            ApiKeyFile = hasOwn ? ApiKeyFile : elasticsearch.ApiKeyFile,
            Username = hasOwn ? Username : elasticsearch.Username,
            UsernameFile = hasOwn ? UsernameFile : elasticsearch.UsernameFile,
            Password = hasOwn ? Password : elasticsearch.Password,
            PasswordFile = hasOwn ? PasswordFile : elasticsearch.PasswordFile,
            CaFile = hasTrust ? CaFile : elasticsearch.CaFile,
            CaFingerprint = hasTrust ? CaFingerprint : elasticsearch.CaFingerprint,
            VerifyHostname = VerifyHostname,
            CredentialSection = hasOwn ? Section : elasticsearch.CredentialSection,
            CertificateSection = hasTrust ? Section : elasticsearch.CertificateSection,
        };
    }

    internal static bool IsSpaceId(string text) => text.Length > 0 && new RegularExpressionAttribute(SpaceIdPattern).IsValid(text);

    private static bool HasOne(string? value, string? file) => !string.IsNullOrWhiteSpace(value) || !string.IsNullOrWhiteSpace(file);
}
