using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Tests.World;

/// <summary>One process of the connector: the real source, transform, collector, runner and indexer, on what the world gives it.</summary>
internal sealed class WorldProcess
{
    private static readonly AgentIdentity Agent = new("6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11", "world", "1.0.0");

    private static readonly Dictionary<string, VendorTable> Tables =
        Vendor.All.ToDictionary(v => v.Name, v => v.ParseTable(File.ReadAllText(Mapping(v.TableFile))));

    private readonly Indexer _indexer;

    public WorldProcess(World world, WorldOptions options, Life life, IJournal journal, MortalJournal mortal, int seed)
    {
        (Options, Life, Inner, Journal) = (options, life, journal, mortal);
        var network = new WorldNetwork(world, life);
        var random = new Random(seed);
        IActivitySource source = world.IsIntercom
            ? new IntercomSource(
                new IntercomOptions
                {
                    AccessToken = "token",
                    PageSize = options.PageSize,
                    SweepRange = options.SweepRange,
                    MaxWindow = options.MaxWindow,
                    Concurrency = options.Concurrency,
                    StartAt = options.StartAt,
                    Account = options.Account,
                    Lookback = options.Overlap,
                },
                network,
                world.Clock,
                random,
                world.Log<IntercomSource>())
            : new SequenceSource(
                new SequenceOptions
                {
                    ClientId = "id",
                    ClientSecret = "secret",
                    PageSize = options.PageSize,
                    SweepRange = options.SweepRange,
                    StartAt = options.StartAt,
                    HoldBack = options.Overlap,
                    RequestsPerMinute = 1_000_000,
                },
                network,
                world.Clock,
                random,
                world.Log<SequenceSource>());
        var configured = new ConfiguredSource
        {
            Name = source.Name,
            Source = source,
            Transform = account => Tables[source.Name].NewTransform(new EventSettings
            {
                ServiceAddress = "https://api.example.com",
                OrganizationId = account.OrganizationId,
                OrganizationName = account.OrganizationName,
                Agent = Agent,
            }),
            Options = new SequenceOptions
            {
                Schedule = "0/30 * * * * ?",
                SweepSchedule = "0 30 3 * * ?",
                SweepRange = options.SweepRange,
                HoldBack = options.Overlap,
            },
        };
        var collector = new Collector(source, mortal, configured.Transform, new CheckpointWriter("1.0.0", "world"), world.Clock, world.Log<Collector>());
        Runner = new SourceRunner(configured, collector, world.Clock, random, world.Log<SourceRunner>());
        _indexer = new Indexer(mortal, new WorldSink(world.Sink, life), TimeSpan.FromSeconds(10), world.Clock, world.Log<Indexer>());
    }

    public WorldOptions Options { get; }

    public Life Life { get; }

    public SourceRunner Runner { get; }

    /// <summary>The journal without what the world does to it.</summary>
    public IJournal Inner { get; }

    public MortalJournal Journal { get; }

    public Task DrainAsync() => _indexer.DrainAsync(default);

    private static string Mapping(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "config", "mappings", file);
            if (File.Exists(path)) return path;
        }

        throw new FileNotFoundException(file);
    }

    /// <summary>The network between a process and its vendor: an answer takes its time, and the process can die on either side of it.</summary>
    private sealed class WorldNetwork(World world, Life life) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await life.StepAsync("send a request");
            if (world.Latency() is { Ticks: > 0 } latency)
            {
                await Task.Delay(latency, world.Clock, cancellationToken);
                await life.StepAsync("wait for an answer");
            }

            if (!world.MayAsk())
            {
                life.End();
                await life.StepAsync("no bound");
            }

            var response = world.Vendor.Answer(request, world.Now);
            await life.StepAsync("take an answer");
            return response;
        }
    }
}
