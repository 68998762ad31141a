using System.ComponentModel.DataAnnotations;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The configuration section <c>Elasticsearch</c>: an Elasticsearch (7.17, 8, 9) or OpenSearch (2, 3) that events are brought to.</summary>
public sealed class ElasticsearchOptions
{
    /// <summary>What the namespace of a data stream may be.</summary>
    internal const string NamespacePattern = """[^A-Z\-\\/*?"<>| ,#:]{1,100}""";

    internal const string NamespaceFix = "Use at most 100 characters: lower case, no '-', no space, none of \\/*?\"<>|,#:.";

    /// <summary>The nodes, as https://host:9200; empty = events are not brought to Elasticsearch. Several take turns, and stand in for each other.</summary>
    public IReadOnlyList<string> Urls { get; set; } = [];

    /// <summary>An API key, as id:key or in its encoded form.</summary>
    public string? ApiKey { get; set; }

    /// <summary>A file that holds the API key, read again for each request.</summary>
    public string? ApiKeyFile { get; set; }

    /// <summary>The user, where there is no API key.</summary>
    public string? Username { get; set; }

    /// <summary>A file that holds the user.</summary>
    public string? UsernameFile { get; set; }

    /// <summary>The user's password.</summary>
    public string? Password { get; set; }

    /// <summary>A file that holds the user's password, read again for each request.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The certificates (PEM) that the server's is checked against; null = the system's. Read again for each connection.</summary>
    public string? CaFile { get; set; }

    /// <summary>The SHA-256 of the certificate that is trusted, in hex with or without colons: the server's own, or the one that signed it.</summary>
    [RegularExpression("([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}", ErrorMessage = "Give the 64 hex digits of a SHA-256; colons between pairs are allowed.")]
    public string? CaFingerprint { get; set; }

    /// <summary>The client's certificate with its chain (PEM). Read again for each connection.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The key of the client's certificate (PEM).</summary>
    public string? KeyFile { get; set; }

    /// <summary>Whether the server's certificate must name the host that was asked. False only for tests.</summary>
    public bool VerifyHostname { get; set; } = true;

    /// <summary>Where events go: an index for each month they happened in, or a data stream.</summary>
    public ElasticsearchMode Mode { get; set; }

    /// <summary>What the names of indices begin with. Changing it starts anew: what is stored under the old one is stored again.</summary>
    [RegularExpression("[a-z0-9][a-z0-9_]{0,39}", ErrorMessage = "Use at most 40 characters of a-z, 0-9 and _, the first none of _.")]
    public string Prefix { get; set; } = "logs";

    /// <summary>The last part of the data stream's name; null = Transform:Namespace.</summary>
    [RegularExpression(NamespacePattern, ErrorMessage = NamespaceFix)]
    public string? Namespace { get; set; }

    /// <summary>
    /// How long after it happened an event is kept. An older one is not sent, because its index would be deleted at once. Used when policies are made:
    /// later changes are made in the cluster too.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan? Retention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>The most bytes of one bulk request; fewer are sent while the server says that it is too much.</summary>
    [Range(10_000, 50_000_000)]
    [Unit("bytes")]
    public int BatchBytes { get; set; } = 5_000_000;

    /// <summary>The most events of one bulk request.</summary>
    [Range(1, 50_000)]
    [Unit("events")]
    public int BatchSize { get; set; } = 1000;

    /// <summary>How long the journal is left alone after it had nothing new.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether requests and answers are sent compressed: less network, more processor.</summary>
    public bool Compress { get; set; }

    /// <summary>Whether templates and policies that are missing or of an older version are installed at the start; false = by the command setup.</summary>
    public bool Setup { get; set; } = true;

    /// <summary>Folder of the templates and policies. When not given: elasticsearch beside the configuration file, else those of this version.</summary>
    public string? SetupFolder { get; set; }

    /// <summary>The section that the credential is written in, for messages.</summary>
    internal string CredentialSection { get; init; } = "Elasticsearch";

    /// <summary>The section that the certificates are written in, for messages.</summary>
    internal string CertificateSection { get; init; } = "Elasticsearch";

    /// <summary>Whether requests are signed.</summary>
    internal bool HasCredential => new[] { ApiKey, ApiKeyFile, Username, UsernameFile }.Any(given => !string.IsNullOrWhiteSpace(given));

    /// <summary>Whether events are brought there at all.</summary>
    public bool IsOn => Urls.Count > 0;
}

/// <summary>Where events go.</summary>
public enum ElasticsearchMode
{
    /// <summary>An index for each month, by the event's own time: an event is stored once whatever is sent again.</summary>
    Month,

    /// <summary>A data stream; what may have been stored before its last rollover is looked up first.</summary>
    Datastream,
}
