using ActivityConnector.Detections;
using ActivityConnector.Tests.Detections.OrdinaryWeek;

namespace ActivityConnector.Tests.Detections;

/// <summary>What a rule reported in the ordinary week.</summary>
/// <param name="Alerts">Each with the deed that explains it; null where no deed does.</param>
/// <param name="Query">How long the searches of one run take on the server, at a busy hour; null for a rule whose language the server lacks.</param>
internal sealed record MeasuredRule(DetectionRule Rule, IReadOnlyList<(RuleAlert Alert, Deed? Deed)> Alerts, TimeSpan? Query);

/// <summary>The ordinary week on a real server, seen by every delivered rule as its schedule would have it.</summary>
internal static class MeasuredWeek
{
    /// <summary>Events of a deed come in some minutes; an alert of a run comes after the next one.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(6);

    private static readonly DateTimeOffset BusyHour = OrdinaryWeek.OrdinaryWeek.Start.AddDays(3).AddHours(10);

    public static async Task<IReadOnlyList<MeasuredRule>> RunAsync(DetectionScene scene, OrdinaryWeek.OrdinaryWeek week)
    {
        await scene.DeliverAsync(week.History().Concat(week.Records()).Select(r => (r.Vendor, r.Json)));
        var measured = new List<MeasuredRule>();
        foreach (var rule in DeliveredRules.All)
        {
            var elastic = ElasticRule.Parse(DeliveredRules.Elastic(rule).ToJsonString());
            var result = await scene.Rules.RunScheduleAsync(elastic, OrdinaryWeek.OrdinaryWeek.Start, OrdinaryWeek.OrdinaryWeek.End);
            var alerts = result.Alerts.Select(a => (a, week.Deeds.Where(d => Explains(d, rule, a)).MinBy(d => d.Until - d.From))).ToList();

            TimeSpan? took = elastic.Type is "eql" or "esql" ? null : (await scene.Rules.RunAsync(elastic, BusyHour)).Took;
            measured.Add(new(rule, alerts, took));
        }

        return measured;
    }

    private static bool Explains(Deed deed, DetectionRule rule, RuleAlert alert)
    {
        var actions = rule.Steps.SelectMany(s => s.When.Tests).Where(t => t.Field == "event.action").SelectMany(t => t.Values).Select(v => v.Text).ToList();
        var person = alert.Key.Parts.FirstOrDefault(p => p.Field is "user.name" or "user.email").Value;
        var address = alert.Key.Parts.FirstOrDefault(p => p.Field == "source.ip").Value;
        if (actions.Count == 0 && deed.Until - deed.From > TimeSpan.FromHours(1)) return false;

        return (rule.Steps[0].Vendor is null || rule.Steps.Any(step => step.Vendor == deed.Vendor))
            && alert.Time >= deed.From - Tolerance && alert.Time <= deed.Until + Tolerance
            && (actions.Count == 0 || actions.Intersect(deed.Actions).Any())
            && (person is not null
                ? deed.Who == person || deed.HitsEach
                : address is null || deed.Address == address || (deed.Address is null && !deed.HitsEach));
    }
}
