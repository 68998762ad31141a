namespace ActivityConnector.Detections;

/// <summary>An event that a step of a rule matches.</summary>
/// <param name="Id">What the caller calls the event.</param>
internal sealed record MatchedEvent(string Id, EventValues Values);

/// <summary>A rule fired.</summary>
/// <param name="Events">Those that made it fire, in the order of their time.</param>
internal sealed record FiredRule(DetectionRule Rule, IReadOnlyList<MatchedEvent> Events);

/// <summary>
/// Whether one rule fires on a set of events, in whatever order they come. It keeps the events that match, and no others. Of a rule with new terms, the
/// first event with its values fires: what was before the first event is not known here.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RuleWatch(DetectionRule rule)
{
    private readonly List<(MatchedEvent Event, EventRule Step)> _matched = [];
    private readonly List<EventRule> _steps = [.. rule.Steps.Distinct()];

    public DetectionRule Rule => rule;

    /// <summary>Whether a step of the rule matches this event, which then counts.</summary>
    public bool See(MatchedEvent e)
    {
        var before = _matched.Count;
        foreach (var step in _steps)
        {
            if (step.Matches(e.Values)) _matched.Add((e, step));
        }

        return _matched.Count > before;
    }

    /// <summary>What fires on the events seen so far. An event that fired a count or a sequence does not fire the rule again.</summary>
    public IReadOnlyList<FiredRule> Fired()
    {
        _matched.Sort((a, b) => a.Event.Values.Time.CompareTo(b.Event.Values.Time));
        return rule.Logic switch
        {
            Count { Least: 0 } => [],
            Count count => [.. Groups(count.GroupBy).SelectMany(group => Counted(count, group))],
            OrderedSteps steps => [.. Groups(steps.GroupBy).SelectMany(group => InOrder(steps, group))],
            _ when rule.Elastic.NewTerms.Count > 0 => [.. Groups(rule.Elastic.NewTerms).Select(group => new FiredRule(rule, [group[0].Event]))],
            _ => [.. _matched.Select(m => new FiredRule(rule, [m.Event]))],
        };
    }

    /// <summary>The events that agree in these fields; an event without one of them is in no group.</summary>
    private IEnumerable<List<(MatchedEvent Event, EventRule Step)>> Groups(IReadOnlyList<string> fields) => _matched
        .Where(m => fields.All(f => m.Event.Values[f].Count > 0))
        .SelectMany(m => Keys(m.Event.Values, fields).Select(key => (key, m)))
        .GroupBy(pair => pair.key, pair => pair.m)
        .Select(group => group.ToList());

    private static IEnumerable<string> Keys(EventValues values, IReadOnlyList<string> fields) => fields.Aggregate<string, IEnumerable<string>>(
        [""], (keys, field) => keys.SelectMany(key => values[field].Select(value => $"{key}\n{value}")));

    private IEnumerable<FiredRule> Counted(Count count, List<(MatchedEvent Event, EventRule Step)> group)
    {
        var window = new Queue<MatchedEvent>();
        var values = new Dictionary<string, int>();
        foreach (var (e, _) in group)
        {
            window.Enqueue(e);
            foreach (var value in ValuesOf(e)) values[value] = values.GetValueOrDefault(value) + 1;

            while (e.Values.Time - window.Peek().Values.Time > count.Within)
            {
                foreach (var value in ValuesOf(window.Dequeue()))
                {
                    if (--values[value] == 0) values.Remove(value);
                }
            }

            if ((count.Field is null ? window.Count : values.Count) < count.Least) continue;

            yield return new(rule, [.. window]);
            window.Clear();
            values.Clear();
        }

        IReadOnlyList<string> ValuesOf(MatchedEvent e) => count.Field is null ? [] : e.Values[count.Field];
    }

    private IEnumerable<FiredRule> InOrder(OrderedSteps steps, List<(MatchedEvent Event, EventRule Step)> group)
    {
        var wanted = steps.Ordered.SelectMany(s => Enumerable.Repeat(s.Rule, s.Times)).ToList();

        // For each number of steps done, the latest events that did them: later ones leave the most time for the rest.
        var done = new List<MatchedEvent>?[wanted.Count];
        foreach (var (e, step) in group)
        {
            for (var next = wanted.Count - 1; next >= 0; next--)
            {
                if (wanted[next] != step) continue;

                var before = next == 0 ? [] : done[next - 1];
                if (before is null || (before.Count > 0 && e.Values.Time - before[0].Values.Time > steps.Within)) continue;

                if (next > 0) done[next - 1] = null;

                if (next < wanted.Count - 1)
                {
                    done[next] = [.. before, e];
                    break;
                }

                yield return new(rule, [.. before, e]);
                break;
            }
        }
    }
}
