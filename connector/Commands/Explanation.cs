using ActivityConnector.Detections;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Transforms;

namespace ActivityConnector.Commands;

/// <summary>Which rules fire on the events of an input, and what the others still wait for.</summary>
/// <remarks>Not thread-safe. Keeps the events that a rule looks at.</remarks>
internal sealed class Explanation
{
    private readonly List<RuleWatch> _watches;
    private readonly List<(MatchedEvent Event, RuleWatch Rule)> _matched = [];
    private int _events;
    private int _unmatched;

    public Explanation(IEnumerable<DetectionRule> rules) =>
        _watches = [.. rules.Where(r => r.Logic is not Count { Least: 0 }).Select(r => new RuleWatch(r))];

    public void See(EventBatch events)
    {
        foreach (var e in events.Events)
        {
            var values = new EventValues(e.Json);
            var seen = new MatchedEvent(values["event.id"] is [var id] ? id : "", values);
            var before = _matched.Count;
            foreach (var watch in _watches.Where(w => w.See(seen))) _matched.Add((seen, watch));

            _events++;
            if (_matched.Count == before) _unmatched++;
        }
    }

    /// <summary>A row for each event and each rule that looks at it, in the order of the input.</summary>
    public ResultTable Table()
    {
        var outcomes = new Dictionary<(MatchedEvent Event, RuleWatch Rule), string>();
        foreach (var watch in _watches)
        {
            foreach (var fired in watch.Fired())
            {
                foreach (var e in fired.Events) outcomes[(e, watch)] = "part of what fires";

                outcomes[(fired.Events[^1], watch)] = Fires(watch.Rule, fired.Events.Count);
            }
        }

        var table = new ResultTable("event", "action", "rule", "level", "outcome")
        {
            WhenEmpty = "No rule looks at these events.",
            GiveWay = ["action", "level"],
        };
        foreach (var (e, watch) in _matched)
        {
            table.Add(
                e.Id,
                e.Values["event.action"] is [var action] ? action : null,
                watch.Rule.Name,
                watch.Rule.Level.ToString().ToLowerInvariant(),
                outcomes.GetValueOrDefault((e, watch)) ?? Without(watch.Rule, e) ?? WaitsFor(watch.Rule));
        }

        return table;
    }

    /// <summary>How many events there were, for a person.</summary>
    public string Summary => CountText.Of(_events, "event") + _unmatched switch
    {
        var all when all == _events => ", of no interest to any rule.",
        0 => ", each of interest to a rule.",
        _ => $", {_unmatched} of them of no interest to any rule.",
    };

    private static string Fires(DetectionRule rule, int events) => rule switch
    {
        { Elastic.NewTerms.Count: > 0 } =>
            $"fires if {NewTerms(rule)} new in {ElasticTime.Of(rule.Elastic.History)}",
        { Logic: EachEvent } => "fires",
        _ => $"fires, with {CountText.Of(events - 1, "event")} before it",
    };

    /// <summary>An event without a field by which the rule groups is never counted.</summary>
    private static string? Without(DetectionRule rule, MatchedEvent e) =>
        rule.GroupBy.FirstOrDefault(field => e.Values[field].Count == 0) is { } missing ? $"silent: the event has no {missing}" : null;

    private static string WaitsFor(DetectionRule rule) => rule.Logic switch
    {
        Count count => $"counts: fires with {count.Least} {(count.Field is null ? "events" : $"values of {count.Field}")} in {ElasticTime.Of(count.Within)}"
            + $" of the same {string.Join(", ", count.GroupBy)}",
        OrderedSteps steps => $"a step: fires with {Steps(steps)} in {ElasticTime.Of(steps.Within)} of the same {string.Join(", ", steps.GroupBy)}",
        _ => $"silent: {NewTerms(rule)} not new here",
    };

    private static string NewTerms(DetectionRule rule) =>
        $"{string.Join(" and ", rule.Elastic.NewTerms)} {(rule.Elastic.NewTerms.Count == 1 ? "is" : "are")}";

    private static string Steps(OrderedSteps steps) => string.Join(
        ", then ", steps.Ordered.Select(s => s.Times == 1 ? s.Rule.Name : $"{s.Times} of {s.Rule.Name}"));
}
