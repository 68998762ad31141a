namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The configuration section <c>Kafka:SchemaRegistry</c>: a Confluent Schema Registry, or one that speaks its REST API, that holds the JSON Schema of the
/// values of the events topics.
/// </summary>
public sealed class SchemaRegistryOptions
{
    /// <summary>
    /// The registry, as https://host:8081; null = none: values are plain JSON. With one, each value begins with the five bytes that name its schema, as
    /// Confluent's deserializers expect them.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>The user, or the key of an API key.</summary>
    public string? Username { get; set; }

    /// <summary>A file that holds the user.</summary>
    public string? UsernameFile { get; set; }

    /// <summary>The user's password, or the secret of an API key.</summary>
    public string? Password { get; set; }

    /// <summary>A file that holds the user's password, read again each time the registry is asked.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The root certificates (PEM) that the registry's is checked against; null = the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>Whether a schema that the registry does not have is registered at the start; false = by the command setup.</summary>
    public bool AutoRegister { get; set; }

    /// <summary>Whether there is one.</summary>
    public bool IsOn => !string.IsNullOrWhiteSpace(Url);
}
