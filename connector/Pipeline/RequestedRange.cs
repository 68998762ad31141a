using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>
/// A range of time that an operator wants to be read beside the live records, and how far that is. It is a part of the checkpoint: its progress is
/// committed with the events that it brought.
/// </summary>
public sealed record RequestedRange
{
    /// <summary>Of one source no more wait or are read at a time.</summary>
    public const int MostOpen = 4;

    /// <summary>So many that have ended are kept, for people who look.</summary>
    public const int MostEnded = 8;

    /// <summary>Unique: what a person names it by.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("kind")]
    public required RangeKind Kind { get; init; }

    [JsonPropertyName("state")]
    public required RangeState State { get; init; }

    /// <summary>What is read, and how far it is.</summary>
    [JsonPropertyName("run")]
    public required SweepRun Run { get; init; }

    [JsonPropertyName("asked_at")]
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>When reading began; null = not yet.</summary>
    [JsonPropertyName("began_at")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? BeganAt { get; init; }

    /// <summary>When it was read to its end, or cancelled; null = it is open.</summary>
    [JsonPropertyName("ended_at")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How long it was worked on, in milliseconds: live records come first.</summary>
    [JsonPropertyName("worked_ms")]
    public long WorkedMilliseconds { get; init; }

    /// <summary>What it brought.</summary>
    [JsonPropertyName("counts")]
    public CollectedCounts Counts { get; init; } = new();

    /// <summary>Whether it is still to be read, as a whole or in part.</summary>
    [JsonIgnore]
    public bool IsOpen => State == RangeState.Open;

    [JsonIgnore]
    public DateTimeOffset From => DateTimeOffset.FromUnixTimeSeconds(Run.From);

    /// <summary>The end, which does not belong to it.</summary>
    [JsonIgnore]
    public DateTimeOffset To => DateTimeOffset.FromUnixTimeSeconds(Run.To + 1);

    /// <summary>Up to where it was read, which does not belong to that.</summary>
    [JsonIgnore]
    public DateTimeOffset Reached =>
        State == RangeState.Done ? To : DateTimeOffset.FromUnixTimeSeconds(Math.Clamp((Run.At ?? Run.Reached ?? (Run.From - 1)) + 1, Run.From, Run.To + 1));

    /// <summary>The part of its time that was read, 0 to 1.</summary>
    [JsonIgnore]
    public double Share => (Reached - From) / (To - From);

    /// <summary>How much more work it is, if the rest has as many records; null = nothing can be said yet.</summary>
    [JsonIgnore]
    public TimeSpan? Left => IsOpen && Share is > 0 and var share ? TimeSpan.FromMilliseconds(WorkedMilliseconds * ((1 - share) / share)) : null;

    /// <summary><c>2026-11-01T00:00:00Z..2026-11-28T10:00:00Z</c>, the end not included.</summary>
    [JsonIgnore]
    public string Span => SpanOf(From, To);

    /// <summary><c>backfill 1a2b3c4d of 2026-11-01T00:00:00Z..2026-11-28T10:00:00Z</c>.</summary>
    [JsonIgnore]
    public string Name => $"{Kind.Name()} {Id} of {Span}";

    /// <summary>The <see cref="Share"/> in whole per cent; 100 only when all is read.</summary>
    [JsonIgnore]
    public int Percent => (int)Math.Floor(Share * 100);

    /// <summary>The checkpoint with this state of the range; the oldest of more than <see cref="MostEnded"/> that have ended are left out.</summary>
    public Checkpoint In(Checkpoint checkpoint)
    {
        List<RequestedRange> ranges = [.. checkpoint.Ranges ?? []];
        var at = ranges.FindIndex(range => range.Id == Id);
        if (at >= 0) ranges[at] = this;
        else ranges.Add(this);

        var left = ranges.Where(range => !range.IsOpen).SkipLast(MostEnded).ToHashSet();
        return checkpoint with
        {
            Ranges = [.. ranges.Where(range => !left.Contains(range))],
            WasCollectedEarlier = checkpoint.WasCollectedEarlier || left.Any(range => range.BeganAt is not null),
        };
    }

    /// <summary>The checkpoint with a range that an operator does not want any more.</summary>
    /// <exception cref="ChangeRefusedException">There is no open range with this id.</exception>
    public static (Checkpoint Checkpoint, RequestedRange Cancelled) CancelIn(Checkpoint checkpoint, string id, DateTimeOffset present)
    {
        if (checkpoint.OpenRanges.FirstOrDefault(range => range.Id == id) is not { } range)
        {
            var open = string.Join(", ", checkpoint.OpenRanges.Select(r => r.Id));
            throw new ChangeRefusedException(
                $"{checkpoint.Source} has no open range {id}; it has: {(open.Length == 0 ? "none" : open)}.", "'backfill status' shows all of them.");
        }

        var cancelled = range with { State = RangeState.Cancelled, EndedAt = present };
        return (cancelled.In(checkpoint), cancelled);
    }

    internal static string SpanOf(DateTimeOffset from, DateTimeOffset to) => $"{UtcText.Of(from)}..{UtcText.Of(to)}";
}

/// <summary>Why a range is read.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RangeKind>))]
public enum RangeKind
{
    /// <summary>It was not collected: what is new is published.</summary>
    [JsonStringEnumMemberName("backfill")]
    Backfill,

    /// <summary>It was collected: what is missing from the journal is published and counts as late.</summary>
    [JsonStringEnumMemberName("sweep")]
    Sweep,
}

/// <summary>The kinds of ranges, as people and programs read them.</summary>
public static class RangeKinds
{
    /// <summary><c>backfill</c> or <c>sweep</c>.</summary>
    public static string Name(this RangeKind kind) => kind == RangeKind.Backfill ? "backfill" : "sweep";
}

/// <summary>What has become of a range.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RangeState>))]
public enum RangeState
{
    /// <summary>It waits, or is read.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>It was read to its end.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>An operator did not want the rest of it.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
