using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.Admin;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>Each trouble of a running connector raises its alert, and the trouble's end clears it.</summary>
[Trait("Kind", "server")]
[Trait("Kind", "slow")]
public sealed class RaisedAlertsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact("promtool")]
    public async Task A_refused_credential_and_a_pause_raise_theirs_and_so_does_a_connector_that_is_gone()
    {
        await using var scene = await AdminScene.OpenAsync();
        var token = _folder.File("token");
        await File.WriteAllTextAsync(token, scene.Scene.Vendors.Intercom.AccessToken);
        scene.Scene.Settings.Remove("Sources__Intercom__AccessToken");
        scene.Scene.Settings["Sources__Intercom__AccessTokenFile"] = token;
        await scene.StartAsync();
        var well = await SourceAsync(scene, "up_to_date");

        var rotated = scene.Scene.Vendors.Intercom.RotateAccessToken();
        await PollAsync(scene);
        var refused = await SourceAsync(scene, "refused");
        await File.WriteAllTextAsync(token, rotated);
        await PollAsync(scene);
        var accepted = await SourceAsync(scene, "up_to_date");

        await scene.ChangeAsync(HttpMethod.Put, "/api/v1/sources/intercom/pause");
        var paused = await SourceAsync(scene, "paused");
        await scene.ChangeAsync(HttpMethod.Put, "/api/v1/sources/intercom/resume");
        var resumed = await SourceAsync(scene, "up_to_date");

        await RaisedAlert.AssertAsync("ActivityConnectorSourceRefused", well, refused, accepted);
        await RaisedAlert.AssertAsync("ActivityConnectorSourcePaused", accepted, paused, resumed, RaisedAlert.Day);
        await RaisedAlert.AssertAsync("ActivityConnectorTelemetryMissing", well, RaisedAlert.Nothing, resumed);
    }

    [ToolFact("promtool")]
    public async Task What_a_sink_does_not_take_raises_its_alerts()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        await using var scene = await AdminScene.OpenAsync();
        scene.Scene.Settings["Elasticsearch__Urls__0"] = server.Url;
        scene.Scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";
        await scene.StartAsync();
        var well = await SinkAsync(scene, "up_to_date");

        server.Instead = (_, path) => path == "_bulk" ? (401, """{"error":{"type":"security_exception"}}""") : null;
        Append(scene, "held", TimeSpan.FromMinutes(5));
        await PollAsync(scene);
        var blocked = await SinkAsync(scene, "blocked");
        server.Instead = (_, _) => null;
        var open = await SinkAsync(scene, "up_to_date");

        server.Closed = index => index.Contains("intercom", StringComparison.Ordinal);
        Append(scene, "waits", TimeSpan.FromMinutes(4));
        await PollAsync(scene);
        var waiting = await SinkAsync(scene, "waiting");
        server.Closed = _ => false;
        var taken = await SinkAsync(scene, "up_to_date");

        server.Refuses = _ => true;
        Append(scene, "refused", TimeSpan.FromMinutes(3));
        await PollAsync(scene);
        var letters = await RaisedAlert.ScrapeAsync(scene.Http, count => count == 1, "dlq_messages_total", "stage=\"index\"");

        await RaisedAlert.AssertAsync("ActivityConnectorSinkBlocked", well, blocked, open);
        await RaisedAlert.AssertAsync("ActivityConnectorSinkWaiting", open, waiting, taken);
        await RaisedAlert.AssertAsync("ActivityConnectorSinkMissing", open, RaisedAlert.Nothing, taken);
        await RaisedAlert.AssertAsync("ActivityConnectorDeadLettersGrowing", taken, letters, letters, raisedAfter: 30);
    }

    [ToolFact("promtool")]
    public async Task What_a_vendor_does_wrong_raises_its_alerts()
    {
        await using var scene = await AdminScene.OpenAsync();
        var vendor = scene.Scene.Vendors.Intercom;
        await scene.StartAsync();
        var well = await SourceAsync(scene, "up_to_date");

        // The vendors' newest record is twenty minutes old.
        await scene.StopAsync();
        scene.Scene.Settings["Sources__Intercom__ExpectActivityWithin"] = "00:15:00";
        await scene.BeginAsync();
        var quiet = await SourceAsync(scene, "quiet");
        Append(scene, "again", TimeSpan.FromMinutes(2));
        var active = await UntilPolledAsync(scene, "up_to_date");

        Append(scene, "delayed", TimeSpan.FromMinutes(13));
        await PollAsync(scene);
        var delayed = await RaisedAlert.ScrapeAsync(scene.Http, count => count == 2, "source_visibility_delay_seconds_count");

        vendor.Faults.Set(new FaultSpec(FaultKind.Unavailable, 1));
        var unavailable = await UntilPolledAsync(scene, "unavailable");
        vendor.Faults.Clear();
        var available = await UntilPolledAsync(scene, "up_to_date");

        var clock = (ShiftedTimeProvider)scene.Scene.Clock;
        clock.By = TimeSpan.FromDays(-3);
        var behind = await UntilPolledAsync(scene, "clock");
        clock.By = TimeSpan.Zero;
        var right = await UntilPolledAsync(scene, "up_to_date");

        Append(scene, "late", TimeSpan.FromHours(30));
        var now = clock.GetUtcNow();
        await scene.ChangeAsync(HttpMethod.Post, "/api/v1/sweeps", new { source = "intercom", from = now.AddHours(-40), to = now.AddHours(-20) });
        var late = await RaisedAlert.ScrapeAsync(scene.Http, count => count == 1, "records_total", "outcome=\"late\"");

        var list = scene.Scene.Vendors.Sequence.Faults;
        for (var answers = 0; answers < 100; answers++) list.NextAnswer(new ScriptedAnswer(200, """{"items":[],"pagination":{}}"""));
        var incomplete = await UntilPolledAsync(scene, "incomplete", "sequence");
        list.Clear();
        var complete = await UntilPolledAsync(scene, "up_to_date", "sequence");

        await RaisedAlert.AssertAsync("ActivityConnectorSourceStandstill", well, quiet, active);
        await RaisedAlert.AssertAsync("ActivityConnectorVendorDelay", active, delayed, delayed, minutes: 600, raisedAfter: 60);
        await RaisedAlert.AssertAsync("ActivityConnectorSourceUnavailable", delayed, unavailable, available);
        await RaisedAlert.AssertAsync("ActivityConnectorSourceClock", available, behind, right);
        await RaisedAlert.AssertAsync("ActivityConnectorSourceLateRecords", right, late, late, RaisedAlert.Day, raisedAfter: 30);
        await RaisedAlert.AssertAsync("ActivityConnectorSourceIncomplete", late, incomplete, complete);
    }

    [ToolFact("promtool")]
    public async Task A_journal_that_has_no_room_and_a_ledger_that_does_not_balance_raise_their_alerts()
    {
        await using var scene = await AdminScene.OpenAsync();
        for (var n = 0; n < 3; n++) Append(scene, $"large-{n}", TimeSpan.FromMinutes(20), Large());
        var (exitCode, _, errors) = await scene.Scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        var size = new FileInfo(scene.Scene.JournalPath).Length;

        var roomy = await ScrapeWithRoomAsync(4 * size, "up_to_date");
        Append(scene, "large", TimeSpan.FromMinutes(3), Large());
        var full = await ScrapeWithRoomAsync(size + 100_000, "failed");
        var roomyAgain = await ScrapeWithRoomAsync(8 * size, "up_to_date");

        await LoseOneAsync(scene);
        await scene.BeginAsync();
        var open = await RaisedAlert.ScrapeAsync(scene.Http, records => records == 1, "source_ledger_open", "source=\"intercom\"");
        var now = scene.Scene.Clock.GetUtcNow();
        await scene.ChangeAsync(HttpMethod.Post, "/api/v1/sweeps", new { source = "intercom", from = now.AddDays(-3), to = now.AddHours(-1) });
        var balanced = await RaisedAlert.ScrapeAsync(scene.Http, records => records == 0, "source_ledger_open", "source=\"intercom\"");

        await RaisedAlert.AssertAsync("ActivityConnectorJournalNearlyFull", roomy, full, roomyAgain);
        await RaisedAlert.AssertAsync("ActivityConnectorSourceFailed", roomy, full, roomyAgain);
        await RaisedAlert.AssertAsync("ActivityConnectorLedger", roomyAgain, open, balanced);

        async Task<string> ScrapeWithRoomAsync(long maxBytes, string condition)
        {
            scene.Scene.Settings["Journal__MaxBytes"] = $"{maxBytes}";
            await scene.BeginAsync();
            await RaisedAlert.ScrapeAsync(scene.Http, bytes => bytes > 0, "journal_size_bytes");
            var scrape = await SourceAsync(scene, condition);
            await scene.StopAsync();
            return scrape;
        }
    }

    /// <summary>As a defect would: the checkpoint says that it is not known what became of a record of two days ago.</summary>
    private static async Task LoseOneAsync(AdminScene scene)
    {
        var file = Path.Combine(scene.Scene.Folder, "checkpoints.json");
        var (exitCode, exported, errors) = await scene.Scene.RunAsync("checkpoint", "export");
        Assert.True(exitCode == 0, errors);
        var lines = exported.Split('\n');
        var at = Array.FindIndex(lines, line => line.StartsWith("{\"v\":", StringComparison.Ordinal) && line.Contains("intercom", StringComparison.Ordinal));
        var checkpoint = CheckpointText.Parse(Encoding.UTF8.GetBytes(lines[at]));
        var now = scene.Scene.Clock.GetUtcNow();
        var lost = new LostTime(now.AddDays(-2), now.AddDays(-2), now);
        lines[at] = Encoding.UTF8.GetString(CheckpointText.Serialize(checkpoint with { Ledger = checkpoint.Ledger! with { Unaccounted = 1, Lost = lost } }));
        await File.WriteAllTextAsync(file, string.Join('\n', lines));
        (exitCode, _, errors) = await scene.Scene.RunAsync("checkpoint", "import", file, "--yes");
        Assert.True(exitCode == 0, errors);
    }

    /// <summary>A text that cannot be compressed to much less.</summary>
    private static string Large() => Convert.ToHexString(RandomNumberGenerator.GetBytes(400_000));

    private static void Append(AdminScene scene, string id, TimeSpan age, string text = "")
    {
        var at = scene.Scene.Clock.GetUtcNow() - age;
        scene.Scene.Vendors.Intercom.Append(
            $$"""
            {"id":"{{id}}","performed_by":{"type":"admin","id":"1"},"created_at":{{at.ToUnixTimeSeconds()}},
            "activity_type":"app_name_change","activity_description":"{{text}}"}
            """,
            at);
    }

    private static async Task PollAsync(AdminScene scene) => await scene.ChangeAsync(HttpMethod.Post, "/api/v1/sources/intercom/run");

    private static Task<string> SourceAsync(AdminScene scene, string state, string source = "intercom") =>
        RaisedAlert.ScrapeAsync(scene.Http, value => value == 1, "source_state", $"source=\"{source}\"", $"state=\"{state}\"");

    private static Task<string> SinkAsync(AdminScene scene, string state) =>
        RaisedAlert.ScrapeAsync(scene.Http, value => value == 1, "sink_state", $"state=\"{state}\"");

    /// <summary>Polls until the source is in the state.</summary>
    private static async Task<string> UntilPolledAsync(AdminScene scene, string state, string source = "intercom")
    {
        await scene.PollUntilAsync(source, state);
        return await SourceAsync(scene, state, source);
    }
}
