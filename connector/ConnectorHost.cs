using System.Reflection;
using ActivityConnector.Configuration;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;
using Quartz;

namespace ActivityConnector;

/// <summary>The composition root: from valid options to a journal, the sources that are on, and the loop over them.</summary>
internal sealed class ConnectorHost : IAsyncDisposable
{
    /// <summary>A stop commits or drops the unit in flight; this is how long it may take in all.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(8);

    private readonly ILoggerFactory _logs;

    private ConnectorHost(IJournal journal, IReadOnlyList<SourceRunner> runners, ILoggerFactory logs)
    {
        Journal = journal;
        Runners = runners;
        _logs = logs;
    }

    /// <summary>The connector's version, as <c>agent.version</c> and <c>version</c> say it.</summary>
    public static string Version { get; } = typeof(ConnectorHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public IJournal Journal { get; }

    public IReadOnlyList<SourceRunner> Runners { get; }

    /// <summary>Owns the journal and makes ready every source that is on; nothing is read from a vendor yet.</summary>
    /// <exception cref="JournalException">The journal is owned by another process, damaged or out of reach.</exception>
    public static async Task<ConnectorHost> OpenAsync(ConnectorOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var journal = await ConfiguredJournal.OpenAsync(options, time, logs, cancellationToken);
        var agent = new AgentIdentity(
            journal.AgentId.ToString(), options.Transform.AgentName ?? Environment.MachineName, Version, Guid.NewGuid().ToString());
        var parts = new SourceParts(options, agent, time, logs);
        var writer = new CheckpointWriter(Version, Environment.MachineName);
        var runners = Vendor.All.SelectMany(vendor => vendor.Sources(options, parts)).Select(source => new SourceRunner(
            source,
            new Collector(source.Source, journal, source.Transform, writer, time, logs.CreateLogger<Collector>()),
            time,
            SourceParts.NewRandom(),
            logs.CreateLogger<SourceRunner>()));
        return new ConnectorHost(journal, [.. runners], logs);
    }

    /// <summary>Every source up to the present, side by side.</summary>
    public Task<RunOutcome[]> PollOnceAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Runners.Select(runner => Task.Run(() => runner.PollAsync(cancellationToken), cancellationToken)));

    /// <summary>Runs every source by its schedule until cancelled; <paramref name="pollNow"/> polls all of them at once when it is called.</summary>
    public async Task RunAsync(Action<Func<Task>> pollNow, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(_logs);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSingleton<IReadOnlyDictionary<string, SourceRunner>>(Runners.ToDictionary(r => r.Source.Name));
        builder.Services.AddSourceSchedule(Runners.Select(r => r.Source));
        using var host = builder.Build();
        Func<Task> pollAll = () => Task.WhenAll(Runners.Select(r =>
            host.Services.GetRequiredService<ISchedulerFactory>().RunNowAsync(r.Source.Name, cancellationToken)));
        pollNow(pollAll);
        if (Journal is KafkaJournal kafka)
        {
            // What another instance collected until now must not wait for the next firing.
            kafka.Gained += () => _ = pollAll();
        }

        await host.StartAsync(cancellationToken);
        await host.WaitForShutdownAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in Runners)
        {
            await runner.DisposeAsync();
        }

        await Journal.DisposeAsync();
    }
}
