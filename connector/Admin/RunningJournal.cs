using ActivityConnector.Configuration;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Admin;

/// <summary>The journal of the running connector, as requests open it; what they open, they dispose.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RunningJournal(ConnectorHost connector, ConnectorOptions options, TimeProvider time, ILoggerFactory logs)
{
    /// <summary>To look at.</summary>
    /// <exception cref="JournalException">It cannot be read now.</exception>
    public ValueTask<IJournalView> ViewAsync(CancellationToken cancellationToken) => ConfiguredJournal.ViewAsync(options, time, cancellationToken);

    /// <summary>What a text asks for, as a filter understands it; null = any source.</summary>
    /// <exception cref="UnknownSourceException">There is no such source.</exception>
    public async Task<string?> FilterAsync(IJournalView view, string? source, CancellationToken cancellationToken) =>
        source is null ? null : new SourceNames(options.Sources, await view.SourcesAsync(cancellationToken)).Filter(source);

    /// <summary>Deletes one dead letter permanently, or all.</summary>
    /// <inheritdoc cref="DeadLetterDiscard.RunAsync"/>
    public Task<int> DiscardAsync(string? id, OperatorAudit audit, CancellationToken cancellationToken) => RemoveAsync(
        audit.Discarded, (view, removal) => DeadLetterDiscard.RunAsync(id, view, removal, cancellationToken), cancellationToken);

    /// <summary>Sends what the sink refused to it again.</summary>
    /// <param name="id">Of one dead letter; null = all.</param>
    /// <param name="audit">What tells of those that the sink takes.</param>
    /// <param name="cancellationToken">Ends it; what the sink has taken by then is a dead letter no more.</param>
    /// <exception cref="ChangeRefusedException">There is no sink, or no such dead letter that could be sent.</exception>
    public async Task<IReadOnlyList<ReplayedLetter>> ReplayAsync(string? id, OperatorAudit audit, CancellationToken cancellationToken)
    {
        if (!options.Elasticsearch.IsOn) throw new ChangeRefusedException("No sink is on that could take them.", "Set Elasticsearch:Urls.");

        // A sink of its own: the one that delivers may be waiting.
        await using var sink = ConfiguredSink.Open(options, ConfiguredSink.Patience, time, logs);
        return await RemoveAsync<IReadOnlyList<ReplayedLetter>>(
            audit.Replayed,
            async (view, removal) =>
            {
                var replay = new DeadLetterReplay(view, removal, sink);
                return id is null ? await replay.AllAsync(cancellationToken) : [await replay.OneAsync(id, cancellationToken)];
            },
            cancellationToken);
    }

    private async Task<T> RemoveAsync<T>(
        Func<string, IReadOnlyList<string>, EcsEvent> audit, Func<IJournalView, DeadLetterRemoval, Task<T>> change, CancellationToken cancellationToken)
    {
        await using var view = await ViewAsync(cancellationToken);
        var journal = ConfiguredJournal.OperatorOf(connector.Journal, options, time);
        try
        {
            return await change(view, new DeadLetterRemoval(view, journal, audit) { TellHereAsync = TellAsync });
        }
        finally
        {
            // The one of SQLite is the connector's own.
            if (journal != connector.Journal) await journal.DisposeAsync();
        }
    }

    /// <summary>Into the journal of the source that dead letters are of. False where it is not collected here, or it is not known yet whose it is.</summary>
    /// <exception cref="JournalStandbyException">Another instance collects it now: that one is to be asked, and is not fenced.</exception>
    private async Task<bool> TellAsync(string source, EcsEvent told, CancellationToken cancellationToken)
    {
        var runner = connector.Runners.FirstOrDefault(r => r.Collector.Account is not null && DeadLetter.IsOf(source, r.Key));
        if (runner is null) return false;

        await connector.ChangeAsync(runner, runner.ChangeAsync(
            (collector, token) => collector.ChangeAsync(checkpoint => checkpoint, (_, _) => [told], token), cancellationToken));
        return true;
    }
}
