using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>
/// What became of the records of one batch or run, or of all since the first commit of the source. Counts are of events, but for
/// <see cref="Empty"/> (records).
/// </summary>
public sealed record CollectedCounts
{
    /// <summary>Events committed, late and revised ones included.</summary>
    [JsonPropertyName("published")]
    public long Published { get; init; }

    /// <summary>Events that were already in the journal: the overlap at work.</summary>
    [JsonPropertyName("duplicates")]
    public long Known { get; init; }

    /// <summary>Events that were already in the journal and whose record has one member more now (a vendor's new field): not committed again.</summary>
    [JsonPropertyName("grown")]
    public long Grown { get; init; }

    /// <summary>Events that only a sweep found: their ids had never been seen. Revised ones do not count.</summary>
    [JsonPropertyName("late")]
    public long Late { get; init; }

    /// <summary>Events committed a second time, tagged <c>revised</c>, because the vendor changed their content.</summary>
    [JsonPropertyName("mutated")]
    public long Revised { get; init; }

    /// <summary>Events that are too large for the journal, and records the source could not cut out of their page.</summary>
    [JsonPropertyName("dead_letter")]
    public long DeadLetters { get; init; }

    /// <summary>Records that carried nothing.</summary>
    [JsonPropertyName("invalid")]
    public long Empty { get; init; }

    public static CollectedCounts operator +(CollectedCounts a, CollectedCounts b) => new()
    {
        Published = a.Published + b.Published,
        Known = a.Known + b.Known,
        Grown = a.Grown + b.Grown,
        Late = a.Late + b.Late,
        Revised = a.Revised + b.Revised,
        DeadLetters = a.DeadLetters + b.DeadLetters,
        Empty = a.Empty + b.Empty,
    };
}
