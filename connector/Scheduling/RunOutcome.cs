using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>What one run of a source came to.</summary>
/// <param name="Source">The configured source's name.</param>
/// <param name="Result">Counts; zero where the run failed.</param>
/// <param name="Failure">Why it ended early; null when it reached the present.</param>
public sealed record RunOutcome(string Source, PollResult Result, Exception? Failure);
