using System.Globalization;
using ActivityConnector.Detections;
using ActivityConnector.Tests.Detections;
using ActivityConnector.Tests.Detections.OrdinaryWeek;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Benchmarks;

/// <summary>
/// How silent the detection rules are in an ordinary week of a million events, and what they cost. Rewrites its part of <c>docs/detections.md</c>.
/// </summary>
internal static class DetectionsBenchmark
{
    private const string Begin = "<!-- written by ./bench detections -->";
    private const string End = "<!-- end -->";
    private const int Seed = 1;
    private const int SmallWeeks = 4;

    public static async Task RunAsync()
    {
        await using var server = await SearchServer.StartForLongAsync("elasticsearch", "--heap", "1g");
        var ordinary = await MeasureAsync(server, Seed, WeekSize.Full, DeedRate.AsInAYear);
        var dense = await MeasureAsync(server, Seed, WeekSize.Full, DeedRate.EachOnce);
        var weeks = new List<int>();
        for (var seed = 1; seed <= SmallWeeks; seed++)
        {
            weeks.Add(Listed(await MeasureAsync(server, seed, WeekSize.Short, DeedRate.AsInAYear)).Sum(m => m.Alerts.Count));
        }

        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        WriteRules(text, ordinary, dense);
        text.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{SmallWeeks} ordinary weeks of a company of 64 people had {string.Join(", ", weeks)} listed alerts: {weeks.Sum() / 7.0 / SmallWeeks:F2} a day."));
        text.WriteLine();
        WriteAlerts(text, "in the ordinary week", ordinary);
        WriteAlerts(text, "in the week that has every reason", dense);
        var path = Path.Combine(MappingBenchmark.Repository(), "docs", "detections.md");
        var page = await File.ReadAllTextAsync(path);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        await File.WriteAllTextAsync(path, $"{page[..from]}\n\n{text}{page[to..]}");
        Console.WriteLine(text);
    }

    private static async Task<IReadOnlyList<MeasuredRule>> MeasureAsync(SearchServer server, int seed, WeekSize size, DeedRate rate)
    {
        await using var scene = new DetectionScene(server.Url);
        return await MeasuredWeek.RunAsync(scene, OrdinaryWeek.Of(seed, size, rate));
    }

    private static IEnumerable<MeasuredRule> Listed(IEnumerable<MeasuredRule> measured) => measured.Where(m => !m.Rule.Elastic.IsBuildingBlock);

    private static void WriteRules(StringWriter text, IReadOnlyList<MeasuredRule> ordinary, IReadOnlyList<MeasuredRule> dense)
    {
        text.WriteLine("| rule | level | technique | fires on | silent on | a run, ms | ordinary week | every reason |");
        text.WriteLine("|---|---|---|---|---|--:|--:|--:|");
        foreach (var (m, d) in ordinary.Zip(dense))
        {
            var techniques = m.Rule.Tags.Where(t => t.StartsWith("attack.t", StringComparison.Ordinal)).Select(t => t["attack.".Length..].ToUpperInvariant());
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| `{m.Rule.Name}` | {m.Rule.Level.ToString().ToLowerInvariant()} | {string.Join(", ", techniques)} | {Names(m.Rule, fires: true)} | "
                + $"{Names(m.Rule, fires: false)} | {(m.Query is { } took ? $"{took.TotalMilliseconds:F0}" : "")} | {Alerts(m)} | {Alerts(d)} |"));
        }

        text.WriteLine();
    }

    private static string Alerts(MeasuredRule m) => m.Rule.Elastic.IsBuildingBlock ? $"({m.Alerts.Count})" : $"{m.Alerts.Count}";

    private static void WriteAlerts(StringWriter text, string when, IReadOnlyList<MeasuredRule> measured)
    {
        var alerts = Listed(measured).SelectMany(m => m.Alerts.Select(a => (m.Rule, a.Alert, a.Deed)))
            .OrderBy(a => a.Alert.Time).ToList();
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{alerts.Count} alerts {when}, {alerts.Count / 7.0:F1} a day:"));
        text.WriteLine();
        text.WriteLine("| when | rule | about | what it was |");
        text.WriteLine("|---|---|---|---|");
        foreach (var (rule, alert, deed) in alerts)
        {
            var about = string.Join(", ", alert.Key.Parts.Where(p => p.Field is not ("organization.id" or "user.id")).Select(p => p.Value).OfType<string>());
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {alert.Time:ddd HH:mm} | `{rule.Name}` | {(about.Length > 0 ? about : deed?.Who)} | {deed?.Why ?? "**no deed explains it**"} |"));
        }

        text.WriteLine();
    }

    private static string Names(DetectionRule rule, bool fires) => string.Join("; ", rule.Fixtures.Where(f => f.Fires == fires).Select(f => f.Name));
}
