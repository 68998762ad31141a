using System.Text.Json.Nodes;
using ActivityConnector.Detections;

namespace ActivityConnector.Tests.Detections;

/// <summary>The members are those of Kibana's API of detection rules, 8.18 and newer.</summary>
public sealed class ElasticFormTests
{
    [Theory]
    [MemberData(nameof(DeliveredRules.Names), MemberType = typeof(DeliveredRules))]
    public void Each_rule_has_what_kibana_requires_of_its_kind(string name)
    {
        var rule = DeliveredRules.Elastic(DeliveredRules.Named(name));

        foreach (var member in new[] { "rule_id", "name", "description", "severity", "type", "interval", "from", "note" }) Assert.NotEmpty(Text(rule, member));

        Assert.Equal(21 + (26 * Array.IndexOf(["low", "medium", "high", "critical"], Text(rule, "severity"))), (int)rule["risk_score"]!);
        Assert.Equal("event.ingested", Text(rule, "timestamp_override"));
        Assert.False((bool)rule["enabled"]!);
        Assert.NotEmpty(rule["threat"]!.AsArray());
        Assert.All(rule["threat"]!.AsArray(), t => Assert.NotEmpty(t!["technique"]!.AsArray()));
        Assert.Equal(
            Text(rule, "type") switch
            {
                "threshold" => ["threshold", "lucene", "index"],
                "new_terms" => ["new_terms_fields", "history_window_start", "lucene", "index"],
                "eql" => ["eql", "index"],
                "esql" => ["esql"],
                _ => new[] { "lucene", "index" },
            },
            new[] { "threshold", "new_terms_fields", "history_window_start" }.Where(m => rule.ContainsKey(m))
                .Append(Text(rule, "language")).Concat(rule.ContainsKey("index") ? ["index"] : []));
    }

    /// <summary>A step may have been stored long before the last one, after an outage of one vendor. The rule must still see both.</summary>
    [Theory]
    [MemberData(nameof(DeliveredRules.Names), MemberType = typeof(DeliveredRules))]
    public void Each_rule_looks_back_as_far_as_it_counts_and_our_delay_with_it(string name)
    {
        var rule = DeliveredRules.Named(name);
        var within = rule.Logic switch
        {
            Count { Least: > 0 } count => count.Within + TimeSpan.FromMinutes(10),
            OrderedSteps steps => steps.Within + TimeSpan.FromDays(1),
            _ => TimeSpan.FromMinutes(25),
        };

        Assert.True(RelativeTime.Before(Text(DeliveredRules.Elastic(rule), "from")) >= within);
    }

    [Fact]
    public void A_higher_severity_of_the_event_is_that_of_the_alert()
    {
        var mapping = DeliveredRules.Elastic(DeliveredRules.Named("17-data-destroyed"))["severity_mapping"]!.AsArray();

        Assert.Equal(["99 critical"], mapping.Select(m => $"{m!["value"]} {m["severity"]}"));
        Assert.All(mapping, m => Assert.Equal(("event.severity", "equals"), (Text(m!, "field"), Text(m!, "operator"))));
    }

    [Fact]
    public void A_value_cannot_end_its_quotation_marks()
    {
        var test = new FieldTest("message", Comparison.Equal, [new("""a" OR b\""", IsNumber: false), new("""x (y*""", IsNumber: false)]);
        var first = new OrderedStep(new("a", null, test with { Values = [test.Values[0]] }), 1);
        var steps = new OrderedSteps([first, new(new("b", null, test), 2)], ["user.name"], TimeSpan.FromMinutes(90));

        Assert.Equal("""message:("a\" OR b\\" OR x\ \(y*)""", LuceneText.Of(test));
        Assert.Equal(
            """
            sequence by user.name with maxspan=90m
              [any where message == "a\" OR b\\"]
              [any where message like ("a\" OR b\\", "x (y*")] with runs=2
            """.ReplaceLineEndings("\n"),
            EqlText.Of(steps));
    }

    [Fact]
    public void Not_means_the_same_in_every_form_for_an_event_without_the_field()
    {
        var not = new Not(new FieldTest("tags", Comparison.Equal, [new("x", IsNumber: false)]));
        var bare = """{"@timestamp":"2026-03-02T09:00:00.000Z","event.id":"1","user.name":"a"}"""u8.ToArray();
        var steps = new OrderedSteps([new(new("a", null, not), 2)], ["user.name"], TimeSpan.FromHours(1));

        Assert.True(not.Matches(new EventValues(bare)));
        Assert.Equal("NOT tags:\"x\"", LuceneText.Of(not));
        Assert.Single(EqlEvaluator.Run(EqlQuery.Parse(EqlText.Of(steps)), [DetectionEvent.OfJson(bare), DetectionEvent.OfJson(bare)]));
    }

    /// <summary>The limits are those of Kibana's schema of rules.</summary>
    [Theory]
    [MemberData(nameof(DeliveredRules.Names), MemberType = typeof(DeliveredRules))]
    public void Suppression_and_new_terms_are_within_what_kibana_takes(string name)
    {
        var rule = DeliveredRules.Elastic(DeliveredRules.Named(name));

        if (rule["alert_suppression"] is { } suppression)
        {
            Assert.Contains(Text(suppression["duration"]!, "unit"), new[] { "s", "m", "h" });
            Assert.True((long)suppression["duration"]!["value"]! >= 1);
            if (Text(rule, "type") == "threshold")
            {
                Assert.Null(suppression["group_by"]);
            }
            else
            {
                Assert.InRange(suppression["group_by"]!.AsArray().Count, 1, 3);
            }
        }

        if (rule["new_terms_fields"] is { } terms) Assert.InRange(terms.AsArray().Count, 1, 3);
    }

    private static string Text(JsonNode rule, string member) => (string)rule[member]!;
}
