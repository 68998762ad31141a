using System.Diagnostics.Metrics;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Status;

namespace ActivityConnector.Telemetry;

/// <summary>The gauges: the state of sources, sinks and journal at the moment of a collection, as <c>status</c> shows it.</summary>
/// <remarks>
/// A collection never waits. What the journal must be asked for is asked behind it, at most once a minute, and shown by the next one; without
/// collections nothing is asked.
/// </remarks>
internal sealed class StateGauges : IDisposable
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(1);

    private readonly Meter _meter = new(Instruments.MeterName, Instruments.Version);
    private readonly ConnectorHost _connector;
    private readonly StatusReader _status;
    private readonly TimeProvider _time;
    private ConnectorStatus? _asked;
    private long _askedAt;
    private int _asking;

    public StateGauges(ConnectorHost connector, StatusReader status, TimeProvider time)
    {
        (_connector, _status, _time) = (connector, status, time);
        OfSources();
        OfSinks();
        OfJournal();
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>Asks the journal now, for a last collection.</summary>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            _asked = await _status.OfRunningAsync(_connector, cancellationToken);
            Volatile.Write(ref _askedAt, _time.GetTimestamp());
        }
        catch (OperationCanceledException)
        {
            // What was known stays.
        }
    }

    private void OfSources()
    {
        Source("activity_connector.source.lag", "s", "How long ago it was up to when the source was read.", (_, state, _) => state.LagSeconds);
        Source(
            "activity_connector.source.last_success.age",
            "s",
            "How long ago the source was last up to date; since the start of the connector, where it has not been yet.",
            (_, state, now) => (now - (state.LastSuccess ?? _connector.StartedAt)).TotalSeconds);
        Source("activity_connector.checkpoint.age", "s", "How long ago the source last committed.", (_, state, now) => (now - state.LastCommit)?.TotalSeconds);
        Source(
            "activity_connector.source.last_event.age",
            "s",
            "How old the newest event of the source is, by its own time.",
            (_, state, now) => (now - state.LastEvent)?.TotalSeconds);
        Source(
            "activity_connector.source.sweep.age",
            "s",
            "How long ago it was up to when the last sweep has looked.",
            (_, state, now) => (now - state.SweptTo)?.TotalSeconds);
        Source("activity_connector.source.overlap", "s", "How far back each poll reads again.", (runner, _, _) => runner.Source.Options.Overlap.TotalSeconds);
        Source(
            "activity_connector.source.ledger.open",
            "{record}",
            "Records and events of which it is not known what became of them.",
            (_, state, _) => state.Ledger?.Open ?? 0);
        Source(
            "activity_connector.source.open_ranges",
            "{range}",
            "Ranges of time that could not be shown to be complete.",
            (_, state, _) => state.OpenRanges.Count);
        Source(
            "activity_connector.source.rate_limit.remaining",
            "{request}",
            "Requests that the vendor allows in its present window.",
            (_, state, _) => state.Quota?.Remaining);
        Source(
            "activity_connector.source.rate_limit.limit",
            "{request}",
            "Requests that the vendor allows in a window.",
            (_, state, _) => state.Quota?.Limit);
        Source(
            "activity_connector.owner",
            "{instance}",
            "1 where this instance collects the source, 0 where another one does.",
            (runner, _, _) => runner.Last?.Failure is JournalStandbyException or JournalFencedException ? 0 : 1);
        Add(
            "activity_connector.source.state",
            "{source}",
            "1 for the state that the source is in, 0 for the others.",
            () => _connector.Runners.SelectMany(runner => States(runner.State.Condition, SourceCondition.NotRunning, Tags(runner))));
    }

    private void OfSinks()
    {
        Sink("activity_connector.index.lag", "s", "How long ago the oldest event was committed that the sink does not have.", (state, _) => state.LagSeconds);
        Sink(
            "activity_connector.sink.last_success.age",
            "s",
            "How long ago the sink last settled events or had all; since the start of the connector, where it has not yet.",
            (state, now) => (now - (state.LastSuccess ?? _connector.StartedAt)).TotalSeconds);
        Sink(
            "activity_connector.index.lag.messages",
            "{message}",
            "Events of the journal that the sink does not have; with Kafka at most so many.",
            (state, _) => Asked()?.Sinks.FirstOrDefault(s => s.Name == state.Name)?.Waiting);
        Add("activity_connector.sink.state", "{sink}", "1 for the state that the sink is in, 0 for the others.", () =>
            _connector.Sink is { } sink ? States(sink.State.Condition, SinkCondition.NotRunning, [Instruments.Tag(Instruments.Sink, sink.Name)]) : []);
    }

    private void OfJournal()
    {
        Add("activity_connector.journal.size", "By", "The size of the journal's file.", () => One(Asked()?.Journal.Bytes));
        Add("activity_connector.journal.limit", "By", "The size at which the journal takes no more.", () => One(Asked()?.Journal.MaxBytes));
        Add("activity_connector.dead_letters.open", "{message}", "Dead letters that were neither replayed nor discarded.", () =>
            Asked()?.Journal is { Trouble: null } journal
                ? Enum.GetValues<DeadLetterStage>().Select(stage => new Measurement<double>(
                    journal.DeadLetters.GetValueOrDefault(stage.Name()), Instruments.Tag(Instruments.Stage, stage.Name())))
                : []);
        Add(
            "activity_connector.journal.unavailable",
            "{journal}",
            "1 where the journal could not be asked.",
            () => One(Asked() is { } asked ? asked.Journal.Trouble is null ? 0 : 1 : null));

        static IEnumerable<Measurement<double>> One(double? value) => value is { } known ? [new(known)] : [];
    }

    /// <param name="value">Null = there is none.</param>
    private void Source(string name, string unit, string description, Func<SourceRunner, SourceState, DateTimeOffset, double?> value)
    {
        Add(name, unit, description, Observe);

        IEnumerable<Measurement<double>> Observe()
        {
            var now = _time.GetUtcNow();
            foreach (var runner in _connector.Runners)
            {
                if (value(runner, runner.State, now) is { } known) yield return new(known, Tags(runner));
            }
        }
    }

    /// <inheritdoc cref="Source"/>
    private void Sink(string name, string unit, string description, Func<SinkState, DateTimeOffset, double?> value) => Add(
        name,
        unit,
        description,
        () => _connector.Sink is { } sink && value(sink.State, _time.GetUtcNow()) is { } known
            ? [new(known, Instruments.Tag(Instruments.Sink, sink.Name))]
            : []);

    private void Add(string name, string unit, string description, Func<IEnumerable<Measurement<double>>> observe) =>
        _meter.CreateObservableGauge(name, observe, unit, description);

    private static KeyValuePair<string, object?>[] Tags(SourceRunner runner) =>
        [Instruments.Tag(Instruments.Source, runner.Key.Source), Instruments.Tag(Instruments.Account, runner.Key.Account)];

    /// <summary>One measurement a state, so that an alert on one of them sees it begin and end.</summary>
    private static IEnumerable<Measurement<double>> States<T>(T current, T never, IReadOnlyList<KeyValuePair<string, object?>> tags)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(state => !state.Equals(never)).Select(state => new Measurement<double>(
            state.Equals(current) ? 1 : 0, [.. tags, Instruments.Tag(Instruments.State, Words.Of(state).Replace(' ', '_'))]));

    /// <summary>What was last asked of the journal; asks again behind the caller when that is too old.</summary>
    private ConnectorStatus? Asked()
    {
        if ((_asked is null || _time.GetElapsedTime(Volatile.Read(ref _askedAt)) >= AskAgain) && Interlocked.Exchange(ref _asking, 1) == 0)
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    await AskAsync(CancellationToken.None);
                }
                finally
                {
                    Volatile.Write(ref _asking, 0);
                }
            });
        }

        return _asked;
    }
}
