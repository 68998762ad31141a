using System.Globalization;
using ActivityConnector.Detections;
using ActivityConnector.Tests.Detections;
using ActivityConnector.Tests.Detections.OrdinaryWeek;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Benchmarks;

/// <summary>How silent the detection rules are in an ordinary week of a million events, and what they cost. Rewrites its part of <c>docs/detections.md</c>.</summary>
internal static class DetectionsBenchmark
{
    private const string Begin = "<!-- written by ./bench detections -->";
    private const string End = "<!-- end -->";
    private const int Seed = 1;

    public static async Task RunAsync()
    {
        await using var server = await SearchServer.StartForLongAsync("elasticsearch", "--heap", "1g");
        await using var scene = new DetectionScene(server.Url);
        var measured = await MeasuredWeek.RunAsync(scene, Tests.Detections.OrdinaryWeek.OrdinaryWeek.Of(Seed, WeekSize.Full));
        var text = Text(measured);
        var path = Path.Combine(MappingBenchmark.Repository(), "docs", "detections.md");
        var page = await File.ReadAllTextAsync(path);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        await File.WriteAllTextAsync(path, page[..from] + "\n\n" + text + page[to..]);
        Console.WriteLine(text);
    }

    private static string Text(IReadOnlyList<MeasuredRule> measured)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var listed = measured.Where(m => !m.Rule.Elastic.IsBuildingBlock).ToList();
        text.WriteLine("| rule | level | technique | fires on | silent on | a run, ms | alerts in the week |");
        text.WriteLine("|---|---|---|---|---|--:|--:|");
        foreach (var m in measured)
        {
            var techniques = m.Rule.Tags.Where(t => t.StartsWith("attack.t", StringComparison.Ordinal)).Select(t => t["attack.".Length..].ToUpperInvariant());
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| `{m.Rule.Name}` | {m.Rule.Level.ToString().ToLowerInvariant()} | {string.Join(", ", techniques)} | {Names(m.Rule, fires: true)} | "
                + $"{Names(m.Rule, fires: false)} | {m.Query.TotalMilliseconds:F0} | {m.Alerts.Count}{(m.Rule.Elastic.IsBuildingBlock ? " (not listed)" : "")} |"));
        }

        text.WriteLine();
        text.WriteLine($"{listed.Sum(m => m.Alerts.Count)} alerts are listed in the week:");
        text.WriteLine();
        text.WriteLine("| when | rule | about | what it was |");
        text.WriteLine("|---|---|---|---|");
        foreach (var (rule, alert, deed) in listed.SelectMany(m => m.Alerts.Select(a => (m.Rule, a.Alert, a.Deed))).OrderBy(a => a.Alert.Time))
        {
            var about = string.Join(", ", alert.Key.Parts.Where(p => p.Field != "organization.id").Select(p => p.Value ?? "none"));
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {alert.Time:ddd HH:mm} | `{rule.Name}` | {about} | {deed?.Why ?? "**no deed explains it**"} |"));
        }

        text.WriteLine();
        return text.ToString();
    }

    private static string Names(DetectionRule rule, bool fires) => string.Join("; ", rule.Fixtures.Where(f => f.Fires == fires).Select(f => f.Name));
}
