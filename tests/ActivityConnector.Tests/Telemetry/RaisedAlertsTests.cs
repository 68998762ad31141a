using System.Globalization;
using System.Text;
using ActivityConnector.Tests.Admin;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>
/// The delivered alerts over what a running connector serves before its trouble, in it and after it: each scrape stands for a day and an hour, as long as the
/// slowest alert waits.
/// </summary>
public sealed class RaisedAlertsTests : IDisposable
{
    private const int MinutesOfScrape = 25 * 60;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact("promtool")]
    [Trait("Kind", "server")]
    public async Task Each_trouble_raises_its_alert_and_its_end_clears_it()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        await using var scene = await AdminScene.OpenAsync();
        var token = _folder.File("token");
        await File.WriteAllTextAsync(token, scene.Scene.Vendors.Intercom.AccessToken);
        scene.Scene.Settings.Remove("Sources__Intercom__AccessToken");
        scene.Scene.Settings["Sources__Intercom__AccessTokenFile"] = token;
        scene.Scene.Settings["Elasticsearch__Urls__0"] = server.Url;
        scene.Scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";
        await scene.StartAsync();
        var well = await ScrapeAsync(scene, "sink_state", "up_to_date", 1);

        var rotated = scene.Scene.Vendors.Intercom.RotateAccessToken();
        await PollAsync(scene);
        var refused = await ScrapeAsync(scene, "source_state", "refused", 1);
        await File.WriteAllTextAsync(token, rotated);
        await PollAsync(scene);
        var accepted = await ScrapeAsync(scene, "source_state", "refused", 0);

        await scene.ChangeAsync(HttpMethod.Put, "/api/v1/sources/intercom/pause");
        var paused = await ScrapeAsync(scene, "source_state", "paused", 1);
        await scene.ChangeAsync(HttpMethod.Put, "/api/v1/sources/intercom/resume");
        var resumed = await ScrapeAsync(scene, "source_state", "paused", 0);

        server.Instead = (_, path) => path == "_bulk" ? (401, """{"error":{"type":"security_exception"}}""") : null;
        Append(scene, "held");
        await PollAsync(scene);
        var blocked = await ScrapeAsync(scene, "sink_state", "blocked", 1);
        server.Instead = (_, _) => null;
        var open = await ScrapeAsync(scene, "sink_state", "blocked", 0);

        server.Refuses = _ => true;
        Append(scene, "refused");
        await PollAsync(scene);
        var letters = await ScrapeAsync(scene, "dlq_messages_total", "index", 1);

        await AssertRaisedAsync("ActivityConnectorSourceRefused", well, refused, accepted);
        await AssertRaisedAsync("ActivityConnectorSourcePaused", accepted, paused, resumed);
        await AssertRaisedAsync("ActivityConnectorSinkBlocked", resumed, blocked, open);
        await AssertRaisedAsync("ActivityConnectorDeadLettersGrowing", open, letters, letters, raisedAt: MinutesOfScrape + 30);
    }

    private static void Append(AdminScene scene, string id)
    {
        var at = scene.Scene.Clock.GetUtcNow().AddMinutes(-5);
        scene.Scene.Vendors.Intercom.Append(
            $$"""{"id":"{{id}}","performed_by":{"type":"admin","id":"1"},"created_at":{{at.ToUnixTimeSeconds()}},"activity_type":"app_name_change"}""", at);
    }

    private static async Task PollAsync(AdminScene scene) => await scene.ChangeAsync(HttpMethod.Post, "/api/v1/sources/intercom/run");

    /// <summary>The first scrape in which a sample has the value.</summary>
    private static async Task<string> ScrapeAsync(AdminScene scene, string name, string label, double value)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var tries = 300; tries > 0; tries--)
        {
            var text = await scene.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            if (MetricNames.Sum(text, "activity_connector_" + name, $"\"{label}\"") == value) return text;

            await timer.WaitForNextTickAsync();
        }

        throw new TimeoutException($"{name} never had {value} for {label}.\n{scene.Connector?.Errors}");
    }

    private async Task AssertRaisedAsync(string alert, string before, string during, string after, int raisedAt = (2 * MinutesOfScrape) - 1)
    {
        foreach (var (minute, isRaised) in ((int, bool)[])[(MinutesOfScrape - 1, false), (raisedAt, true), ((3 * MinutesOfScrape) - 1, false)])
        {
            var file = _folder.File($"{alert}-{minute}.yml");
            await File.WriteAllTextAsync(file, RuleTest(alert, minute, [before, during, after]));
            var (exitCode, output) = await ToolFolder.RunAsync("promtool", "", "test", "rules", file);

            // The test expects none: what is raised makes it fail, and is named.
            var isNamed = output.Contains($"alertname=\"{alert}\"", StringComparison.Ordinal);
            Assert.True(isRaised ? exitCode != 0 && isNamed : exitCode == 0, $"{alert}, {minute}: {output}");
        }
    }

    private static string RuleTest(string alert, int minute, string[] scrapes)
    {
        var text = new StringBuilder();
        var rules = Path.Combine(DeliveredFiles.Root, "config", "prometheus", "activity-connector.rules.yml");
        text.Append(CultureInfo.InvariantCulture, $"rule_files: ['{rules}']\n");
        text.Append("evaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n");
        foreach (var series in scrapes.SelectMany(Samples).Select(sample => sample.Series).Distinct())
        {
            var values = scrapes.Select(scrape => Samples(scrape).Where(s => s.Series == series).Select(s => s.Value).FirstOrDefault("_"));
            var line = string.Join(' ', values.Select(value => $"{value}x{MinutesOfScrape - 1}"));
            text.Append(CultureInfo.InvariantCulture, $"      - series: '{series}'\n        values: '{line}'\n");
        }

        text.Append("    alert_rule_test:\n");
        text.Append(CultureInfo.InvariantCulture, $"      - eval_time: {minute}m\n        alertname: {alert}\n        exp_alerts: []\n");
        return text.ToString();
    }

    private static IEnumerable<(string Series, string Value)> Samples(string scrape) => MetricNames.Lines(scrape)
        .Where(line => line.StartsWith("activity_connector_", StringComparison.Ordinal))
        .Select(line => (line[..(line.LastIndexOf('}') + 1)], line[(line.LastIndexOf('}') + 2)..].Split(' ')[0]));
}
