using ActivityConnector.Detections;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Detections;

public sealed class DeliveredRulesTests
{
    /// <summary>They tell of the feed, or are no alert by themselves.</summary>
    private static readonly string[] WithoutResponse = ["04-new-address", "24-source-silent", "25-unmapped-records"];

    [Fact]
    public void There_are_twenty_five_with_texts_of_their_own()
    {
        Assert.Equal(25, DeliveredRules.All.Count);
        Assert.Equal(25, DeliveredRules.All.Select(r => r.Title).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, 25).Select(n => $"{n:00}"), DeliveredRules.All.Select(r => r.Name[..2]));
    }

    [Theory]
    [MemberData(nameof(DeliveredRules.Names), MemberType = typeof(DeliveredRules))]
    public void Each_rule_says_what_an_analyst_needs_and_has_records_on_both_sides(string name)
    {
        var rule = DeliveredRules.Named(name);

        Assert.NotEmpty(rule.FalsePositives);
        Assert.NotEmpty(rule.Fields);
        Assert.Contains(rule.Tags, t => t.StartsWith("attack.t", StringComparison.Ordinal));
        if (!WithoutResponse.Contains(name))
        {
            Assert.Contains("**Is all in order?**", rule.Triage, StringComparison.Ordinal);
            Assert.Contains("respond:", rule.Triage, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains(rule.Fixtures, f => f.Fires);
        Assert.Contains(rule.Fixtures, f => !f.Fires);
        Assert.Equal(rule.Fixtures.Count, rule.Fixtures.Select(f => f.Name).Distinct().Count());
    }

    /// <summary>OpenSearch Security Analytics reads a rule of one document, needs these members, and takes few characters in a title.</summary>
    [Theory]
    [MemberData(nameof(DeliveredRules.Names), MemberType = typeof(DeliveredRules))]
    public void Each_file_has_what_opensearch_security_analytics_needs(string name)
    {
        var text = File.ReadAllText(Path.Combine(DeliveredRules.Folder, name + ".yml"));
        var rule = DeliveredRules.Named(name);

        Assert.DoesNotContain(rule.Title, c => """:"+/\|?#><*""".Contains(c, StringComparison.Ordinal));
        Assert.InRange(rule.Title.Length, 1, 256);
        foreach (var member in new[] { "status: test", "author: ", "date: ", "description: " }) Assert.Contains(member, text, StringComparison.Ordinal);

        Assert.Equal(rule.Logic is EachEvent, !text.Contains("\n---\n", StringComparison.Ordinal));
    }

    [ToolFact("sigma/sigma")]
    public async Task Sigmas_own_converter_takes_the_rules_together()
    {
        var files = DeliveredRules.All.Where(rule => rule.Logic is not OrderedSteps).Select(rule => Path.Combine(DeliveredRules.Folder, rule.Name + ".yml"));
        var (exitCode, output) = await ToolFolder.RunAsync("sigma/sigma", "", ["convert", "-t", "esql", "--without-pipeline", .. files]);

        Assert.True(exitCode == 0, output);
        Assert.Equal(2, output.Split("\"admin_login_failure\"").Length - 1);
    }

    [ToolFact("sigma/sigma")]
    public async Task Sigmas_own_converter_makes_a_Lucene_query_of_each_rule_of_one_event()
    {
        var rules = DeliveredRules.All.Where(rule => rule.Logic is EachEvent).ToList();
        var files = rules.Select(rule => Path.Combine(DeliveredRules.Folder, rule.Name + ".yml"));
        var (exitCode, output) = await ToolFolder.RunAsync("sigma/sigma", "", ["convert", "-t", "lucene", "--without-pipeline", .. files]);

        Assert.True(exitCode == 0, output);
        Assert.Equal(rules.Count, output.Split('\n').Count(line => line.Contains("event.dataset:", StringComparison.Ordinal)));
    }

    /// <summary>A kind of correlation that the tool cannot put into a query of its own is still read by it, and the reason names the kind alone.</summary>
    [ToolFact("sigma/sigma")]
    public async Task Sigmas_own_converter_reads_rules_that_order_events()
    {
        foreach (var rule in DeliveredRules.All.Where(rule => rule.Logic is OrderedSteps))
        {
            var (_, output) = await ToolFolder.RunAsync(
                "sigma/sigma", "", "convert", "-t", "esql", "--without-pipeline", Path.Combine(DeliveredRules.Folder, rule.Name + ".yml"));

            Assert.Contains("Correlation type 'temporal_ordered' is not supported by backend", output, StringComparison.Ordinal);
        }
    }
}
