using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>How far one source has been read: a time window's end or an opaque cursor.</summary>
public abstract record SourcePosition
{
    /// <summary>The time up to which records were read; null when that is not known yet. A gauge: sources go on by the position itself.</summary>
    [JsonIgnore]
    public abstract DateTimeOffset? Reached { get; }

    /// <summary>Records of this time or later may be read again, by the overlap or by a sweep that reaches back so far.</summary>
    public DateTimeOffset RereadFrom(DateTimeOffset now, TimeSpan reach) => (Reached < now ? Reached.Value : now) - reach;
}

/// <summary>A source that is read by time (Intercom). All times are Unix seconds, all spans seconds.</summary>
public sealed record WindowPosition : SourcePosition
{
    /// <summary>Every record with <c>created_at</c> up to and including this second has been walked.</summary>
    [JsonPropertyName("watermark")]
    public required long Watermark { get; init; }

    [JsonIgnore]
    public override DateTimeOffset? Reached => DateTimeOffset.FromUnixTimeSeconds(Watermark);

    /// <summary>The width the next window starts with; halved where the vendor fails on it, doubled after success.</summary>
    [JsonPropertyName("span_s")]
    public required long SpanSeconds { get; init; }

    [JsonPropertyName("lookback_s")]
    public required long LookbackSeconds { get; init; }

    [JsonPropertyName("settle_s")]
    public required long SettleSeconds { get; init; }

    /// <summary>The second the history was first read from.</summary>
    [JsonPropertyName("backfill_from")]
    public required long BackfillFrom { get; init; }
}

/// <summary>A source that is read by opaque cursors (Sequence). Cursors are like secrets: they are never logged.</summary>
public sealed record CursorPosition : SourcePosition
{
    /// <summary>The order the cursor was minted for; a cursor is never used with another.</summary>
    [JsonPropertyName("sort")]
    public required string Sort { get; init; }

    /// <summary>The last cursor whose page was wholly older than the hold-back when it was read; null before the first.</summary>
    [JsonPropertyName("after")]
    public required string? After { get; init; }

    /// <summary>Up to three older cursors, newest first, for when the vendor refuses <see cref="After"/>.</summary>
    [JsonPropertyName("fallback")]
    public required IReadOnlyList<string> Fallback { get; init; }

    [JsonPropertyName("limit")]
    public required int Limit { get; init; }

    /// <summary>Digest of the request's filters: another value means the cursor belongs to another list.</summary>
    [JsonPropertyName("filters")]
    public required string Filters { get; init; }

    /// <summary>Since when the walk has started over from the beginning because every cursor was refused; null normally.</summary>
    [JsonPropertyName("null_since")]
    public DateTimeOffset? NullSince { get; init; }

    /// <summary>The newest record time seen; a gauge, never a condition.</summary>
    [JsonPropertyName("head")]
    public DateTimeOffset? Head { get; init; }

    [JsonIgnore]
    public override DateTimeOffset? Reached => Head;

    /// <summary>Unix seconds before which records are left out, fixed by the first read; null = none are.</summary>
    [JsonPropertyName("backfill_from")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BackfillFrom { get; init; }

    /// <summary>Fallbacks compare by content.</summary>
    public bool Equals(CursorPosition? other) =>
        other is not null && Sort == other.Sort && After == other.After && Limit == other.Limit && Filters == other.Filters
        && NullSince == other.NullSince && Head == other.Head && BackfillFrom == other.BackfillFrom && Fallback.SequenceEqual(other.Fallback);

    public override int GetHashCode() => HashCode.Combine(Sort, After, Limit, Filters, NullSince, Head, Fallback.Count);
}
