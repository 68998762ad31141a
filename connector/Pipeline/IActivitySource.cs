namespace ActivityConnector.Pipeline;

/// <summary>
/// One account of one vendor. Knows paging, windows, overlap and rate limits; knows neither ECS nor where events go.
/// </summary>
/// <remarks>
/// Not thread-safe: one read at a time. What leaves it is a <see cref="SourceException"/>, each kind the caller's next move; batches that were
/// delivered before it count.
/// </remarks>
public interface IActivitySource
{
    /// <summary>The vendor's short name: <c>intercom</c> or <c>sequence</c>.</summary>
    string Name { get; }

    /// <summary>The present: the earlier of the host's clock and the vendor's, as far as the vendor has shown it.</summary>
    DateTimeOffset Present { get; }

    /// <summary>How the host's clock and the vendor's contradict each other by its answers to the last read; null = they do not, or it is not known.</summary>
    SourceClockException? ClockContradiction => null;

    /// <summary>The vendor's quota, by its last answer; null when that says nothing about it.</summary>
    Quota? Quota => null;

    /// <summary>Whether there is another credential than the one that the last request had: its file was written since.</summary>
    bool HasNewCredential => false;

    /// <summary>Checks credential, address and region and learns the account. Called before the journal is opened, until it has succeeded once.</summary>
    ValueTask<SourceIdentity> IdentifyAsync(CancellationToken cancellationToken);

    /// <summary>Reads one page of the newest records and keeps nothing: that the credential may read them. Returns how many there are on it.</summary>
    /// <exception cref="SourceException">They cannot be read.</exception>
    ValueTask<int> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The batches from <paramref name="from"/> to the present, in order; ends without an exception only when everything up to the present is
    /// shown to be read. Nothing is remembered between calls that the checkpoint does not hold, but for rate limits and sizes that worked.
    /// </summary>
    /// <param name="from">The last committed checkpoint; null = from the configured start.</param>
    /// <exception cref="SourceIncompleteException">After the last batch: something could not be shown to be complete.</exception>
    /// <exception cref="SourceClockException">After the last batch: the clocks do not show that it was the last.</exception>
    IAsyncEnumerable<ActivityBatch> ReadAsync(Checkpoint? from, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the past again, for the completeness check: from where <paramref name="run"/> stands to its end. Each batch carries the
    /// position of <paramref name="current"/> (with the ranges that have become suspect or were shown complete) and the progress of the run.
    /// </summary>
    IAsyncEnumerable<ActivityBatch> SweepAsync(Checkpoint current, SweepRun run, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the records of a range that an operator asked for, and no others that have a time: from where <paramref name="run"/> stands to its end. Batches
    /// as of <see cref="SweepAsync"/>.
    /// </summary>
    /// <param name="canWait">
    /// As long as it is true, half of the vendor's quota is left alone. It becomes false when a poll waits for the batch that is being read. For any thread.
    /// </param>
    IAsyncEnumerable<ActivityBatch> ReadRangeAsync(Checkpoint current, SweepRun run, Func<bool> canWait, CancellationToken cancellationToken);
}
