namespace ActivityConnector.Pipeline;

/// <summary>
/// One account of one vendor. Knows paging, windows, overlap and rate limits; knows neither ECS nor where events go.
/// </summary>
/// <remarks>
/// Not thread-safe: one read at a time. Two exceptions leave it, each the caller's next move: <see cref="SourceRefusedException"/>
/// (an operator must act; ask again slowly) and <see cref="SourceUnavailableException"/> (try again at the next firing).
/// </remarks>
public interface IActivitySource
{
    /// <summary>The vendor's short name: <c>intercom</c> or <c>sequence</c>.</summary>
    string Name { get; }

    /// <summary>Checks credential, address and region and learns the account. Called before the journal is opened, until it has succeeded once.</summary>
    ValueTask<SourceIdentity> IdentifyAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The units from <paramref name="from"/> to the present, in order; ends when the present is reached. Nothing is remembered
    /// between calls that the checkpoint does not hold, but for rate limits and the size of the next window.
    /// </summary>
    /// <param name="from">The last committed checkpoint; null = from the configured start.</param>
    IAsyncEnumerable<ActivityBatch> ReadAsync(Checkpoint? from, CancellationToken cancellationToken);

    /// <summary>
    /// Reads a past range again, for the completeness check. The batches carry the position of <paramref name="current"/> unchanged.
    /// </summary>
    IAsyncEnumerable<ActivityBatch> SweepAsync(Checkpoint current, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);
}
