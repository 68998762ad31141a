using ActivityConnector.Tests.Detections.OrdinaryWeek;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Detections;

/// <summary>The week of a small company, 40,000 events; <c>./bench detections</c> has that of a large one.</summary>
[Trait("Kind", "server")]
[Collection(ElasticsearchCollection.Name)]
public sealed class MeasuredWeekTests(ElasticsearchServer server) : INeedsServer
{
    private const int Seed = 1;

    public static string? Missing => ElasticsearchServer.Missing;

    [ContractFact]
    public async Task In_an_ordinary_week_less_than_one_alert_a_day_is_listed_and_each_is_explained()
    {
        var alerts = await ListedAsync(DeedRate.AsInAYear);

        Assert.InRange(alerts.Count, 1, 6);
        Assert.DoesNotContain(alerts, a => a.Deed is null);
    }

    [ContractFact]
    public async Task When_every_reason_comes_in_one_week_each_alert_is_explained()
    {
        var alerts = await ListedAsync(DeedRate.EachOnce);

        Assert.InRange(alerts.Count, 15, 25);
        Assert.DoesNotContain(alerts, a => a.Deed is null);
    }

    private async Task<List<(string Rule, RuleAlert Alert, Deed? Deed)>> ListedAsync(DeedRate rate)
    {
        await using var scene = new DetectionScene(server.Url);
        var measured = await MeasuredWeek.RunAsync(scene, OrdinaryWeek.OrdinaryWeek.Of(Seed, WeekSize.Short, rate));
        return [.. measured.Where(m => !m.Rule.Elastic.IsBuildingBlock).SelectMany(m => m.Alerts.Select(a => (m.Rule.Name, a.Alert, a.Deed)))];
    }
}
