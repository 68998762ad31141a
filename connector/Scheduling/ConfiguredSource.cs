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

    public required ISourceOptions Options { get; init; }
}
