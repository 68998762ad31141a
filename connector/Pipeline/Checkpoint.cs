using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>
/// The versioned position of one source, committed together with the events that lead to it. Holds no secret. Times are UTC.
/// </summary>
/// <remarks>
/// Additive fields keep the version, and unknown ones survive a round trip; a changed meaning raises it, with an up-caster. The stored
/// text also has <c>kind</c> and <c>sum</c> (SHA-256 over the canonical JSON without it), which <see cref="CheckpointText"/> writes and checks.
/// </remarks>
public sealed record Checkpoint
{
    /// <summary>The version this binary writes. A newer one is refused.</summary>
    public const int CurrentVersion = 1;

    [JsonPropertyName("v")]
    public int Version { get; init; } = CurrentVersion;

    [JsonPropertyName("source")]
    public required CheckpointSource Source { get; init; }

    /// <summary>Grows by one with each commit; anything else means a foreign writer.</summary>
    [JsonPropertyName("seq")]
    public required long Sequence { get; init; }

    [JsonPropertyName("committed_at")]
    public required DateTimeOffset CommittedAt { get; init; }

    [JsonPropertyName("writer")]
    public required CheckpointWriter Writer { get; init; }

    /// <summary>The position of a source read by time; exactly one of this and <see cref="Cursor"/> is set.</summary>
    [JsonPropertyName("window")]
    public WindowPosition? Window { get; init; }

    /// <summary>The position of a source read by cursor.</summary>
    [JsonPropertyName("cursor")]
    public CursorPosition? Cursor { get; init; }

    [JsonPropertyName("sweep")]
    public SweepProgress Sweep { get; init; } = new();

    [JsonPropertyName("totals")]
    public CheckpointTotals Totals { get; init; } = new();

    /// <summary>The last event published, for people who look.</summary>
    [JsonPropertyName("last")]
    public LastEvent? Last { get; init; }

    /// <summary>Fields of a newer minor version, kept as they are.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; } // The source generator cannot fill it through init.

    [JsonIgnore]
    public SourcePosition Position => (SourcePosition?)Window ?? Cursor ?? throw new InvalidOperationException("The checkpoint has neither window nor cursor.");
}

/// <summary>What the checkpoint is of. A change of <see cref="ConfigHash"/> is logged; a change of filters on a cursor is refused.</summary>
public sealed record CheckpointSource(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("account")] string Account,
    [property: JsonPropertyName("api_version")] string? ApiVersion,
    [property: JsonPropertyName("config_hash")] string? ConfigHash);

/// <summary>Who wrote it, for people who look.</summary>
public sealed record CheckpointWriter(
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("instance")] string Instance);

/// <summary>The completeness check: up to when the past was walked again, and how many records it found late in all.</summary>
public sealed record SweepProgress
{
    /// <summary>Unix seconds; null before the first sweep.</summary>
    [JsonPropertyName("completed_to")]
    public long? CompletedTo { get; init; }

    [JsonPropertyName("late_total")]
    public long LateTotal { get; init; }
}

/// <summary>Counts since the first commit of this source.</summary>
public sealed record CheckpointTotals
{
    /// <summary>Events published, late and revised ones included.</summary>
    [JsonPropertyName("published")]
    public long Published { get; init; }

    /// <summary>Events read again inside the overlap and left out.</summary>
    [JsonPropertyName("duplicates")]
    public long Duplicates { get; init; }

    /// <summary>Events read again whose record had only one member more, and left out.</summary>
    [JsonPropertyName("grown")]
    public long Grown { get; init; }

    /// <summary>Events that only a sweep found; revised ones do not count.</summary>
    [JsonPropertyName("late")]
    public long Late { get; init; }

    /// <summary>Events published a second time because the vendor changed their content.</summary>
    [JsonPropertyName("mutated")]
    public long Mutated { get; init; }

    [JsonPropertyName("dead_letter")]
    public long DeadLetters { get; init; }

    /// <summary>Records that carried nothing.</summary>
    [JsonPropertyName("invalid")]
    public long Invalid { get; init; }
}

/// <summary>The last event published.</summary>
public sealed record LastEvent(
    [property: JsonPropertyName("event_id")] string EventId,
    [property: JsonPropertyName("event_time")] DateTimeOffset EventTime,
    [property: JsonPropertyName("trace_id")] string? TraceId);
