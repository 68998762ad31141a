using System.Reflection;
using ActivityConnector.Admin;
using ActivityConnector.Configuration;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Telemetry;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;
using Quartz;

namespace ActivityConnector;

/// <summary>The composition root: from valid options to a journal, the sources that are on with the loop over them, and the sink with its own.</summary>
internal sealed class ConnectorHost : IAsyncDisposable
{
    /// <summary>A stop commits or drops the batch in flight; this is how long it may take in all.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(8);

    private readonly ConnectorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private Func<string, Task>? _runNow;

    private ConnectorHost(
        ConnectorOptions options,
        AgentIdentity agent,
        IJournal journal,
        IReadOnlyList<SourceRunner> runners,
        SinkRunner? sink,
        TimeProvider time,
        ILoggerFactory logs)
    {
        _options = options;
        Agent = agent;
        Journal = journal;
        Runners = runners;
        Sink = sink;
        _time = time;
        _logs = logs;
        StartedAt = time.GetUtcNow();
    }

    /// <summary>The connector's version, as <c>agent.version</c> and <c>version</c> say it.</summary>
    public static string Version { get; } = typeof(ConnectorHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public DateTimeOffset StartedAt { get; }

    /// <summary>The connector as its events name it.</summary>
    public AgentIdentity Agent { get; }

    /// <summary>Whether the schedule runs.</summary>
    public bool IsStarted => _runNow is not null;

    public IJournal Journal { get; }

    public IReadOnlyList<SourceRunner> Runners { get; }

    /// <summary>What serves the metrics; null = they are not served.</summary>
    public ConnectorTelemetry? Telemetry { get; set; }

    /// <summary>Null when no sink is on, or this process only collects.</summary>
    public SinkRunner? Sink { get; }

    /// <summary>Owns the journal and makes ready what the role has of sources and sink; nothing is read from a vendor yet.</summary>
    /// <param name="sinkWaits">How long a sink that takes nothing is waited for; null = without end.</param>
    /// <exception cref="JournalException">The journal is owned by another process, damaged or out of reach.</exception>
    public static async Task<ConnectorHost> OpenAsync(
        ConnectorOptions options, Role role, TimeSpan? sinkWaits, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var journal = await ConfiguredJournal.OpenAsync(options, time, logs, cancellationToken);
        if (journal is SqliteJournal file && !options.Elasticsearch.IsOn)
        {
            // Or events would be kept for it without end.
            await file.RemoveReaderAsync(ElasticsearchSink.ReaderName, cancellationToken);
        }

        var sink = options.Elasticsearch.IsOn && role != Role.Collect ? ConfiguredSink.Runner(options, journal, sinkWaits, time, logs) : null;
        var agent = AgentOf(journal.AgentId, options);
        return new ConnectorHost(
            options, agent, journal, role == Role.Index ? [] : [.. SourceRunners(options, agent, journal, time, logs)], sink, time, logs);
    }

    /// <summary>This process as the connector whose journal has the id.</summary>
    public static AgentIdentity AgentOf(Guid id, ConnectorOptions options) =>
        new(id.ToString(), options.Transform.AgentName ?? Environment.MachineName, Version, Guid.NewGuid().ToString());

    /// <summary>Every source up to the present, side by side, with the sweeps that are due.</summary>
    /// <param name="deadline">When it is cancelled, what is not done yet is left to the next run.</param>
    public Task<RunOutcome[]> RunOnceAsync(CancellationToken deadline, CancellationToken cancellationToken) =>
        Task.WhenAll(Runners.Select(runner => Task.Run(() => runner.RunOnceAsync(deadline, cancellationToken), cancellationToken)));

    /// <summary>
    /// Runs every source by its schedule, and the sink beside them, until cancelled; <paramref name="pollNow"/> polls all sources at once
    /// when it is called.
    /// </summary>
    /// <exception cref="JournalLostException">The journal's file was taken away: nothing more can be committed.</exception>
    /// <exception cref="Terminals.CommandFailedException">Admin:Url cannot be listened at; nothing was read.</exception>
    public async Task RunAsync(Action<Func<Task>> pollNow, CancellationToken cancellationToken)
    {
        await using var admin = _options.Admin.Enabled ? await AdminServer.StartAsync(_options, this, _time, _logs, cancellationToken) : null;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(_logs);
        builder.Services.AddSingleton(_time);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSingleton<IReadOnlyDictionary<string, SourceRunner>>(Runners.ToDictionary(r => r.Source.Name));
        builder.Services.AddSourceSchedule(Runners.Select(r => r.Source));
        using var host = builder.Build();
        Func<string, Task> runNow = name => host.Services.GetRequiredService<ISchedulerFactory>().RunNowAsync(name, cancellationToken);
        Func<Task> pollAll = () => Task.WhenAll(Runners.Select(r => runNow(r.Source.Name)));
        pollNow(pollAll);
        if (Journal is KafkaJournal kafka)
        {
            // What another instance collected until now must not wait for the next poll.
            kafka.Gained += () => _ = pollAll();
        }

        await host.StartAsync(cancellationToken);
        _runNow = runNow;
        using var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => _runNow = null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sink = Sink is null ? Task.CompletedTask : Task.Run(() => Sink.FollowAsync(stop.Token), CancellationToken.None);
        var ended = host.WaitForShutdownAsync(stop.Token);
        var lost = Journal is SqliteJournal file ? file.WatchAsync(stop.Token) : ended;
        await Task.WhenAny(ended, lost);
        await stop.CancelAsync();
        await ended;
        await sink;
        if (lost.IsFaulted) await lost;
    }

    /// <summary>Polls a source now, beside its schedule, also where the vendor has refused; once more after a run that is under way.</summary>
    /// <exception cref="ChangeRefusedException">The schedule does not run yet.</exception>
    public Task RunNowAsync(string source) =>
        (_runNow ?? throw new ChangeRefusedException("The connector has not started yet.", "Try again in a few seconds."))(source);

    /// <summary>
    /// Waits for a change of a source, then has the source polled if the schedule runs: also after a change that was refused, because the run that was under
    /// way has ended for it.
    /// </summary>
    public async Task ChangeAsync(SourceRunner runner, Task change)
    {
        try
        {
            await change;
        }
        finally
        {
            if (_runNow is { } runNow) await runNow(runner.Source.Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in Runners) await runner.DisposeAsync();

        if (Sink is not null) await Sink.DisposeAsync();

        await Journal.DisposeAsync();
    }

    private static IEnumerable<SourceRunner> SourceRunners(
        ConnectorOptions options, AgentIdentity agent, IJournal journal, TimeProvider time, ILoggerFactory logs)
    {
        var parts = new SourceParts(options, agent, time, logs);
        var writer = new CheckpointWriter(Version, Environment.MachineName);
        return Vendor.All.SelectMany(vendor => vendor.Sources(options.Sources, parts)).Select(source => new SourceRunner(
            source,
            new Collector(source.Source, journal, source.Transform, writer, time, logs.CreateLogger<Collector>())
            {
                Overlap = source.Options.Overlap,
                OverlapOption = source.Options.OverlapOption,
            },
            time,
            SourceParts.NewRandom(),
            logs.CreateLogger<SourceRunner>()));
    }
}
