using System.ComponentModel;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Configuration;

/// <summary>Everything that can be configured. What is not given has the default of its type.</summary>
public sealed class ConnectorOptions
{
    [Description("What is collected. A source is on when it has credentials, unless Enabled is false.")]
    public SourcesOptions Sources { get; init; } = new();

    [Description("Where events and checkpoints are kept.")]
    public JournalOptions Journal { get; init; } = new();

    [Description("How a vendor's record becomes an event.")]
    public TransformOptions Transform { get; init; } = new();
}

/// <summary>The accounts of each vendor: one object, or an array of them.</summary>
public sealed class SourcesOptions
{
    [Description("Intercom workspaces: one object, or an array of them.")]
    public IReadOnlyList<IntercomOptions> Intercom { get; init; } = [];

    [Description("Sequence accounts: one object, or an array of them.")]
    public IReadOnlyList<SequenceOptions> Sequence { get; init; } = [];
}
