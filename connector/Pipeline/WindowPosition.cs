using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>A source that is read by time (Intercom). All times are Unix seconds, all spans seconds.</summary>
public sealed record WindowPosition : SourcePosition
{
    /// <summary>Every record with <c>created_at</c> up to and including this second has been walked, but for <see cref="Suspects"/>.</summary>
    [JsonPropertyName("watermark")]
    public required long Watermark { get; init; }

    /// <summary>
    /// The width the next window starts with: halved where the vendor fails on it; after success as the density of records allows, at most
    /// doubled.
    /// </summary>
    [JsonPropertyName("span_s")]
    public required long SpanSeconds { get; init; }

    [JsonPropertyName("lookback_s")]
    public required long LookbackSeconds { get; init; }

    [JsonPropertyName("settle_s")]
    public required long SettleSeconds { get; init; }

    /// <summary>The second the history was first read from.</summary>
    [JsonPropertyName("backfill_from")]
    public required long BackfillFrom { get; init; }

    /// <summary>The narrowest width that the vendor failed on within the last day; null = none.</summary>
    [JsonPropertyName("failed_span_s")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? FailedSpanSeconds { get; init; }

    /// <summary>When <see cref="FailedSpanSeconds"/> was noted.</summary>
    [JsonPropertyName("failed_at")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? FailedAt { get; init; }

    /// <summary>Ranges behind the watermark that could not be shown to be complete, by time.</summary>
    [JsonPropertyName("suspects")]
    public IReadOnlyList<SuspectRange> Suspects { get; init; } = [];

    [JsonIgnore]
    public override DateTimeOffset? Reached => DateTimeOffset.FromUnixTimeSeconds(Watermark);

    [JsonIgnore]
    public override DateTimeOffset? ReadsAgainFrom =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Max(0, Suspects.Where(s => !s.Accepted).Select(s => s.From).Append(Watermark - LookbackSeconds).Min()));

    [JsonIgnore]
    public override long? FirstReachableCommit => null;

    /// <summary>Suspect ranges compare by content.</summary>
    public bool Equals(WindowPosition? other) =>
        other is not null && Watermark == other.Watermark && SpanSeconds == other.SpanSeconds && LookbackSeconds == other.LookbackSeconds
        && SettleSeconds == other.SettleSeconds && BackfillFrom == other.BackfillFrom && FailedSpanSeconds == other.FailedSpanSeconds
        && FailedAt == other.FailedAt && Suspects.SequenceEqual(other.Suspects);

    public override int GetHashCode() => HashCode.Combine(Watermark, SpanSeconds, LookbackSeconds, SettleSeconds, BackfillFrom, Suspects.Count);
}
