using System.ComponentModel.DataAnnotations;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The configuration section <c>Kafka:Security</c>. Files are read again when they change: a new password is used from the next connection
/// on, a new certificate or client secret from the next batch on. Where OAUTHBEARER has its tokens from is set by librdkafka's own properties,
/// <c>sasl.oauthbearer.…</c>, in <c>Kafka:Properties</c>.
/// </summary>
public sealed class KafkaSecurityOptions
{
    /// <summary>Whether TLS, SASL, both or neither protects the connection.</summary>
    public KafkaProtocol Protocol { get; set; } = KafkaProtocol.Plaintext;

    /// <summary>The SASL mechanism.</summary>
    [RegularExpression("PLAIN|SCRAM-SHA-256|SCRAM-SHA-512|OAUTHBEARER", ErrorMessage = "Give PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER.")]
    public string Mechanism { get; set; } = "SCRAM-SHA-512";

    /// <summary>The SASL user; with OAUTHBEARER the client id.</summary>
    public string? Username { get; set; }

    /// <summary>A file that holds the SASL user, or the client id.</summary>
    public string? UsernameFile { get; set; }

    /// <summary>The SASL password; with OAUTHBEARER the client secret.</summary>
    public string? Password { get; set; }

    /// <summary>A file that holds the SASL password, or the client secret.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The certificates (PEM) that the brokers' are checked against; null = the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>The client's certificate with its chain (PEM).</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The key of the client's certificate (PEM).</summary>
    public string? KeyFile { get; set; }

    /// <summary>The password of the key.</summary>
    public string? KeyPassword { get; set; }

    /// <summary>A file that holds the password of the key.</summary>
    public string? KeyPasswordFile { get; set; }

    /// <summary>Whether a broker's certificate must name the host that was asked. False only for tests.</summary>
    public bool VerifyHostname { get; set; } = true;
}

/// <summary>How a connection is protected; Kafka's own names.</summary>
public enum KafkaProtocol
{
    Plaintext,
    Ssl,
    SaslPlaintext,
    SaslSsl,
}
