using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>How far one source has been read: a time window's end or an opaque cursor.</summary>
public abstract record SourcePosition
{
    /// <summary>The time up to which records were read; null when that is not known yet. For display only: sources resume from the position itself.</summary>
    [JsonIgnore]
    public abstract DateTimeOffset? Reached { get; }

    /// <summary>
    /// The time of the oldest dated record that a later read of this position can bring again, sweeps not counted; null = any record.
    /// </summary>
    [JsonIgnore]
    public abstract DateTimeOffset? ReadsAgainFrom { get; }

    /// <summary>
    /// The number of the earliest commit whose events a later read can bring again whatever their time says; null = the time decides alone.
    /// </summary>
    [JsonIgnore]
    public abstract long? FirstReachableCommit { get; }
}
