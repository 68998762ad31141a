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
    public const int CurrentVersion = 2;

    [JsonPropertyName("v")]
    public int Version { get; init; } = CurrentVersion;

    [JsonPropertyName("source")]
    public required SourceKey Source { get; init; }

    /// <summary>Grows by one with each commit; anything else means a foreign writer.</summary>
    [JsonPropertyName("seq")]
    public required long Sequence { get; init; }

    /// <summary>The present of the commit: the earlier of the host's clock and the vendor's.</summary>
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

    /// <summary>What operators have asked for, in that order: open ranges, and the last of those that have ended. Null = nothing yet.</summary>
    [JsonPropertyName("ranges")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RequestedRange>? Ranges { get; init; }

    /// <summary>
    /// Whether records from before the position's own beginning may have been collected, and it is not known which: the source was reset, or ranges of
    /// long ago are not kept in <see cref="Ranges"/>.
    /// </summary>
    [JsonPropertyName("collected_earlier")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WasCollectedEarlier { get; init; }

    /// <summary>
    /// The time before which the journal may have forgotten events of this source: what is read again from before it is published again. Null =
    /// the journal knows every event.
    /// </summary>
    [JsonPropertyName("known_from")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? KnownFrom { get; init; }

    [JsonPropertyName("totals")]
    public CollectedCounts Totals { get; init; } = new();

    /// <summary>While it is set, the source is not read; null = it is.</summary>
    [JsonPropertyName("paused")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Pause? Paused { get; init; }

    /// <summary>What became of everything that was received, since the first commit of a build that counts it.</summary>
    [JsonPropertyName("ledger")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Ledger? Ledger { get; init; }

    /// <summary>The last event published, for people who look.</summary>
    [JsonPropertyName("last")]
    public LastEvent? Last { get; init; }

    /// <summary>The newest time of any event that was published, but for times that lie in the future; null = none was by a build that keeps it.</summary>
    [JsonPropertyName("newest")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? NewestEvent { get; init; }

    /// <summary>Fields of a newer minor version, kept as they are.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; } // The source generator cannot fill it through init.

    [JsonIgnore]
    public SourcePosition Position => (SourcePosition?)Window ?? Cursor ?? throw new InvalidOperationException("The checkpoint has neither window nor cursor.");

    /// <summary>The ranges that are still to be read, in their order.</summary>
    [JsonIgnore]
    public IEnumerable<RequestedRange> OpenRanges => Ranges?.Where(range => range.IsOpen) ?? [];

    /// <summary>Ranges that could not be shown to be complete and are read again, or are accepted gaps.</summary>
    [JsonIgnore]
    public IReadOnlyList<SuspectRange> Suspects => Window?.Suspects ?? [];
}

/// <summary>Who wrote it, for people who look.</summary>
public sealed record CheckpointWriter(
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("instance")] string Instance);

/// <summary>The completeness check: up to when the past was walked again, what is under way, and how many records it found late in all.</summary>
public sealed record SweepProgress
{
    /// <summary>Unix seconds: the end of the last sweep that was completed; null before the first.</summary>
    [JsonPropertyName("completed_to")]
    public long? CompletedTo { get; init; }

    /// <summary>When the last sweep began, or the source was first read: the next one is due at the first time of its schedule after this.</summary>
    [JsonPropertyName("began_at")]
    public DateTimeOffset? BeganAt { get; init; }

    /// <summary>The sweep that is not at its end yet; null = none.</summary>
    [JsonPropertyName("run")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SweepRun? Run { get; init; }

    [JsonPropertyName("late_total")]
    public long LateTotal { get; init; }
}

/// <summary>A sweep or a requested range under way: what it looks at, and how far it is. Times are Unix seconds.</summary>
public sealed record SweepRun
{
    /// <summary>Records of this time or later are looked at again.</summary>
    [JsonPropertyName("from")]
    public required long From { get; init; }

    /// <summary>Events up to and including this time that were not known are late.</summary>
    [JsonPropertyName("to")]
    public required long To { get; init; }

    /// <summary>
    /// For a source read by time: the last second that was looked at; null = none yet. For a source read by cursor: null, or the time down to
    /// which a sweep that reads from the newest record down has come.
    /// </summary>
    [JsonPropertyName("at")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? At { get; init; }

    /// <summary>For a source read by cursor: where it resumes; null = at its start.</summary>
    [JsonPropertyName("after")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? After { get; init; }

    /// <summary>For a requested range of a source read by cursor: the time up to which it has come, for people who look.</summary>
    [JsonPropertyName("reached")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Reached { get; init; }
}

/// <summary>The last event published.</summary>
public sealed record LastEvent(
    [property: JsonPropertyName("event_id")] string EventId,
    [property: JsonPropertyName("event_time")] DateTimeOffset EventTime,
    [property: JsonPropertyName("trace_id")] string? TraceId);
