using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>
/// A source that is read by opaque cursors, oldest record first (Sequence). Cursors are like secrets: they are never logged. All times are
/// Unix seconds.
/// </summary>
public sealed record CursorPosition : SourcePosition
{
    /// <summary>The last cursor whose page was wholly older than the hold-back when it was read; null before the first.</summary>
    [JsonPropertyName("after")]
    public required string? After { get; init; }

    /// <summary>The median record time of the last page before <see cref="After"/>; null before the first.</summary>
    [JsonPropertyName("at")]
    public long? At { get; init; }

    /// <summary>
    /// The earliest commit that brought a known event which lies beyond <see cref="After"/>; null = nothing that is known lies there, 0 = it is
    /// not known. A source passes on the floor of the cursor that its walk began at.
    /// </summary>
    [JsonPropertyName("floor")]
    public long? Floor { get; init; }

    /// <summary>
    /// Earlier cursors, about one a day, newest first: where a sweep starts, and what is gone back to when the vendor refuses
    /// <see cref="After"/>.
    /// </summary>
    [JsonPropertyName("days")]
    public IReadOnlyList<DayCursor> Days { get; init; } = [];

    /// <summary>The page size that <see cref="After"/> was asked for with.</summary>
    [JsonPropertyName("limit")]
    public required int Limit { get; init; }

    /// <summary>The accounts whose records the list has brought, at most 16: another list is noticed by them.</summary>
    [JsonPropertyName("accounts")]
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>The newest record time seen along the list that was not in the future.</summary>
    [JsonPropertyName("head")]
    public DateTimeOffset? Head { get; init; }

    /// <summary>What stands for the last record before <see cref="After"/>: where nothing lies beyond, it is the newest one. Null = it is not known.</summary>
    [JsonPropertyName("last")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? Last { get; init; }

    /// <summary>Whether an operator gave <see cref="After"/>: what lies before it is skipped.</summary>
    [JsonPropertyName("given")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsGiven { get; init; }

    /// <summary>The newest record, which no walk has met, from however early a cursor: it is not looked for again. Null = there is none.</summary>
    [JsonPropertyName("not_met")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? NotMet { get; init; }

    /// <summary>Records before this time are left out, fixed by the first read; null = none are.</summary>
    [JsonPropertyName("backfill_from")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BackfillFrom { get; init; }

    /// <summary>
    /// While the list is read again because every cursor was refused: dated records before this time were read before and are left out.
    /// </summary>
    [JsonPropertyName("skip_before")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SkipBefore { get; init; }

    /// <summary>When the list was last seen to its end, as far as that was committed: what is older by the hold-back was read.</summary>
    [JsonPropertyName("tail_at")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TailAt { get; init; }

    /// <summary>
    /// When the pages after <see cref="After"/> up to <see cref="UndatedTo"/>, which have no readable time, were first read; null = there
    /// is none.
    /// </summary>
    [JsonPropertyName("undated_since")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? UndatedSince { get; init; }

    /// <summary>The cursor after those pages: the position moves there once they were read longer ago than the hold-back.</summary>
    [JsonPropertyName("undated_to")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UndatedTo { get; init; }

    /// <summary>
    /// While a page cannot be read or the list ends early: up to which record time the list was read from its head, beyond that page; null = the
    /// list was last read to its end.
    /// </summary>
    [JsonPropertyName("head_read_to")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? HeadReadTo { get; init; }

    [JsonIgnore]
    public override DateTimeOffset? Reached => HeadReadTo is { } to && DateTimeOffset.FromUnixTimeSeconds(to) is var read && !(Head > read) ? read : Head;

    [JsonIgnore]
    public override DateTimeOffset? ReadsAgainFrom => Days is [.., { At: var at }] ? DateTimeOffset.FromUnixTimeSeconds(at)
        : At is { } last && After is not null ? DateTimeOffset.FromUnixTimeSeconds(last)
        : null;

    [JsonIgnore]
    public override long? FirstReachableCommit
    {
        get
        {
            var floors = Days.Select(day => day.Floor).Append(Floor).OfType<long>().ToList();
            return floors.Count > 0 ? floors.Min() : null;
        }
    }

    /// <summary>Lists compare by content.</summary>
    public bool Equals(CursorPosition? other) =>
        other is not null && After == other.After && At == other.At && Floor == other.Floor && Limit == other.Limit && Head == other.Head
        && Last == other.Last && NotMet == other.NotMet && IsGiven == other.IsGiven && BackfillFrom == other.BackfillFrom
        && SkipBefore == other.SkipBefore && TailAt == other.TailAt && UndatedSince == other.UndatedSince && UndatedTo == other.UndatedTo
        && HeadReadTo == other.HeadReadTo && Days.SequenceEqual(other.Days) && Accounts.SequenceEqual(other.Accounts);

    public override int GetHashCode() => HashCode.Combine(After, At, Limit, Head, SkipBefore, Days.Count, Accounts.Count);
}

/// <summary>A cursor that the position was at.</summary>
/// <param name="After">The cursor; null = the beginning of the list.</param>
/// <param name="At">The median record time of the last page before it.</param>
/// <param name="Floor">The earliest commit that brought a known event which lies beyond it; null = nothing that is known lies there.</param>
public sealed record DayCursor(
    [property: JsonPropertyName("after")] string? After,
    [property: JsonPropertyName("at")] long At,
    [property: JsonPropertyName("floor")] long? Floor);
