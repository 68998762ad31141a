using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ActivityConnector.Transforms;

namespace ActivityConnector.Configuration;

/// <summary>How a vendor's record becomes an event.</summary>
public sealed class TransformOptions
{
    [Description("Keep the vendor's own text of the record in event.original. event.hash is kept either way.")]
    public bool KeepOriginal { get; init; } = true;

    [Description("flat: one level of dotted keys; nested: objects.")]
    public EventFormat Format { get; init; }

    [Description("data_stream.namespace: lower case, no '-', at most 100 characters.")]
    [RegularExpression("""[^A-Z\-\\/*?"<>| ,#:]{1,100}""", ErrorMessage = "a namespace is lower case, at most 100 characters, without '-', spaces and \\/*?\"<>|,#:")]
    public string Namespace { get; init; } = "default";

    [Description("service.environment of every event, for example production. Left out when not given.")]
    public string? Environment { get; init; }

    [Description("agent.name of every event. The host's name when not given.")]
    public string? AgentName { get; init; }

    [Description("Tags of every event.")]
    public IReadOnlyList<string> Tags { get; init; } = [];

    [Description("labels.* of every event. Names are of a-z, 0-9 and _.")]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    [Description("event.severity by event.action, 0 to 100, over the mapping table's.")]
    public IReadOnlyDictionary<string, int> Severity { get; init; } = new Dictionary<string, int>();

    [Description("What is left out or hashed before an event leaves the connector.")]
    public PrivacyOptions Privacy { get; init; } = new();

    [Description("Folder of the mapping tables intercom-ecs.csv and sequence-ecs.csv. When not given: mappings beside the configuration file, else those of this version.")]
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
    [Description("Field to keep, drop or hash. A name may end in .* for all below it; the longest match wins.")]
    public IReadOnlyDictionary<string, PrivacyAction> Fields { get; init; } = new Dictionary<string, PrivacyAction>();

    [Description("File with the key that hashed values are made with. Needed as soon as one field is hashed.")]
    public string? KeyFile { get; init; }
}
