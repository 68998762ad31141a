using ActivityConnector.Configuration;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Admin;

/// <summary>The journal of the running connector, as requests open it; what they open, they dispose.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RunningJournal(ConnectorHost connector, ConnectorOptions options, TimeProvider time, ILoggerFactory logs)
{
    /// <summary>To look at.</summary>
    /// <exception cref="JournalException">It cannot be read now.</exception>
    public ValueTask<IJournalView> ViewAsync(CancellationToken cancellationToken) => ConfiguredJournal.ViewAsync(options, time, cancellationToken);

    /// <summary>Sets where a source stands.</summary>
    public Task SetAsync(SourceKey source, Checkpoint checkpoint, CancellationToken cancellationToken) =>
        ChangeAsync(async journal => await journal.SetCheckpointAsync(source, checkpoint, [], cancellationToken));

    /// <summary>Sends what the sink refused to it again.</summary>
    /// <param name="id">Of one dead letter; null = all.</param>
    /// <param name="cancellationToken">Ends it; what the sink has taken by then is a dead letter no more.</param>
    /// <exception cref="ChangeRefusedException">There is no sink, or no such dead letter that could be sent.</exception>
    public async Task<IReadOnlyList<ReplayedLetter>> ReplayAsync(string? id, CancellationToken cancellationToken)
    {
        if (!options.Elasticsearch.IsOn) throw new ChangeRefusedException("No sink is on that could take them.", "Set Elasticsearch:Urls.");

        await using var view = await ViewAsync(cancellationToken);

        // A sink of its own: the one that delivers may be waiting.
        await using var sink = ConfiguredSink.Open(options, ConfiguredSink.Patience, time, logs);
        IReadOnlyList<ReplayedLetter> results = [];
        await ChangeAsync(async journal =>
        {
            var replay = new DeadLetterReplay(view, journal, sink);
            results = id is null ? await replay.AllAsync(cancellationToken) : [await replay.OneAsync(id, cancellationToken)];
        });
        return results;
    }

    /// <summary>Makes a change by hand.</summary>
    public async Task ChangeAsync(Func<IJournalOperator, Task> change)
    {
        var journal = ConfiguredJournal.OperatorOf(connector.Journal, options, time);
        try
        {
            await change(journal);
        }
        finally
        {
            // The one of SQLite is the connector's own.
            if (journal != connector.Journal) await journal.DisposeAsync();
        }
    }
}
