namespace ActivityConnector.Transforms;

/// <summary>What configuration and identity add to every event of one source. Immutable; part of the transform's input.</summary>
public sealed record EventSettings
{
    /// <summary>The configured base URL: <c>service.address</c>.</summary>
    public required string ServiceAddress { get; init; }

    /// <summary>The organisation of every record (Intercom's workspace id); null where each record carries its own (Sequence).</summary>
    public string? OrganizationId { get; init; }

    /// <summary><c>organization.name</c>, if known.</summary>
    public string? OrganizationName { get; init; }

    /// <summary><c>intercom.api_version</c>: the version the request asked for, because it renames types; null = left out.</summary>
    public string? ApiVersion { get; init; }

    /// <summary><c>data_stream.namespace</c>: lower case, no <c>-</c>, at most 100 characters.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary><c>service.environment</c>, if configured.</summary>
    public string? ServiceEnvironment { get; init; }

    /// <summary>The connector itself: <c>agent.*</c>.</summary>
    public required AgentIdentity Agent { get; init; }

    /// <summary>Configured tags; quality tags follow them.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary><c>labels.*</c>: keys match <c>[a-z0-9_]+</c>.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether <c>event.original</c> is kept. <c>event.hash</c> always is.</summary>
    public bool KeepOriginal { get; init; } = true;

    /// <summary><c>event.severity</c> by <c>event.action</c>, over the mapping table's.</summary>
    public IReadOnlyDictionary<string, int> SeverityOverrides { get; init; } = new Dictionary<string, int>();

    /// <summary>What is dropped or hashed before an event leaves the transform.</summary>
    public PrivacyRules Privacy { get; init; } = PrivacyRules.KeepAll;
}

/// <summary>The connector as <c>agent.*</c>; <c>agent.type</c> is always <c>activity-connector</c>.</summary>
/// <param name="Id">A UUID kept in the connector's state.</param>
/// <param name="Name">Configured, else the host's name.</param>
/// <param name="Version">The connector's version.</param>
/// <param name="EphemeralId">A UUID of this process, if wanted in events.</param>
public sealed record AgentIdentity(string Id, string Name, string Version, string? EphemeralId = null);
