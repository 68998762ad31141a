namespace ActivityConnector.Tests.Detections;

/// <summary>A rule of Kibana is read, and one that these tests cannot run is refused.</summary>
public sealed class ElasticRuleTests
{
    private const string Common =
        """
        "rule_id": "r", "name": "n", "index": ["logs-intercom.audit*"], "from": "now-25m", "interval": "5m", "timestamp_override": "event.ingested",
        """;

    [Fact]
    public void A_rule_has_its_times_its_filters_and_its_suppression()
    {
        var rule = ElasticRule.Parse(
            "{" + Common + """
              "type": "query", "language": "lucene", "query": "event.action:a",
              "filters": [
                {"meta": {}, "query": {"range": {"@timestamp": {"gte": "now-8d"}}}}, {"meta": {}, "query": {"exists": {"field": "user.name"}}}
              ],
              "alert_suppression": {"group_by": ["user.name"], "duration": {"value": 1, "unit": "d"}, "missing_fields_strategy": "doNotSuppress"}
            }
            """);

        Assert.Equal((TimeSpan.FromMinutes(25), TimeSpan.FromMinutes(5), TimeSpan.FromDays(8)), (rule.LookBack, rule.Interval, rule.OldestEvent));
        Assert.Equal("""{"exists": {"field": "user.name"}}""", Assert.Single(rule.Filters).GetRawText());
        Assert.Equal(("user.name", TimeSpan.FromDays(1), false), (rule.Suppression!.GroupBy[0], rule.Suppression.Duration, rule.Suppression.SuppressesMissing));
        Assert.Equal(
            """
            {"bool":{"filter":[{"query_string":{"query":"event.action:a","analyze_wildcard":true,"time_zone":"Zulu"}},{"exists":{"field":"user.name"}}]}}
            """,
            rule.ToSearch().ToJsonString());
    }

    [Theory]
    [InlineData("\"type\": \"query\", \"language\": \"kuery\", \"query\": \"a\"", "language: it is 'kuery', and 'lucene' is expected")]
    [InlineData("\"type\": \"machine_learning\", \"language\": \"lucene\", \"query\": \"a\"", "type: 'machine_learning' is not")]
    [InlineData("\"type\": \"query\", \"language\": \"lucene\"", "query: it is missing")]
    [InlineData("\"type\": \"new_terms\", \"language\": \"lucene\", \"query\": \"a\"", "new_terms_fields: it is missing")]
    [InlineData(
        "\"type\": \"query\", \"language\": \"lucene\", \"query\": \"a\", \"filters\": [{\"query\": {\"range\": {\"event.created\": {\"gte\": \"now-8d\"}}}}]",
        "filters: of filters with 'now'")]
    public void A_rule_that_cannot_be_run_here_is_refused(string members, string cause) =>
        Assert.StartsWith(cause, Assert.Throws<FormatException>(() => ElasticRule.Parse($"{{{Common} {members}}}")).Message, StringComparison.Ordinal);
}
