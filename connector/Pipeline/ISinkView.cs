namespace ActivityConnector.Pipeline;

/// <summary>A look into what a sink stores, that changes nothing: for the completeness report.</summary>
/// <remarks>Not thread-safe.</remarks>
public interface ISinkView : IDisposable
{
    /// <summary>The sink's name, which is the name of its reader in the journal.</summary>
    string Name { get; }

    /// <summary>
    /// Every stored event of a vendor whose <c>@timestamp</c> is in [<paramref name="from"/>, <paramref name="until"/>), in no order; one that is
    /// stored twice comes twice. What is stored while it is read may be left out.
    /// </summary>
    /// <exception cref="SinkRefusedException">It may not be read, or its answer is not whole.</exception>
    /// <exception cref="SinkUnavailableException">It cannot be read now.</exception>
    IAsyncEnumerable<StoredEvent> StoredAsync(string vendor, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Which of these document ids are stored now, one that was stored a moment ago included; each with the time of its event.</summary>
    /// <inheritdoc cref="StoredAsync" path="/exception"/>
    ValueTask<IReadOnlySet<string>> FindAsync(
        string vendor, IReadOnlyList<(string Id, DateTimeOffset Time)> events, CancellationToken cancellationToken);

    /// <summary>Whether the sink's own settings keep an event of this time from being stored, or delete it again.</summary>
    /// <param name="present">What ages are measured against.</param>
    bool LeavesOut(DateTimeOffset time, DateTimeOffset present);
}

/// <summary>An event as a sink stores it.</summary>
/// <param name="Id">The document id.</param>
/// <param name="Time">Its <c>@timestamp</c>.</param>
public readonly record struct StoredEvent(string Id, DateTimeOffset Time);
