using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Scheduling;

/// <summary>One configured account: its source, the transform for its records, and when it runs.</summary>
public sealed record ConfiguredSource
{
    /// <summary>Unique among the configured sources: the vendor's name, with the account where it is configured.</summary>
    public required string Name { get; init; }

    public required IActivitySource Source { get; init; }

    /// <summary>Makes the transform once the account is known.</summary>
    public required Func<SourceIdentity, IActivityTransform> Transform { get; init; }

    /// <summary>When to poll: a Quartz cron expression in UTC.</summary>
    public required string Schedule { get; init; }

    /// <summary>When to check completeness: a Quartz cron expression in UTC; empty = never.</summary>
    public required string SweepSchedule { get; init; }

    /// <summary>How far back a completeness check reads.</summary>
    public required TimeSpan SweepRange { get; init; }

    /// <summary>How far back every poll reads again (lookback or hold-back).</summary>
    public required TimeSpan Overlap { get; init; }
}
