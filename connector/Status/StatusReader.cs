using ActivityConnector.Configuration;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Vendors;

namespace ActivityConnector.Status;

/// <summary>Puts the state of a connector together: of one that runs in this process, or of what a journal alone shows.</summary>
/// <remarks>Thread-safe. A journal that does not answer is a part of the state, never an exception.</remarks>
internal sealed class StatusReader(ConnectorOptions options, TimeProvider time)
{
    /// <summary>A journal in Kafka is asked over the network.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Those who watch at the same time share an answer of the journal that is not older.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private (long At, Task<(JournalState Journal, Backlog? Backlog)> Answer)? _shared;

    /// <summary>Where the journal of a configuration is, as <see cref="JournalState.Place"/> says it.</summary>
    public static string PlaceOf(ConnectorOptions options) => options.Journal.Kind == JournalKind.Kafka
        ? $"{options.Kafka.BootstrapServers}, topics {options.Kafka.TopicPrefix}.*"
        : options.Journal.Path;

    /// <summary>Of the connector that runs in this process.</summary>
    public async Task<ConnectorStatus> OfRunningAsync(ConnectorHost connector, CancellationToken cancellationToken)
    {
        var (journal, backlog) = await SharedAsync(connector.Sink?.Name).WaitAsync(cancellationToken);
        return new ConnectorStatus
        {
            Version = ConnectorHost.Version,
            At = time.GetUtcNow(),
            StartedAt = connector.StartedAt,
            Journal = journal,
            Sources = [.. connector.Runners.Select(runner => runner.State)],
            Sinks = connector.Sink is { } sink ? [With(sink.State, backlog)] : [],
        };
    }

    /// <summary>Of the journal alone.</summary>
    /// <exception cref="JournalException">There is no journal, or it cannot be read.</exception>
    public async Task<ConnectorStatus> OfJournalAsync(CancellationToken cancellationToken)
    {
        await using var view = await ConfiguredJournal.ViewAsync(options, time, cancellationToken);
        var now = time.GetUtcNow();
        var sources = new List<SourceState>();
        var keys = await view.SourcesAsync(cancellationToken);
        var names = new SourceNames(options.Sources, keys);
        foreach (var key in keys) sources.Add(await OfCheckpointAsync(view, key, names.Of(key), now, cancellationToken));

        foreach (var name in names.All.Except(sources.Select(source => source.Name)))
        {
            sources.Add(new SourceState
            {
                Name = name,
                Condition = SourceCondition.NotRunning,
                Reason = "It was never read into this journal.",
                Fix = "See whether it can be: the command check tries its credentials.",
            });
        }

        var backlog = options.Elasticsearch.IsOn ? await view.BacklogAsync(ElasticsearchSink.ReaderName, cancellationToken) : null;
        return new ConnectorStatus
        {
            Version = ConnectorHost.Version,
            At = now,
            IsDown = options.Admin.Enabled,
            Journal = await OfViewAsync(view, cancellationToken),
            Sources = sources,
            Sinks = options.Elasticsearch.IsOn
                ?
                [
                    new SinkState
                    {
                        Name = ElasticsearchSink.ReaderName,
                        Condition = SinkCondition.NotRunning,
                        Waiting = backlog?.Events,
                        LagSeconds = backlog?.OldestCommittedAt is { } oldest ? (now - oldest).TotalSeconds : backlog?.Events == 0 ? 0 : null,
                    },
                ]
                : [],
        };
    }

    /// <summary>The sink looks at the journal only now and then: what was committed since is on its way.</summary>
    private static SinkState With(SinkState state, Backlog? backlog) => state with
    {
        Waiting = backlog?.Events,
        Condition = state.Condition == SinkCondition.UpToDate && backlog?.Events > 0 ? SinkCondition.Delivering : state.Condition,
    };

    private static async Task<SourceState> OfCheckpointAsync(
        IJournalView view, SourceKey key, string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var text = await view.CheckpointAsync(key, cancellationToken);
            var checkpoint = text is null ? null : CheckpointText.Parse(text);
            return SourceState.Of(name, checkpoint?.Paused is null ? SourceCondition.NotRunning : SourceCondition.Paused, checkpoint, null, now);
        }
        catch (JournalCorruptException e)
        {
            return new SourceState { Name = name, Key = key.ToString(), Condition = SourceCondition.Failed, Reason = e.Message, Fix = e.Fix };
        }
    }

    private Task<(JournalState Journal, Backlog? Backlog)> SharedAsync(string? reader)
    {
        lock (_gate)
        {
            if (_shared is var (at, known) && time.GetElapsedTime(at) < Fresh) return known;

            var answer = Task.Run(() => AskAsync(reader, CancellationToken.None));
            _shared = (time.GetTimestamp(), answer);
            return answer;
        }
    }

    private async Task<(JournalState Journal, Backlog? Backlog)> AskAsync(string? reader, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using var view = await ConfiguredJournal.ViewAsync(options, time, patience.Token);
            return (await OfViewAsync(view, patience.Token), reader is null ? null : await view.BacklogAsync(reader, patience.Token));
        }
        catch (JournalException e)
        {
            return (Place() with { Trouble = new Trouble(time.GetUtcNow(), e.Message, e.Fix) }, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var cause = $"The journal did not answer within {Patience.TotalSeconds} s.";
            return (Place() with { Trouble = new Trouble(time.GetUtcNow(), cause, "See the brokers, or the disk; the command check shows more.") }, null);
        }
    }

    private async Task<JournalState> OfViewAsync(IJournalView view, CancellationToken cancellationToken)
    {
        var letters = await view.OpenDeadLettersAsync(cancellationToken);
        return Place() with { DeadLetters = letters.ToDictionary(pair => pair.Key.Name(), pair => pair.Value) };
    }

    private JournalState Place() => options.Journal.Kind == JournalKind.Kafka
        ? new JournalState { Kind = JournalKind.Kafka, Place = PlaceOf(options) }
        : new JournalState
        {
            Kind = JournalKind.Sqlite,
            Place = PlaceOf(options),
            Bytes = Size(() => SqliteJournal.BytesOf(options.Journal.Path)),
            MaxBytes = Size(() => SqliteJournal.MaxBytes(options.Journal)),
        };

    /// <summary>Null where the disk does not answer.</summary>
    private static long? Size(Func<long> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
