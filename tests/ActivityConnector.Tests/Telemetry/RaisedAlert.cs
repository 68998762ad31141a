using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>
/// The delivered alerts over what a connector served at <c>/metrics</c> before its trouble, in it and after it, through the real promtool. Each of the three
/// scrapes is the answer for hours.
/// </summary>
internal static class RaisedAlert
{
    /// <summary>Minutes of a scrape, where the alert waits for a day.</summary>
    public const int Day = 25 * 60;

    /// <summary>A scrape of a connector that is gone.</summary>
    public const string Nothing = "";

    /// <summary>The first scrape in which the sum of the samples with these labels is so.</summary>
    public static async Task<string> ScrapeAsync(HttpClient http, Func<double, bool> isSo, string name, params string[] labels)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var text = Nothing;
        for (var tries = 900; tries > 0; tries--)
        {
            text = await MetricsAsync(http);
            if (text.Contains($"activity_connector_{name}{{", StringComparison.Ordinal)
                && isSo(MetricNames.Sum(text, "activity_connector_" + name, labels))) return text;

            await timer.WaitForNextTickAsync();
        }

        var lines = MetricNames.Lines(text).Where(line => line.Contains(name, StringComparison.Ordinal));
        throw new TimeoutException($"{name} {string.Join(' ', labels)} never came so far: {string.Join('\n', lines)}");
    }

    private static async Task<string> MetricsAsync(HttpClient http)
    {
        try
        {
            return await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return Nothing;
        }
    }

    /// <summary>
    /// The alert is silent at the end of the first scrape, raised in the second, and silent at the end of the third.
    /// </summary>
    /// <param name="minutes">How long each scrape is the answer.</param>
    /// <param name="raisedAfter">Minutes from the beginning of the second scrape; near its end if not given.</param>
    public static async Task AssertAsync(string alert, string before, string during, string after, int minutes = 120, int? raisedAfter = null)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("test.yml");
        int[] moments = [minutes - 5, minutes + (raisedAfter ?? minutes - 5), (3 * minutes) - 5];
        await File.WriteAllTextAsync(file, RuleTest(alert, minutes, moments, [before, during, after]));
        var (_, output) = await ToolFolder.RunAsync("promtool", "", "test", "rules", file);

        // The test expects none at any moment: what is raised makes it fail, and is named with its moment.
        var raised = Regex.Matches(output, $@"alertname: {alert}, time: (\S+),").Select(match => match.Groups[1].Value);
        Assert.True(raised.SequenceEqual([DurationOf(moments[1])]), $"{alert}: {output}");
    }

    /// <summary>As promtool writes it: <c>1d1h30m</c>.</summary>
    private static string DurationOf(int minutes)
    {
        var time = TimeSpan.FromMinutes(minutes);
        (int Number, char Unit)[] parts = [(time.Days, 'd'), (time.Hours, 'h'), (time.Minutes, 'm')];
        return string.Concat(parts.Where(part => part.Number > 0).Select(part => $"{part.Number}{part.Unit}"));
    }

    private static string RuleTest(string alert, int minutes, int[] moments, string[] scrapes)
    {
        var text = new StringBuilder();
        var rules = Path.Combine(DeliveredFiles.Root, "config", "prometheus", "activity-connector.rules.yml");
        text.Append(CultureInfo.InvariantCulture, $"rule_files: ['{rules}']\n");
        text.Append("evaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n");
        var samples = scrapes.Select(scrape => Samples(scrape).ToDictionary(sample => sample.Series, sample => sample.Value)).ToList();
        foreach (var series in samples.SelectMany(scrape => scrape.Keys).Distinct())
        {
            // A value stands once before it is repeated, a gap does not.
            var line = string.Join(' ', samples.Select(scrape => scrape.TryGetValue(series, out var value) ? $"{value}x{minutes - 1}" : $"_x{minutes}"));
            text.Append(CultureInfo.InvariantCulture, $"      - series: '{series}'\n        values: '{line}'\n");
        }

        text.Append("    alert_rule_test:\n");
        foreach (var moment in moments)
        {
            text.Append(CultureInfo.InvariantCulture, $"      - eval_time: {moment}m\n        alertname: {alert}\n        exp_alerts: []\n");
        }

        return text.ToString();
    }

    private static IEnumerable<(string Series, string Value)> Samples(string scrape) => MetricNames.Lines(scrape)
        .Where(line => line.StartsWith("activity_connector_", StringComparison.Ordinal))
        .Select(line => (line[..(line.LastIndexOf('}') + 1)], line[(line.LastIndexOf('}') + 2)..].Split(' ')[0]));
}
