using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Verification;

/// <summary>What one source is compared with.</summary>
public sealed record VerificationScope
{
    public required IActivitySource Source { get; init; }

    /// <summary>The configured name, while the account is not known.</summary>
    public required string Name { get; init; }

    public required Func<SourceIdentity, IActivityTransform> Transform { get; init; }

    public required IJournalView Journal { get; init; }

    /// <summary>Null when no sink is on.</summary>
    public ISinkView? Sink { get; init; }

    /// <summary>The host's.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>How far back every poll reads again: younger records are not compared.</summary>
    public required TimeSpan Overlap { get; init; }

    /// <summary>How long the journal keeps an event.</summary>
    public required TimeSpan Retention { get; init; }

    /// <summary>Rounded down to the hour: the journal keeps ids by the hour.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Rounded up to the hour; null = as late as can be compared.</summary>
    public DateTimeOffset? Until { get; init; }
}
