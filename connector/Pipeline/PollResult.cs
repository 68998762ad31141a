namespace ActivityConnector.Pipeline;

/// <summary>What one poll or sweep of a source did.</summary>
/// <param name="Commits">Transactions; none when an idle source had nothing new.</param>
public sealed record PollResult(CollectedCounts Counts, long Commits)
{
    public static PollResult None { get; } = new(new(), 0);

    public static PollResult operator +(PollResult a, PollResult b) => new(a.Counts + b.Counts, a.Commits + b.Commits);
}
