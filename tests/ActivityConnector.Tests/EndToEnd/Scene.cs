using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>
/// Both vendors in this process, the real connector as a process beside it, a folder for its journal. The vendors' last record is twenty
/// minutes old, so that everything they hold is old enough to be final.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>More than either journal takes of one event.</summary>
    private const int TooLargeBytes = 5_000_000;

    private const string TooLargeId = "too-large-";
    private const string SequenceAccount = "bb0e8400-e29b-41d4-a716-446655440006";

    private readonly TemporaryFolder _folder = new();
    private readonly HashSet<string> _tooLarge = [];

    private Scene(VendorSimulator vendors, TimeProvider clock) => (Vendors, Clock) = (vendors, clock);

    public VendorSimulator Vendors { get; }

    /// <summary>The vendors' time.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Where an independent consumer finds the events; null while the journal is the folder's.</summary>
    public (string Bootstrap, string Prefix)? Kafka { get; private set; }

    public string Folder => _folder.Path;

    public string JournalPath => _folder.File("journal.db");

    /// <summary>Whether tests of the kind <c>long</c> run at full size: <c>./test long</c> asks for it.</summary>
    public static bool IsLong { get; } = System.Environment.GetEnvironmentVariable("LONG") == "1";

    /// <summary>How many records each vendor has: few for every run, the issue's 200,000 at full size.</summary>
    public static int Records { get; } = IsLong ? 200_000 : 5_000;

    public Dictionary<string, string> Settings { get; } = [];

    /// <summary>How many events there are of what the vendors show now.</summary>
    public int ExpectedEvents => ExpectedOfIntercom().Count + ExpectedOfSequence().Count;

    public static async Task<Scene> OpenAsync(Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var clock = new ShiftedTimeProvider(TimeSpan.FromMinutes(-20));
        var scene = await OpenAsync(change, clock);
        clock.By = TimeSpan.Zero;
        return scene;
    }

    /// <summary>With the journal in topics of its own.</summary>
    public static async Task<Scene> OpenKafkaAsync(string bootstrap, int records)
    {
        var scene = await OpenAsync(o => o with { Intercom = o.Intercom with { Records = records }, Sequence = o.Sequence with { Records = records } });
        scene.UseKafka(bootstrap);
        return scene;
    }

    /// <summary>As <see cref="OpenLiveAsync(int, double)"/>, with the journal in topics of its own.</summary>
    public static async Task<Scene> OpenLiveAsync(string bootstrap, int records, double ratePerSecond)
    {
        var scene = await OpenLiveAsync(records, ratePerSecond);
        scene.UseKafka(bootstrap);
        return scene;
    }

    /// <summary>The vendors' time is ours, and they have new records every second, which are polled for every second.</summary>
    /// <param name="records">How many each vendor has at the beginning.</param>
    /// <param name="ratePerSecond">New ones.</param>
    /// <param name="span">How far back their history goes, and each answer takes a while then; null = as usual.</param>
    public static async Task<Scene> OpenLiveAsync(int records, double ratePerSecond, TimeSpan? span = null)
    {
        var scene = await OpenAsync(
            o => o with
            {
                Span = span ?? o.Span,
                Latency = span is null ? TimeSpan.Zero : TimeSpan.FromMilliseconds(50),
                RatePerSecond = ratePerSecond,
                Intercom = o.Intercom with { Records = records },
                Sequence = o.Sequence with { Records = records },
            },
            TimeProvider.System);
        scene.Settings["Sources__Intercom__Schedule"] = "0/1 * * * * ?";
        scene.Settings["Sources__Intercom__Settle"] = "00:00:00";
        scene.Settings["Sources__Sequence__Schedule"] = "0/1 * * * * ?";
        scene.Settings["Sources__Sequence__HoldBack"] = "00:00:00";
        return scene;
    }

    private static async Task<Scene> OpenAsync(Func<SimulatorOptions, SimulatorOptions>? change, TimeProvider clock)
    {
        var options = new SimulatorOptions
        {
            Seed = 42,
            Span = TimeSpan.FromDays(30),
            DuplicateShare = 0.01,
            Intercom = new() { Records = Records, RateLimit = 10_000_000 },
            Sequence = new() { Records = Records, RequestsPerMinute = 10_000_000 },
        };
        var vendors = await VendorSimulator.StartAsync(change?.Invoke(options) ?? options, clock, CancellationToken.None);
        var scene = new Scene(vendors, clock);
        scene.Settings["Sources__Intercom__BaseUrl"] = vendors.IntercomBaseUrl.ToString();
        scene.Settings["Sources__Intercom__AccessToken"] = vendors.Intercom.AccessToken;
        scene.Settings["Sources__Intercom__StartAt"] = "2026-10-01T00:00:00Z";
        scene.Settings["Sources__Sequence__BaseUrl"] = vendors.SequenceBaseUrl.ToString();
        scene.Settings["Sources__Sequence__ClientId"] = vendors.Sequence.ClientId;
        scene.Settings["Sources__Sequence__ClientSecret"] = vendors.Sequence.ClientSecret;
        scene.Settings["Sources__Sequence__RequestsPerMinute"] = "1000000";
        scene.Settings["Journal__Path"] = scene.JournalPath;
        return scene;
    }

    /// <summary>Gives each vendor so many more records, among the others in time, whose events no journal takes: each must become a dead letter.</summary>
    /// <param name="newest">The time of the first; a day ago if not given. The others are older.</param>
    public void AddTooLarge(int count, DateTimeOffset? newest = null)
    {
        var first = newest ?? Clock.GetUtcNow().AddDays(-1);
        for (var i = 0; i < count; i++)
        {
            var (id, at, text) = ($"{TooLargeId}{i}", first - TimeSpan.FromDays(20.0 * i / count), new string('x', TooLargeBytes));
            Vendors.Intercom.Append(
                $$"""{"id":"{{id}}","performed_by":{"type":"admin","id":"1"},"created_at":{{at.ToUnixTimeSeconds()}}"""
                + $$""","activity_type":"app_name_change","activity_description":"{{text}}"}""",
                at);
            Vendors.Sequence.Append(
                $$$"""
                {"id":"{{{id}}}","sequenceAccountId":"{{{SequenceAccount}}}","activityType":"NOTIFICATION","origin":"API",
                "createdAt":"{{{at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)}}}",
                "activityLogItems":[{"id":"{{{id}}}","verb":"CREATED","summary":"{{{text}}}",
                """
                + """
                "activityLogActor":{"id":"a","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}}]}
                """,
                at);
            _tooLarge.Add(DocumentId("intercom.audit", Vendors.Intercom.Options.Workspace, id));
            _tooLarge.Add(DocumentId("sequence.audit", SequenceAccount, id));
        }
    }

    /// <summary>It ends or stands still at a place of its code: <c>name[:n[:signal]]</c>.</summary>
    public ConnectorProcess StartTo(string failPoint, params string[] arguments) =>
        ConnectorProcess.Start(Folder, arguments, new Dictionary<string, string>(Settings) { ["ACTIVITY_FAILPOINT"] = failPoint });

    public ConnectorProcess Start(params string[] arguments) => ConnectorProcess.Start(Folder, arguments, Settings);

    public Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        ConnectorProcess.RunAsync(Folder, arguments, Settings);

    /// <summary>
    /// What the journal holds is what the vendors hold: every Intercom id, every Sequence item (or log without items), none twice, and what was
    /// too large as a dead letter, once. Asked of <c>export</c>, or of a <c>read_committed</c> consumer that knows nothing of the connector.
    /// </summary>
    public async Task AssertCompleteAsync()
    {
        var seen = Kafka is null ? await ExportedAsync() : Consumed();
        AssertSame(ExpectedOfIntercom(), seen["intercom.audit"]);
        AssertSame(ExpectedOfSequence(), seen["sequence.audit"]);
        if (_tooLarge.Count > 0)
        {
            var (exitCode, output, errors) = await RunAsync("dlq", "list");
            Assert.True(exitCode == 0, errors);
            AssertSame(_tooLarge, [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0])]);
        }
    }

    /// <summary>Collects what the vendors hold at this moment, and then every id of that is in the journal, none twice, and none that they never had.</summary>
    public async Task CollectAndAssertLiveAsync()
    {
        var (intercom, sequence) = (Vendors.Intercom.VisibleIds().ToHashSet(), ExpectedOfSequence());
        var (exitCode, _, errors) = await RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        var seen = Kafka is null ? await ExportedAsync() : Consumed();
        AssertBetween(intercom, seen["intercom.audit"], Vendors.Intercom.VisibleIds());
        AssertBetween(sequence, seen["sequence.audit"], ExpectedOfSequence());
    }

    public async ValueTask DisposeAsync()
    {
        await Vendors.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<Dictionary<string, List<string>>> ExportedAsync()
    {
        var (exitCode, output, errors) = await RunAsync("export", "--format", "csv", "--fields", "event.dataset,event.id");
        Assert.True(exitCode == 0, errors);
        var exported = new Dictionary<string, List<string>> { ["intercom.audit"] = [], ["sequence.audit"] = [] };
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1))
        {
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            // What an operator changed is no record of a vendor.
            if (exported.TryGetValue(line[..comma], out var ids)) ids.Add(line[(comma + 1)..]);
        }

        return exported;
    }

    private Dictionary<string, List<string>> Consumed()
    {
        var (bootstrap, prefix) = Kafka!.Value;
        var seen = new Dictionary<string, List<string>>();
        foreach (var source in (string[])["intercom", "sequence"])
        {
            var records = KafkaServer.Consume(bootstrap, $"{prefix}.{source}", decided: true);
            Assert.Equal(records.Count, records.Select(r => Encoding.UTF8.GetString(r.Message.Headers.GetLastBytes("ce_id"))).Distinct().Count());
            var events = records.Select(r => JsonElement.Parse(r.Message.Value)).Where(e => e.GetProperty("event.dataset").GetString() == $"{source}.audit");
            seen.Add($"{source}.audit", [.. events.Select(e => e.GetProperty("event.id").GetString()!)]);
        }

        return seen;
    }

    public void UseKafka(string bootstrap)
    {
        Kafka = (bootstrap, KafkaServer.NewPrefix());
        Settings["Journal__Kind"] = "Kafka";
        Settings["Kafka__BootstrapServers"] = bootstrap;
        Settings["Kafka__TopicPrefix"] = Kafka.Value.Prefix;
        Settings["Kafka__ReplicationFactor"] = "1";
        Settings["Kafka__MinInSyncReplicas"] = "1";
    }

    private HashSet<string> ExpectedOfIntercom() => [.. Vendors.Intercom.VisibleIds().Where(id => !id.StartsWith(TooLargeId, StringComparison.Ordinal))];

    private HashSet<string> ExpectedOfSequence()
    {
        var ids = new HashSet<string>();
        foreach (var text in Vendors.Sequence.VisibleRecords())
        {
            using var log = JsonDocument.Parse(text);
            var items = log.RootElement.GetProperty("activityLogItems").EnumerateArray().Select(i => i.GetProperty("id").GetString()!).ToList();
            ids.UnionWith(items.Count > 0 ? items : [log.RootElement.GetProperty("id").GetString()!]);
        }

        ids.RemoveWhere(id => id.StartsWith(TooLargeId, StringComparison.Ordinal));
        return ids;
    }

    /// <summary>As the mapping's specification says.</summary>
    private static string DocumentId(string dataset, string tenant, string eventId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"v1\n{dataset}\n{tenant}\n{eventId}")))[..40];

    private static void AssertBetween(IReadOnlyCollection<string> least, List<string> actual, IReadOnlyCollection<string> most)
    {
        var distinct = actual.ToHashSet();
        Assert.True(distinct.Count == actual.Count, $"{actual.Count - distinct.Count} ids are there twice.");
        var (missing, foreign) = (least.Except(distinct).ToList(), distinct.Except(most).ToList());
        Assert.True(missing.Count == 0, $"{missing.Count} of {least.Count} ids are missing, for example {string.Join(", ", missing.Take(3))}.");
        Assert.True(foreign.Count == 0, $"{foreign.Count} ids were never served, for example {string.Join(", ", foreign.Take(3))}.");
    }

    private static void AssertSame(IReadOnlyCollection<string> expected, List<string> actual) => AssertBetween(expected, actual, expected);
}
