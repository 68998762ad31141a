namespace ActivityConnector.Verification;

/// <summary>What a comparison of vendors, journal and sink came to.</summary>
/// <param name="MadeAt">When it was made, UTC.</param>
/// <param name="Version">Of the connector.</param>
/// <param name="Journal">The kind of the journal.</param>
/// <param name="Sources">A report for each source.</param>
public sealed record VerificationReport(DateTimeOffset MadeAt, string Version, string Journal, IReadOnlyList<SourceReport> Sources)
{
    /// <summary>Every source is shown to be complete: nothing differs, and nothing could not be shown.</summary>
    public bool IsComplete => Sources.All(source => source.Outcome == VerificationOutcome.Complete);
}

/// <summary>What is known of a source after it was compared.</summary>
public enum VerificationOutcome
{
    /// <summary>Vendor, journal and sink hold the same, but for what is explained.</summary>
    Complete,

    /// <summary>Something is missing, extra or different.</summary>
    Different,

    /// <summary>A part could not be compared, or is not collected or delivered yet. There may be differences as well.</summary>
    NotShown,
}

/// <summary>The comparison of one source.</summary>
public sealed record SourceReport
{
    /// <summary><c>vendor/account</c>; the configured name where the account could not be asked for.</summary>
    public required string Source { get; init; }

    /// <summary>The first hour that was compared.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The end of the last hour that was compared.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>How far the connector has read; null when that is not known.</summary>
    public DateTimeOffset? ReadTo { get; init; }

    /// <summary>The sink that was compared; null when none is on, or it could not be read.</summary>
    public string? Sink { get; init; }

    /// <summary>By day; the row without a day is of events without a time.</summary>
    public IReadOnlyList<DayCounts> Days { get; init; } = [];

    /// <summary>How many differences there are; <see cref="Differences"/> lists the first of them.</summary>
    public long DifferenceCount { get; init; }

    /// <summary>By time; at most <see cref="SourceVerification.MostListed"/>.</summary>
    public IReadOnlyList<Difference> Differences { get; init; } = [];

    /// <summary>What differs and is as it must be.</summary>
    public IReadOnlyList<Explanation> Explained { get; init; } = [];

    /// <summary>Why it is not shown to be complete; empty when it is.</summary>
    public IReadOnlyList<string> NotShown { get; init; } = [];

    /// <summary>What was left out of the comparison.</summary>
    public IReadOnlyList<string> NotCovered { get; init; } = [];

    public VerificationOutcome Outcome => NotShown.Count > 0 ? VerificationOutcome.NotShown
        : DifferenceCount > 0 ? VerificationOutcome.Different
        : VerificationOutcome.Complete;
}

/// <summary>The events of one day (UTC), each counted once wherever it was met.</summary>
public sealed record DayCounts
{
    /// <summary>Null for events without a time of the vendor's.</summary>
    public required DateOnly? Day { get; init; }

    /// <summary>Events of the records that the vendor shows now.</summary>
    public long Vendor { get; set; }

    /// <summary>Events whose ids the journal knows, or that it holds.</summary>
    public long Journal { get; set; }

    /// <summary>Those of the journal that are a later content of a record.</summary>
    public long Revisions { get; set; }

    /// <summary>Events that the sink stores.</summary>
    public long Sink { get; set; }

    /// <summary>Events that are open dead letters.</summary>
    public long DeadLetters { get; set; }

    /// <summary>Differences by which something is missing.</summary>
    public long Missing { get; set; }

    /// <summary>Differences by which something is there that should not be, or more than once.</summary>
    public long Extra { get; set; }

    /// <summary>Events whose record says something else than the journal.</summary>
    public long Changed { get; set; }
}

/// <summary>A difference that nothing explains.</summary>
public enum DifferenceKind
{
    MissingInJournal,
    EventLostInJournal,
    MissingInSink,
    Changed,
    ExtraInJournal,
    UnknownInJournal,
    TwiceInJournal,
    ExtraInSink,
    TwiceInSink,
    UnreadablePart,
}

/// <summary>One event that differs.</summary>
/// <param name="Kind">How.</param>
/// <param name="Id">
/// The document id: 40 hexadecimal digits, 32 where nothing holds the event any more. The id of the dead letter for
/// <see cref="DifferenceKind.UnreadablePart"/>.
/// </param>
/// <param name="EventId">The vendor's own id; null where nothing tells it.</param>
/// <param name="Action">The event's action; null where nothing tells it.</param>
/// <param name="Time">Its time; to the hour where nothing holds the event any more; null without one.</param>
public sealed record Difference(DifferenceKind Kind, string Id, string? EventId, string? Action, DateTimeOffset? Time);

/// <summary>Events that differ for a reason that is known.</summary>
/// <param name="Name">The reason in one or two words.</param>
/// <param name="Count">How many events.</param>
/// <param name="Text">The reason in a sentence.</param>
public sealed record Explanation(string Name, long Count, string Text);

/// <summary>The words for differences.</summary>
public static class Differences
{
    /// <summary>As tables and JSON have it.</summary>
    public static string Name(this DifferenceKind kind) => kind switch
    {
        DifferenceKind.MissingInJournal => "missing in journal",
        DifferenceKind.EventLostInJournal => "event lost in journal",
        DifferenceKind.MissingInSink => "missing in sink",
        DifferenceKind.Changed => "changed at vendor",
        DifferenceKind.ExtraInJournal => "extra in journal",
        DifferenceKind.UnknownInJournal => "unknown in journal",
        DifferenceKind.TwiceInJournal => "twice in journal",
        DifferenceKind.ExtraInSink => "extra in sink",
        DifferenceKind.TwiceInSink => "twice in sink",
        _ => "unreadable part",
    };

    /// <summary>What it means, and what to do about it.</summary>
    public static string Meaning(this DifferenceKind kind) => kind switch
    {
        DifferenceKind.MissingInJournal =>
            "The vendor shows the event, and the journal does not know it. The next sweep reads it if it is younger than SweepRange; else 'backfill' does.",
        DifferenceKind.EventLostInJournal =>
            "The journal knows the id, and the event itself is gone although Journal:Retention keeps it. The journal was damaged: bring it back from a backup. "
            + "No loss where the id came with 'checkpoint import', or where the retention of the journal or of its topic was shorter before.",
        DifferenceKind.MissingInSink => "The journal has the event, and the sink does not: send it again with 'replay --from --to'.",
        DifferenceKind.Changed =>
            "The record says something else now than the journal has. The next sweep publishes its content as a revision if it is younger than SweepRange.",
        DifferenceKind.ExtraInJournal =>
            "The journal has the event, and the vendor does not show it: the record was removed there, or it never was the vendor's.",
        DifferenceKind.UnknownInJournal =>
            "The journal holds the event and does not know its id: a read would publish it again. The journal was changed by another program.",
        DifferenceKind.TwiceInJournal =>
            "The journal holds the event twice: in Kafka after 'checkpoint reset' or 'checkpoint set', elsewhere because another program wrote it.",
        DifferenceKind.ExtraInSink => "The sink has a document that the journal does not know: another program, or another journal's connector, wrote it.",
        DifferenceKind.TwiceInSink => "The sink has the document in more than one index: searches over all of them count it twice.",
        _ => "The vendor shows text that is no record, and no open dead letter holds it: it was discarded, or not read yet.",
    };

    public static bool IsMissing(this DifferenceKind kind) => kind is DifferenceKind.MissingInJournal or DifferenceKind.EventLostInJournal
        or DifferenceKind.MissingInSink or DifferenceKind.UnreadablePart;
}
