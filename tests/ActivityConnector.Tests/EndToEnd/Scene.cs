using System.Text.Json;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>
/// Both vendors in this process, the real connector as a process beside it, a folder for its journal. The vendors' clock stands still ten
/// minutes after their last record, so that everything they hold is old enough to be final.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private Scene(VendorSimulator vendors, ManualTimeProvider clock)
    {
        Vendors = vendors;
        Clock = clock;
    }

    public VendorSimulator Vendors { get; }

    public ManualTimeProvider Clock { get; }

    public string Folder => _folder.Path;

    public string JournalPath => _folder.File("journal.db");

    /// <summary>How many records each vendor has: few for every run, the issue's 200,000 with <c>./test long</c>.</summary>
    public static int Records { get; } = System.Environment.GetEnvironmentVariable("LONG") == "1" ? 200_000 : 10_000;

    public Dictionary<string, string> Settings { get; } = [];

    public static async Task<Scene> OpenAsync(Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var options = new SimulatorOptions
        {
            Seed = 42,
            Span = TimeSpan.FromDays(30),
            DuplicateShare = 0.01,
            Intercom = new() { Records = Records, RateLimit = 10_000_000 },
            Sequence = new() { Records = Records, RequestsPerMinute = 10_000_000 },
        };
        var clock = new ManualTimeProvider();
        var vendors = await VendorSimulator.StartAsync(change?.Invoke(options) ?? options, clock, CancellationToken.None);
        clock.Advance(TimeSpan.FromMinutes(20));
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

    public ConnectorProcess Start(params string[] arguments) => ConnectorProcess.Start(Folder, arguments, Settings);

    public Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        ConnectorProcess.RunAsync(Folder, arguments, Settings);

    /// <summary>
    /// What <c>export</c> shows is what the vendors hold: every Intercom id, every Sequence item (or log without items), none twice.
    /// </summary>
    public async Task AssertCompleteAsync()
    {
        var (exitCode, output, errors) = await RunAsync("export", "--format", "csv", "--fields", "event.dataset,event.id");
        Assert.True(exitCode == 0, errors);
        var exported = new Dictionary<string, List<string>> { ["intercom.audit"] = [], ["sequence.audit"] = [] };
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1))
        {
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            exported[line[..comma]].Add(line[(comma + 1)..]);
        }

        AssertSame(Vendors.Intercom.VisibleIds(), exported["intercom.audit"]);
        AssertSame(ExpectedOfSequence(), exported["sequence.audit"]);
    }

    public async ValueTask DisposeAsync()
    {
        await Vendors.DisposeAsync();
        _folder.Dispose();
    }

    private HashSet<string> ExpectedOfSequence()
    {
        var ids = new HashSet<string>();
        foreach (var text in Vendors.Sequence.VisibleRecords())
        {
            using var log = JsonDocument.Parse(text);
            var items = log.RootElement.GetProperty("activityLogItems").EnumerateArray().Select(i => i.GetProperty("id").GetString()!).ToList();
            ids.UnionWith(items.Count > 0 ? items : [log.RootElement.GetProperty("id").GetString()!]);
        }

        return ids;
    }

    private static void AssertSame(IReadOnlyCollection<string> expected, List<string> actual)
    {
        var distinct = actual.ToHashSet();
        Assert.True(distinct.Count == actual.Count, $"{actual.Count - distinct.Count} ids are there twice.");
        var (missing, foreign) = (expected.Except(distinct).ToList(), distinct.Except(expected).ToList());
        Assert.True(missing.Count == 0, $"{missing.Count} of {expected.Count} ids are missing, for example {string.Join(", ", missing.Take(3))}.");
        Assert.True(foreign.Count == 0, $"{foreign.Count} ids were never served, for example {string.Join(", ", foreign.Take(3))}.");
    }
}
