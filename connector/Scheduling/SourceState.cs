using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>What an operator needs to know about one source, at one moment. Immutable.</summary>
public sealed record SourceState
{
    /// <summary>The configured source's name: the vendor's, with the account where one is configured.</summary>
    public required string Name { get; init; }

    /// <summary>Under which the journal keeps it: <c>vendor/account</c>; null until the account is known.</summary>
    public string? Key { get; init; }

    public required SourceCondition Condition { get; init; }

    /// <summary>Why it is not up to date, in one sentence; null when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>What the operator does about it.</summary>
    public string? Fix { get; init; }

    /// <summary>
    /// Up to when the vendor was read: every record of before this time that it showed is in the journal, but for <see cref="OpenRanges"/>. Null before
    /// the first commit.
    /// </summary>
    public DateTimeOffset? ReadTo { get; init; }

    /// <summary>How long ago that was, in seconds.</summary>
    public double? LagSeconds { get; init; }

    /// <summary>When it last was up to date; null when it has not been since the start.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    public DateTimeOffset? LastCommit { get; init; }

    /// <summary>The last trouble since the start, also when it is over.</summary>
    public Trouble? LastError { get; init; }

    /// <summary>Null when the vendor says nothing about it, or was not asked yet.</summary>
    public Quota? Quota { get; init; }

    /// <summary>Events published a minute, over the last five minutes; null when that is not known yet.</summary>
    public double? EventsPerMinute { get; init; }

    /// <summary>Since the source was first read.</summary>
    public CollectedCounts Totals { get; init; } = new();

    /// <summary>What became of everything that was received; null before the first commit of a build that counts it.</summary>
    public Ledger? Ledger { get; init; }

    /// <summary>The newest event's own time; null when there is none.</summary>
    public DateTimeOffset? LastEvent { get; init; }

    /// <summary>Ranges that could not be shown to be complete and are tried again.</summary>
    public IReadOnlyList<string> OpenRanges { get; init; } = [];

    /// <summary>Backfills and sweeps that an operator has asked for and that are not at their end, with how far they are.</summary>
    public IReadOnlyList<string> RequestedRanges { get; init; } = [];

    /// <summary>The end of the last completeness check; null before the first.</summary>
    public DateTimeOffset? SweptTo { get; init; }

    /// <summary>Records that only a completeness check found.</summary>
    public long Late { get; init; }

    public Pause? Paused { get; init; }

    /// <summary>False when an operator must look: nothing is collected, or what is collected cannot be trusted to be complete soon.</summary>
    public bool IsHealthy => !(Ledger?.Open > 0)
        && !(Condition == SourceCondition.NotRunning && Key is null)
        && Condition is not (SourceCondition.Quiet or SourceCondition.Refused or SourceCondition.Unavailable or SourceCondition.Clock
            or SourceCondition.Failed);

    /// <summary>What a checkpoint alone shows.</summary>
    public static SourceState Of(string name, SourceCondition condition, Checkpoint? checkpoint, DateTimeOffset? lastSuccess, DateTimeOffset now)
    {
        var reached = checkpoint?.Position.Reached;
        var readTo = lastSuccess > reached || reached is null ? lastSuccess : reached;
        return new SourceState
        {
            Name = name,
            Key = checkpoint?.Source.ToString(),
            Condition = condition,
            ReadTo = readTo,
            LagSeconds = readTo is { } to ? Math.Max(0, (now - to).TotalSeconds) : null,
            LastSuccess = lastSuccess,
            LastCommit = checkpoint?.CommittedAt,
            Reason = checkpoint?.Ledger is { Open: > 0 and var open }
                ? $"It is not known what became of {open} of the records and events that were received."
                : null,
            Fix = checkpoint?.Ledger?.Lost is { } lost
                ? $"A sweep over all of {lost} reads them again: the next one, if SweepRange reaches so far back, "
                    + "else the command sweep. The command verify names what is missing. Report it as a defect."
                : null,
            Totals = checkpoint?.Totals ?? new(),
            Ledger = checkpoint?.Ledger,
            LastEvent = checkpoint?.NewestEvent ?? checkpoint?.Last?.EventTime,
            OpenRanges = [.. (checkpoint?.Suspects ?? []).Where(range => !range.Accepted).Select(range => range.ToString())],
            RequestedRanges = [.. (checkpoint?.OpenRanges ?? []).Select(range => $"{range.Name}, {range.Percent} % read")],
            SweptTo = checkpoint?.Sweep.CompletedTo is { } swept ? DateTimeOffset.FromUnixTimeSeconds(swept) : null,
            Late = checkpoint?.Sweep.LateTotal ?? 0,
            Paused = checkpoint?.Paused,
        };
    }
}
