using System.Text.Json;
using ActivityConnector.Simulation;
using ActivityConnector.Simulation.Intercom;
using ActivityConnector.Simulation.Sequence;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace ActivityConnector.Benchmarks;

/// <summary>Maps one page of records of a vendor, against JsonDocument.Parse of the same bytes.</summary>
[MemoryDiagnoser]
public class MappingBenchmark : IDisposable
{
    internal const int RecordsPerPage = 250;

    internal static readonly DateTimeOffset ReceivedAt = new(2026, 11, 21, 19, 40, 0, TimeSpan.Zero);

    private readonly EventBatch _batch = new();
    private byte[][] _records = [];
    private RawActivity[] _activities = [];
    private IActivityTransform _transform = null!;

    [Params("intercom", "sequence")]
    public string Source { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        (_, _records, _transform) = Sources().First(source => source.Name == Source);
        _activities = Page(_records);
    }

    [Benchmark(Baseline = true)]
    public int Parse()
    {
        var values = 0;
        foreach (var record in _records)
        {
            using var document = JsonDocument.Parse(record);
            values += (int)document.RootElement.ValueKind;
        }

        return values;
    }

    [Benchmark]
    public int Map()
    {
        _batch.Clear();
        foreach (var activity in _activities) _transform.Transform(activity, _batch);

        return _batch.Events.Count;
    }

    public void Dispose()
    {
        _batch.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>.NET 10 is no name this BenchmarkDotNet knows: it runs in the process that is there.</summary>
    internal static IConfig Config() => DefaultConfig.Instance
        .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
        .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "activity-connector-benchmarks"));

    internal static IEnumerable<(string Name, byte[][] Records, IActivityTransform Transform)> Sources()
    {
        var tables = Path.Combine(Repository(), "config", "mappings");
        var intercom = IntercomTable.Parse(File.ReadAllText(Path.Combine(tables, "intercom-ecs.csv")));
        var sequence = SequenceTable.Parse(File.ReadAllText(Path.Combine(tables, "sequence-ecs.csv")));
        yield return (
            "intercom",
            Simulated(new IntercomRecords(1, TieOrder.Scattered, 0)),
            new IntercomTransform(intercom, Settings("https://api.intercom.io", "xyz789")));
        yield return ("sequence", Simulated(new SequenceRecords(1, 0)), new SequenceTransform(sequence, Settings("https://eu.sequencehq.com/api", null)));
    }

    internal static RawActivity[] Page(byte[][] records) => [.. records.Select(record => new RawActivity(record, ReceivedAt))];

    private static EventSettings Settings(string address, string? organization) => new()
    {
        ServiceAddress = address,
        OrganizationId = organization,
        Agent = new("6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11", "siem-etl-01", "1.0.0"),
    };

    /// <summary>What the simulators serve: every type of the contract, weighted as in a real account.</summary>
    private static byte[][] Simulated(IRecordFactory factory)
    {
        using var text = new JsonText();
        var records = new byte[RecordsPerPage][];
        for (var i = 0; i < records.Length; i++)
        {
            text.Clear();
            factory.Write(text, factory.Place(i, ReceivedAt.AddSeconds(i - 100_000)));
            records[i] = text.Written.ToArray();
        }

        return records;
    }

    /// <summary>The folder of the repository that the benchmarks were built in.</summary>
    internal static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ActivityConnector.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException("The repository was not found above the benchmarks: run them inside it.");
    }
}
