using ActivityConnector.Pipeline;

namespace ActivityConnector.Verification;

/// <summary>Everything that vendor, journal and sink have shown of one source, before it is judged.</summary>
internal sealed class Gathered
{
    public required SourceKey Source { get; init; }

    public required Checkpoint Checkpoint { get; init; }

    public required HourRange Range { get; init; }

    /// <summary>Null when no sink is on.</summary>
    public required ISinkView? Sink { get; init; }

    /// <summary>The sink has shown all that it stores of the range.</summary>
    public bool HasSink { get; set; }

    public EventTable Events { get; } = new();

    /// <summary>What a person wants to know of events that may differ; at most <see cref="SourceVerification.MostListed"/>.</summary>
    public Dictionary<UInt128, Difference> Details { get; } = [];

    /// <summary>The keys of the events that are open dead letters.</summary>
    public HashSet<UInt128> DeadEvents { get; } = [];

    /// <summary>The ids of the open dead letters that hold text which is no record.</summary>
    public HashSet<string> DeadPages { get; } = [];

    /// <summary>The ids of the dead letters that the walk would have made of text which is no record, with what is wrong.</summary>
    public Dictionary<string, string> BrokenPages { get; } = [];

    /// <summary>Documents of the sink whose ids are no ids of this connector.</summary>
    public List<string> ForeignDocuments { get; } = [];

    /// <summary>Why the source is not shown to be complete.</summary>
    public List<string> NotShown { get; } = [];

    /// <summary>What was left out of the comparison.</summary>
    public List<string> NotCovered { get; } = [];

    /// <summary>Ranges that the vendor could not be read in.</summary>
    public IReadOnlyList<SuspectRange> Unreadable { get; set; } = [];

    /// <summary>The walk has come to its end.</summary>
    public bool IsWalkWhole { get; set; }

    /// <summary>The time of the oldest record that the vendor showed, Unix seconds; <see cref="long.MaxValue"/> = it showed none with a time.</summary>
    public long OldestShown { get; set; } = long.MaxValue;

    /// <summary>Records that only gained a member.</summary>
    public long Grown { get; set; }

    /// <summary>Records whose contents are not compared, because the journal has no digest of them.</summary>
    public long WithoutDigest { get; set; }

    /// <summary>
    /// An event that happened before this may have been deleted by retention; one that is later was committed later, and retention keeps it. Null =
    /// retention has deleted nothing.
    /// </summary>
    public DateTimeOffset? DeletedBefore { get; set; }

    /// <summary>
    /// The journal holds every event that was committed after this, and retention deletes what was committed before. Null = that cannot be shown.
    /// </summary>
    public DateTimeOffset? WholeSince { get; set; }

    /// <summary>How many events are known to be gone of which retention has deleted none; they may be of any source and any time.</summary>
    public long Lost { get; set; }

    /// <summary>Whether so little is listed that details of one more event are kept.</summary>
    public bool HasRoom => Details.Count < SourceVerification.MostListed;
}

/// <summary>Whole hours that are compared; Unix seconds, the end not included.</summary>
internal readonly record struct HourRange(long From, long Until)
{
    public const long Hour = 3600;

    public DateTimeOffset Start => DateTimeOffset.FromUnixTimeSeconds(From);

    public DateTimeOffset End => DateTimeOffset.FromUnixTimeSeconds(Until);

    /// <summary>Whether events of an hour since the epoch are in the range; those without a time are in every range.</summary>
    public bool Has(uint hour) => hour == 0 || (hour >= From / Hour && hour < Until / Hour);

    /// <summary>The beginning of the hour.</summary>
    public static long Floor(long seconds) => seconds - (((seconds % Hour) + Hour) % Hour);

    /// <summary>The beginning of the next hour, or the same where one begins.</summary>
    public static long Ceiling(long seconds) => Floor(seconds + Hour - 1);
}
