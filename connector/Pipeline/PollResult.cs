namespace ActivityConnector.Pipeline;

/// <summary>What one poll or sweep of a source did. Counts are of events, but for <see cref="Invalid"/> (records).</summary>
public sealed record PollResult
{
    /// <summary>Events committed, late and revised ones included.</summary>
    public long Published { get; init; }

    /// <summary>Events that were already in the journal: the overlap at work.</summary>
    public long Duplicates { get; init; }

    /// <summary>Events that were already in the journal and whose record has one member more now (a vendor's new field): not committed again.</summary>
    public long Grown { get; init; }

    /// <summary>Events that only this sweep found: their ids had never been seen. Revised ones do not count.</summary>
    public long Late { get; init; }

    /// <summary>Events committed a second time, tagged <c>revised</c>, because the vendor changed their content.</summary>
    public long Revised { get; init; }

    /// <summary>Events that are too large for the journal, and records the source could not cut out of their page.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Records that carried nothing.</summary>
    public long Invalid { get; init; }

    /// <summary>Transactions; none when an idle source had nothing new.</summary>
    public long Commits { get; init; }

    public static PollResult operator +(PollResult a, PollResult b) => new()
    {
        Published = a.Published + b.Published,
        Duplicates = a.Duplicates + b.Duplicates,
        Grown = a.Grown + b.Grown,
        Late = a.Late + b.Late,
        Revised = a.Revised + b.Revised,
        DeadLetters = a.DeadLetters + b.DeadLetters,
        Invalid = a.Invalid + b.Invalid,
        Commits = a.Commits + b.Commits,
    };
}
