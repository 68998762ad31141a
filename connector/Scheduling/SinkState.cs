using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>What a sink is doing.</summary>
public enum SinkCondition
{
    /// <summary>Nothing was delivered or tried yet.</summary>
    Starting,

    /// <summary>It has everything that the journal has.</summary>
    UpToDate,

    /// <summary>Events are on their way.</summary>
    Delivering,

    /// <summary>Some events wait for their index, the others are delivered.</summary>
    Waiting,

    /// <summary>It takes nothing now.</summary>
    Blocked,

    /// <summary>The journal cannot be read, or the connector has a defect.</summary>
    Failed,

    /// <summary>No running connector was asked: this is what the journal alone shows.</summary>
    NotRunning,
}

/// <summary>What an operator needs to know about one sink, at one moment. Immutable.</summary>
public sealed record SinkState
{
    public required string Name { get; init; }

    public required SinkCondition Condition { get; init; }

    /// <summary>Why it does not take everything, in one sentence; null when it does.</summary>
    public string? Reason { get; init; }

    /// <summary>What the operator does about it.</summary>
    public string? Fix { get; init; }

    /// <summary>How long ago the oldest event was committed that the sink does not have, in seconds; 0 when it has all; null when it is not known.</summary>
    public double? LagSeconds { get; init; }

    /// <summary>Events that the sink does not have; with Kafka at most so many. Null when it is not known.</summary>
    public long? Waiting { get; init; }

    /// <summary>When it last settled events, or was seen to have all; null when it has not since the start.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>The last trouble since the start, also when it is over.</summary>
    public Trouble? LastError { get; init; }

    /// <summary>Since the start.</summary>
    public IndexerTotals Totals { get; init; } = new(0, 0, 0, 0);

    /// <summary>Events stored a minute, over the last five minutes; null when that is not known yet.</summary>
    public double? EventsPerMinute { get; init; }

    /// <summary>False when an operator must look.</summary>
    public bool IsHealthy => Condition is not (SinkCondition.Blocked or SinkCondition.Waiting or SinkCondition.Failed);
}
