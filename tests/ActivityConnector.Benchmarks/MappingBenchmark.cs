using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;
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

    private static readonly DateTimeOffset ReceivedAt = new(2026, 11, 21, 19, 40, 0, TimeSpan.Zero);

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
        _records = [.. _activities.Select(activity => activity.Json.ToArray())];
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
        _transform.Transform(_activities, _batch);
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
        var tables = FindTables();
        var intercom = IntercomTable.Parse(File.ReadAllText(Path.Combine(tables, "intercom-ecs.csv")));
        var sequence = SequenceTable.Parse(File.ReadAllText(Path.Combine(tables, "sequence-ecs.csv")));
        yield return ("intercom", Utf8(Intercom), new IntercomTransform(intercom, Settings("https://api.intercom.io", "xyz789")));
        yield return ("sequence", Utf8(Sequence), new SequenceTransform(sequence, Settings("https://eu.sequencehq.com/api", null)));
    }

    /// <summary>The records in turns, as many as a full page brings.</summary>
    internal static RawActivity[] Page(byte[][] records)
        => [.. Enumerable.Range(0, RecordsPerPage).Select(i => new RawActivity(records[i % records.Length], ReceivedAt))];

    private static EventSettings Settings(string address, string? organization) => new()
    {
        ServiceAddress = address,
        OrganizationId = organization,
        Agent = new("6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11", "siem-etl-01", "1.0.0"),
    };

    private static byte[][] Utf8(string[] records) => [.. records.Select(Encoding.UTF8.GetBytes)];

    private static string FindTables()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var tables = Path.Combine(folder.FullName, "config", "mappings");
            if (Directory.Exists(tables))
            {
                return tables;
            }
        }

        throw new DirectoryNotFoundException("config/mappings was not found above the benchmark: run it inside the repository.");
    }

    private static readonly string[] Intercom =
    [
        """{"id":"fca05814-4b72-4dce-ad4f-77a786a2c136","performed_by":{"type":"admin","id":"991267464","email":"admin5@email.com","ip":"127.0.0.1"},"metadata":{"before":"before","after":"after"},"created_at":1734537253,"activity_type":"app_name_change","activity_description":"Ciaran5 Lee changed your app name from before to after."}""",
        """{"id":"f48c653b-0185-48ac-a276-23d11006bafb","performed_by":{"type":"admin","id":"991267464","email":"admin5@email.com","ip":"127.0.0.1"},"metadata":{"message":{"id":123,"title":"Initial message title"},"before":"Initial message title","after":"Eventual message title"},"created_at":1734537253,"activity_type":"message_state_change","activity_description":"Ciaran5 Lee changed your Initial message title message from Initial message title to Eventual message title."}""",
        """{"id":"0d9a3c11-8a7e-4a43-9be7-1d0ab0f8f1ce","performed_by":{"type":"admin","id":"1295","email":"jane.doe@company.com","ip":"52.17.4.211"},"metadata":{"sign_in_method":"google_sso"},"created_at":1734537301,"activity_type":"admin_login_success","activity_description":"Jane Doe successfully logged in."}""",
        """{"id":"5f4fd1d2-8e17-4d1c-9d0b-6f4e2f1c6f55","performed_by":{"type":"admin","id":"1295","email":"jane.doe@company.com","ip":"52.17.4.211"},"metadata":{"away_mode":true,"reassign_conversations":false,"update_by":"1295","update_by_name":"Jane Doe","auto_changed":false},"created_at":1734537355,"activity_type":"admin_away_mode_change","activity_description":"Jane Doe changed their away mode to on."}""",
        """{"id":"b8b1c9fe-53ff-4c0e-8a1b-8a7c2f6f0a77","performed_by":{"type":"admin","id":"2201","email":"ops@company.com","ip":"52.17.4.212"},"metadata":{"admin":{"id":4433,"first_name":"Sam","last_name":"Poole"},"before":{"role":"Agent","permissions":{"manage_billing":false,"export_data":false}},"after":{"role":"Owner","permissions":{"manage_billing":true,"export_data":true}}},"created_at":1734537401,"activity_type":"admin_permission_change","activity_description":"Ops changed the permissions of Sam Poole."}""",
    ];

    private static readonly string[] Sequence =
    [
        """{"id":"aa0e8400-e29b-41d4-a716-446655440005","sequenceAccountId":"bb0e8400-e29b-41d4-a716-446655440006","activityType":"NOTIFICATION","apiVersion":"V1","origin":"API","traceId":"f26ad30d3be41b2f64fa7dbfb22ba5fd","createdAt":"2024-01-01T10:00:00Z","activityLogItems":[{"id":"880e8400-e29b-41d4-a716-446655440003","activityLogId":"990e8400-e29b-41d4-a716-446655440004","verb":"CREATED","name":"Invoice Created","summary":"A new invoice was created for customer","reason":"New billing cycle started","metadata":[],"activityLogActor":{"id":"550e8400-e29b-41d4-a716-446655440000","entityType":"USER","entityId":"550e8400-e29b-41d4-a716-446655440123","email":"john.doe@sequencehq.com"},"activityLogObject":{"id":"660e8400-e29b-41d4-a716-446655440001","entityType":"INVOICE","entityId":"550e8400-e29b-41d4-a716-446655440456"},"activityLogTarget":{"id":"770e8400-e29b-41d4-a716-446655440002","entityType":"SEQUENCE_USER","entityId":"550e8400-e29b-41d4-a716-446655440789"}}]}""",
        """{"id":"ab0e8400-e29b-41d4-a716-446655440105","sequenceAccountId":"bb0e8400-e29b-41d4-a716-446655440006","activityType":"NOTIFICATION","apiVersion":"V1","origin":"API","traceId":"0af7651916cd43dd8448eb211c80319c","createdAt":"2024-01-01T10:02:11.482913Z","activityLogItems":[{"id":"890e8400-e29b-41d4-a716-446655440103","activityLogId":"ab0e8400-e29b-41d4-a716-446655440105","verb":"UPDATED","name":"Customer Updated","summary":"The billing address of a customer was updated","metadata":[{"key":"customer","value":"ACME \"Holding\""}],"activityLogActor":{"id":"550e8400-e29b-41d4-a716-446655440000","entityType":"USER","entityId":"550e8400-e29b-41d4-a716-446655440123","email":"john.doe@sequencehq.com"},"activityLogObject":{"id":"660e8400-e29b-41d4-a716-446655440101","entityType":"CUSTOMER","entityId":"550e8400-e29b-41d4-a716-446655440556"}}]}""",
    ];
}
