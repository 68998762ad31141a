using System.Text;
using System.Text.Json.Nodes;
using ActivityConnector.Detections;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Detections;

/// <summary>
/// The fixtures of every rule go through the product's own transforms and sink into a real server, and the rules run there as Kibana would run them.
/// EQL and ES|QL run in the evaluators of these tests, which the servers lack.
/// </summary>
[Trait("Kind", "server")]
public abstract class DetectionsContract(SharedSearchServer server)
{
    [ContractFact]
    public async Task Every_rule_fires_on_what_it_names_and_stays_silent_on_what_is_near_it()
    {
        await using var scene = new DetectionScene(server.Url);
        var fixtures = DeliveredRules.All.SelectMany(rule => rule.Fixtures.Select(fixture => (Rule: rule, Fixture: fixture)))
            .Select((f, i) => (f.Rule, f.Fixture, Tenant: $"tenant-{i}")).ToList();
        var last = new Dictionary<string, DateTimeOffset>();
        foreach (var (_, fixture, tenant) in fixtures)
        {
            var records = fixture.Records.Select(r => (r.Vendor, Encoding.UTF8.GetBytes(r.Json.Replace("acme-billing", tenant, StringComparison.Ordinal))));
            await scene.DeliverAsync(records, e => last[tenant] = last.TryGetValue(tenant, out var time) && time > e.Time ? time : e.Time, tenant);
        }

        var wrong = new List<string>();
        foreach (var (rule, fixture, tenant) in fixtures)
        {
            var elastic = ElasticRule.Parse(OfTenant(rule, tenant).ToJsonString());
            var alerts = (await scene.Rules.RunAsync(elastic, last[tenant].AddMinutes(1))).Alerts;
            if (alerts.Count > 0 != fixture.Fires) wrong.Add($"{rule.Name}: {fixture.Name}: {alerts.Count} alerts");
        }

        Assert.Empty(wrong);
        Assert.Equal(DeliveredRules.All.Count, fixtures.Where(f => f.Fixture.Fires).Select(f => f.Rule).Distinct().Count());
    }

    /// <summary>The rule as it is delivered, with one filter more: the fixtures share the indices.</summary>
    private static JsonObject OfTenant(DetectionRule rule, string tenant)
    {
        var json = DeliveredRules.Elastic(rule);
        var filters = (JsonArray?)json["filters"] ?? [];
        filters.Add(new JsonObject { ["query"] = new JsonObject { ["term"] = new JsonObject { ["organization.id"] = tenant } } });
        json["filters"] = filters;
        return json;
    }
}

[Collection(ElasticsearchCollection.Name)]
public sealed class ElasticsearchDetectionsTests(ElasticsearchServer server) : DetectionsContract(server), INeedsServer
{
    public static string? Missing => ElasticsearchServer.Missing;
}

[Collection(OpenSearchCollection.Name)]
public sealed class OpenSearchDetectionsTests(OpenSearchServer server) : DetectionsContract(server), INeedsServer
{
    public static string? Missing => OpenSearchServer.Missing;
}
