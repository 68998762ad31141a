using System.ComponentModel.DataAnnotations;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Transforms;

namespace ActivityConnector.Configuration;

/// <summary>How a vendor's record becomes an event.</summary>
public sealed class TransformOptions
{
    /// <summary>Keep the vendor's own text of the record in event.original. event.hash is kept either way.</summary>
    public bool KeepOriginal { get; init; } = true;

    /// <summary>flat: one level of dotted keys; nested: objects.</summary>
    public EventFormat Format { get; init; }

    /// <summary>data_stream.namespace: lower case, no '-', at most 100 characters.</summary>
    [RegularExpression(ElasticsearchOptions.NamespacePattern, ErrorMessage = ElasticsearchOptions.NamespaceFix)]
    public string Namespace { get; init; } = "default";

    /// <summary>service.environment of every event, for example production. Left out when not given.</summary>
    public string? Environment { get; init; }

    /// <summary>agent.name of every event. The host's name when not given.</summary>
    public string? AgentName { get; init; }

    /// <summary>Tags of every event.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>labels.* of every event. Names are of a-z, 0-9 and _.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>event.severity by event.action, 0 to 100, over the mapping table's.</summary>
    public IReadOnlyDictionary<string, int> Severity { get; init; } = new Dictionary<string, int>();

    /// <summary>What is left out or hashed before an event leaves the connector.</summary>
    public PrivacyOptions Privacy { get; init; } = new();

    /// <summary>
    /// Folder of the mapping tables intercom-ecs.csv and sequence-ecs.csv. When not given: mappings beside the configuration file, else
    /// those of this version.
    /// </summary>
    public string? MappingsFolder { get; set; }
}

/// <summary>The shape of an event's JSON.</summary>
public enum EventFormat
{
    Flat,
    Nested,
}

/// <summary>Privacy per field of the finished event.</summary>
public sealed class PrivacyOptions
{
    /// <summary>Field to keep, drop or hash. A name may end in .* for all below it; the longest match wins.</summary>
    public IReadOnlyDictionary<string, PrivacyAction> Fields { get; init; } = new Dictionary<string, PrivacyAction>();

    /// <summary>File with the key that hashed values are made with. Needed as soon as one field is hashed.</summary>
    public string? KeyFile { get; init; }
}
