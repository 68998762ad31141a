using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>
/// What came out of a source's pages and what became of it: <c>received = skipped + empty + broken + records</c>, in records, and
/// <c>events = published + known + grown + held + too_large</c>, in events. One record of Intercom is one event; one log of Sequence is as many
/// events as it has items, and one without items.
/// </summary>
/// <remarks>
/// Both sides are counted in different places: what is received where a page is added to a batch, records where they are mapped, events where
/// they come out of the transform, and the rest where its fate is decided. So a defect that drops one shows as a difference.
/// </remarks>
public sealed record Ledger
{
    /// <summary>Elements of pages that belong to a batch: records, nulls, and text that is no record.</summary>
    [JsonPropertyName("received")]
    public long Received { get; init; }

    /// <summary>Records that are outside of what was asked for, or the same as another of the batch.</summary>
    [JsonPropertyName("skipped")]
    public long Skipped { get; init; }

    /// <summary>Elements that are null.</summary>
    [JsonPropertyName("empty")]
    public long Empty { get; init; }

    /// <summary>Text that is no record: it becomes dead letters.</summary>
    [JsonPropertyName("broken")]
    public long Broken { get; init; }

    /// <summary>Records that became at least one event.</summary>
    [JsonPropertyName("records")]
    public long Records { get; init; }

    /// <summary>The events that they became.</summary>
    [JsonPropertyName("events")]
    public long Events { get; init; }

    /// <summary>Events that are committed, revisions included.</summary>
    [JsonPropertyName("published")]
    public long Published { get; init; }

    /// <summary>Events that were already in the journal.</summary>
    [JsonPropertyName("known")]
    public long Known { get; init; }

    /// <summary>Events whose record only gained a member.</summary>
    [JsonPropertyName("grown")]
    public long Grown { get; init; }

    /// <summary>Events whose record changes too often: they are left to the next sweep.</summary>
    [JsonPropertyName("held")]
    public long Held { get; init; }

    /// <summary>Events that are too large for the journal: they become dead letters.</summary>
    [JsonPropertyName("too_large")]
    public long TooLarge { get; init; }

    /// <summary>Records and events of which it is not known what became of them.</summary>
    [JsonPropertyName("unaccounted")]
    public long Unaccounted { get; init; }

    /// <summary>Those of <see cref="Unaccounted"/> that were read again: see <see cref="WithReadAgain"/>.</summary>
    [JsonPropertyName("read_again")]
    public long ReadAgain { get; init; }

    /// <summary>Where what is still unaccounted for lies; null when nothing is.</summary>
    [JsonPropertyName("lost")]
    public LostTime? Lost { get; init; }

    /// <summary>What is still unaccounted for: 0, but for a defect.</summary>
    [JsonIgnore]
    public long Open => Unaccounted - ReadAgain;

    /// <summary>The same, with what the sums do not account for.</summary>
    /// <param name="lost">Where that lies, if there is any.</param>
    public Ledger Closed(LostTime lost)
    {
        var unaccounted = Math.Abs(Received - Skipped - Empty - Broken - Records) + Math.Abs(Events - Published - Known - Grown - Held - TooLarge);
        return this with { Unaccounted = unaccounted, Lost = unaccounted > 0 ? lost : null };
    }

    /// <summary>
    /// The same after a sweep or a backfill that came to its end: what is unaccounted for has been read again when all of it lies in the range, and was lost
    /// before that began.
    /// </summary>
    public Ledger WithReadAgain(DateTimeOffset from, DateTimeOffset to, DateTimeOffset began) =>
        Lost is { } lost && !(from <= lost.From && lost.To <= to && lost.At < began) ? this : this with { ReadAgain = Unaccounted, Lost = null };

    public static Ledger operator +(Ledger a, Ledger b) => new()
    {
        Received = a.Received + b.Received,
        Skipped = a.Skipped + b.Skipped,
        Empty = a.Empty + b.Empty,
        Broken = a.Broken + b.Broken,
        Records = a.Records + b.Records,
        Events = a.Events + b.Events,
        Published = a.Published + b.Published,
        Known = a.Known + b.Known,
        Grown = a.Grown + b.Grown,
        Held = a.Held + b.Held,
        TooLarge = a.TooLarge + b.TooLarge,
        Unaccounted = a.Unaccounted + b.Unaccounted,
        ReadAgain = a.ReadAgain + b.ReadAgain,
        Lost = a.Lost is { } lost && b.Lost is { } other ? lost.With(other) : a.Lost ?? b.Lost,
    };
}

/// <summary>Where records or events lie of which it is not known what became of them.</summary>
/// <param name="From">No record of the batches that they were in is earlier.</param>
/// <param name="To">None is later.</param>
/// <param name="At">When the last of these batches was read.</param>
public sealed record LostTime(
    [property: JsonPropertyName("from")] DateTimeOffset From,
    [property: JsonPropertyName("to")] DateTimeOffset To,
    [property: JsonPropertyName("at")] DateTimeOffset At)
{
    /// <summary>One that holds both.</summary>
    public LostTime With(LostTime other) =>
        new(From < other.From ? From : other.From, To > other.To ? To : other.To, At > other.At ? At : other.At);

    /// <summary><c>2026-11-01T00:00:00Z..2026-11-28T10:00:00Z</c>: what a sweep has to be asked for.</summary>
    public override string ToString() => $"{UtcText.Of(From)}..{UtcText.Of(To.AddSeconds(1))}";
}
