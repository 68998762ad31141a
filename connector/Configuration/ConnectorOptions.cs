using ActivityConnector.Admin;
using ActivityConnector.Dashboards;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Telemetry;

namespace ActivityConnector.Configuration;

/// <summary>Everything that can be configured. What is not given has the default of its type.</summary>
public sealed class ConnectorOptions
{
    /// <summary>What is collected. A source is on when it has credentials, unless Enabled is false.</summary>
    public SourcesOptions Sources { get; init; } = new();

    /// <summary>Where events and checkpoints are kept.</summary>
    public JournalOptions Journal { get; init; } = new();

    /// <summary>The Kafka cluster that holds the journal when Journal:Kind is Kafka.</summary>
    public KafkaOptions Kafka { get; init; } = new();

    /// <summary>The Elasticsearch or OpenSearch that events are brought to; on when it has Urls.</summary>
    public ElasticsearchOptions Elasticsearch { get; init; } = new();

    /// <summary>The Kibana or OpenSearch Dashboards that the command setup imports dashboards and detection rules into.</summary>
    public DashboardsOptions Dashboards { get; init; } = new();

    /// <summary>How a vendor's record becomes an event.</summary>
    public TransformOptions Transform { get; init; } = new();

    /// <summary>What the connector reports of itself; where to is said by the OTEL_* variables of the OpenTelemetry specification.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Health, metrics, the API and the page of the running service, over HTTP.</summary>
    public AdminOptions Admin { get; init; } = new();
}

/// <summary>The accounts of each vendor: one object, or an array of them.</summary>
public sealed class SourcesOptions
{
    /// <summary>Intercom workspaces: one object, or an array of them.</summary>
    public IReadOnlyList<IntercomOptions> Intercom { get; init; } = [];

    /// <summary>Sequence accounts: one object, or an array of them.</summary>
    public IReadOnlyList<SequenceOptions> Sequence { get; init; } = [];
}
