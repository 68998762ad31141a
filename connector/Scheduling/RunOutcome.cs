using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>How a run of a source ended. Only the first says that everything up to the present is in the journal.</summary>
public enum RunEnd
{
    /// <summary>Everything the vendor showed up to the present was read.</summary>
    UpToDate,

    /// <summary>A part of the past could not be shown to be complete.</summary>
    Incomplete,

    /// <summary>The run was out of time, by its own limit or the vendor's quota, before the present, or the end of a sweep that was due, was reached.</summary>
    Behind,

    /// <summary>
    /// Everything the vendor showed up to the present was read, and its newest event is older than <c>ExpectActivityWithin</c>: the vendor may stand still.
    /// </summary>
    Quiet,

    /// <summary>The vendor will not be read until an operator acts.</summary>
    Refused,

    /// <summary>The vendor cannot be read now.</summary>
    Unavailable,

    /// <summary>The clocks contradict each other.</summary>
    Clock,

    /// <summary>The process was asked to stop before the run was at its end.</summary>
    Interrupted,

    /// <summary>An operator does not want it to be read for now.</summary>
    Paused,

    /// <summary>The journal could not be written, another instance owns the source, or the connector has a defect.</summary>
    Failed,
}

/// <summary>What one run of a source came to.</summary>
/// <param name="Source">The configured source's name.</param>
/// <param name="Result">Counts of what was committed, however the run ended.</param>
/// <param name="End">How it ended.</param>
/// <param name="Reason">Why, in one sentence; null when it is up to date.</param>
/// <param name="Failure">What was thrown, if anything was.</param>
public sealed record RunOutcome(string Source, PollResult Result, RunEnd End, string? Reason, Exception? Failure)
{
    /// <summary><c>up to date</c>, or <c>incomplete: …</c> and so on.</summary>
    public override string ToString() => Reason is null ? Name(End) : $"{Name(End)}: {Reason}";

    /// <summary>The word for it as the value of an attribute.</summary>
    public static string Label(RunEnd end) => Name(end).Replace(' ', '_');

    /// <summary>The word for it in tables and logs.</summary>
    public static string Name(RunEnd end) => end == RunEnd.UpToDate ? "up to date" : end.ToString().ToLowerInvariant();
}
