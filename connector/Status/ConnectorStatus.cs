using ActivityConnector.Scheduling;

namespace ActivityConnector.Status;

/// <summary>The whole connector at one moment: what <c>status</c>, the API and the page show. Immutable.</summary>
public sealed record ConnectorStatus
{
    public required string Version { get; init; }

    /// <summary>When this was true, by the clock of the host that says it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When the connector started; null when none was asked, and this is what the journal alone shows.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>No connector answers at <c>Admin:Url</c>: none collects, as far as can be seen.</summary>
    public bool IsDown { get; init; }

    public required JournalState Journal { get; init; }

    public required IReadOnlyList<SourceState> Sources { get; init; }

    public required IReadOnlyList<SinkState> Sinks { get; init; }

    /// <summary>False when an operator must look at the connector, a source, a sink or the journal.</summary>
    public bool IsHealthy => !IsDown && Journal.Trouble is null && Sources.All(source => source.IsHealthy) && Sinks.All(sink => sink.IsHealthy);
}
