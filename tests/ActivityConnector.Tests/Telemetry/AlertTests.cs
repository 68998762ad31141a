using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared.Servers;
using YamlDotNet.RepresentationModel;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>The delivered alerts, with the real Prometheus tool.</summary>
public sealed class AlertTests
{
    private static readonly string Rules = Path.Combine(DeliveredFiles.Root, "config", "prometheus", "activity-connector.rules.yml");
    private static readonly string Tests = Path.Combine(DeliveredFiles.Root, "config", "prometheus", "activity-connector.test.yml");

    [ToolFact("promtool")]
    [Trait("Kind", "server")]
    public async Task Each_alert_is_raised_by_its_cause_and_cleared_by_its_end()
    {
        var (exitCode, output) = await ToolFolder.RunAsync("promtool", "", "test", "rules", Tests);

        Assert.True(exitCode == 0, output);
        var cases = List(Load(Tests), "tests").SelectMany(test => List(test, "alert_rule_test"))
            .Select(c => (Alert: Text(c, "alertname"), IsRaised: List(c, "exp_alerts").Any())).ToHashSet();
        Assert.All(Alerts(), alert => Assert.Superset(
            new HashSet<(string, bool)> { (Text(alert, "alert"), true), (Text(alert, "alert"), false) }, cases));
    }

    [Fact]
    public void Each_alert_names_a_section_of_the_runbook()
    {
        var headings = File.ReadLines(Path.Combine(DeliveredFiles.Root, "docs", "operations.md")).Where(line => line.StartsWith('#'))
            .Select(line => line.TrimStart('#', ' ').ToLowerInvariant().Replace(":", "", StringComparison.Ordinal).Replace(' ', '-')).ToHashSet();

        Assert.NotEmpty(Alerts());
        Assert.All(Alerts(), alert =>
        {
            var annotations = alert.Children["annotations"];
            Assert.NotEmpty(Text(annotations, "summary"));
            var link = Text(annotations, "runbook_url").Split('#');
            Assert.Equal("docs/operations.md", link[0]);
            Assert.Contains(link[1], headings);
        });
    }

    private static List<YamlMappingNode> Alerts() => [.. List(Load(Rules), "groups").SelectMany(group => List(group, "rules"))];

    private static YamlNode Load(string file)
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(file);
        yaml.Load(reader);
        return yaml.Documents[0].RootNode;
    }

    private static string Text(YamlNode of, string name) => ((YamlScalarNode)of[name]).Value!;

    private static IEnumerable<YamlMappingNode> List(YamlNode of, string name) =>
        ((YamlMappingNode)of).Children.TryGetValue(name, out var list) && list is YamlSequenceNode sequence ? sequence.Cast<YamlMappingNode>() : [];
}
