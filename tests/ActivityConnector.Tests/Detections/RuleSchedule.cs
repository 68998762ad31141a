namespace ActivityConnector.Tests.Detections;

/// <summary>
/// The runs of a rule between two times, computed in memory over events that are read once; what single runs that know of each other would find.
/// <list type="bullet">
/// <item>query: the first run that sees an event finds it.</item>
/// <item>threshold: a run counts, for each group, the events in its time that are later than the last event of the group's last alert; so the
/// count begins again after an alert, and a burst that goes on raises another as soon as that many new events are in the time of a run.</item>
/// <item>new terms: a run finds a term whose first event since the beginning of the run's history is later than the beginning of its look-back.</item>
/// <item>eql, esql: the query runs over the events in the time of each run, where anything can have changed.</item>
/// </list>
/// </summary>
internal sealed class RuleSchedule
{
    private readonly ElasticRule _rule;
    private readonly DateTimeOffset _start;
    private readonly int _runs;

    public RuleSchedule(ElasticRule rule, DateTimeOffset start, DateTimeOffset end)
    {
        (_rule, _start) = (rule, start);
        _runs = (int)Math.Ceiling((end - start) / rule.Interval);
    }

    /// <summary>No run sees an earlier one.</summary>
    public DateTimeOffset FirstEvent => ElasticRuleRun.Floor(_rule, At(1), _rule.Type == "new_terms" ? _rule.History : _rule.LookBack);

    public DateTimeOffset LastRun => At(_runs);

    /// <param name="events">All that the rule's query finds between <see cref="FirstEvent"/> and <see cref="LastRun"/>, in the order of their times.</param>
    public IEnumerable<(DateTimeOffset Run, RuleFinding Found)> Run(IReadOnlyList<DetectionEvent> events) => _rule.Type switch
    {
        "query" => events.Select(e => (Run: FirstRunFrom(e.Time), Event: e)).Where(f => Sees(f.Run, f.Event.Time))
            .Select(f => (At(f.Run), ElasticRuleRun.QueryFinding(_rule, f.Event))),
        "threshold" => Threshold(events),
        "new_terms" => NewTerms(events).OrderBy(f => f.Run),
        "esql" => Queries(EsqlFold.Of(EsqlQuery.Parse(_rule.Query), events, FirstRunFrom)),
        _ => Queries(events),
    };

    private DateTimeOffset At(int run) => _start + (run * _rule.Interval);

    /// <summary>The first run that is not before a time.</summary>
    private int FirstRunFrom(DateTimeOffset time) => Math.Max(1, (int)Math.Ceiling((time - _start) / _rule.Interval));

    private DateTimeOffset Floor(int run) => ElasticRuleRun.Floor(_rule, At(run), _rule.LookBack);

    private bool Sees(int run, DateTimeOffset time) => run <= _runs && time >= Floor(run);

    private IEnumerable<(DateTimeOffset Run, RuleFinding Found)> Threshold(IReadOnlyList<DetectionEvent> events)
    {
        var threshold = _rule.Threshold!;
        var groups = new Dictionary<RuleKey, Queue<DetectionEvent>>();
        var next = 0;
        while (next < events.Count)
        {
            var run = FirstRunFrom(events[next].Time);
            if (run > _runs) yield break;

            // Only a group with an event more can have come to its threshold.
            var changed = new HashSet<RuleKey>();
            for (; next < events.Count && events[next].Time <= At(run); next++)
            {
                foreach (var key in RuleKey.Of(events[next], threshold.Fields))
                {
                    if (!groups.TryGetValue(key, out var group)) groups[key] = group = new();

                    group.Enqueue(events[next]);
                    changed.Add(key);
                }
            }

            foreach (var key in changed)
            {
                var group = groups[key];
                while (group.TryPeek(out var oldest) && oldest.Time < Floor(run)) group.Dequeue();

                if (group.Count < threshold.Value || !HasCardinality(threshold, group)) continue;

                var ids = group.Select(e => e.Id).ToList();
                yield return (At(run), new($"{key} {run}", key, key, ids, group.Max(e => e.Time), ids.Count));
                group.Clear();
            }
        }
    }

    private static bool HasCardinality(RuleThreshold threshold, IEnumerable<DetectionEvent> group) =>
        threshold.CardinalityField is not { } field || group.SelectMany(e => e[field]).Distinct().Count() >= threshold.Cardinality;

    private IEnumerable<(DateTimeOffset Run, RuleFinding Found)> NewTerms(IReadOnlyList<DetectionEvent> events)
    {
        var history = _rule.OldestEvent is { } age && age < _rule.History ? age : _rule.History;
        var before = new Dictionary<RuleKey, DateTimeOffset>();
        foreach (var e in events)
        {
            foreach (var key in RuleKey.Of(e, _rule.NewTermsFields))
            {
                var run = FirstRunFrom(e.Time);

                // The first run whose history no longer reaches back to the event before.
                if (before.TryGetValue(key, out var earlier)) run = Math.Max(run, (int)Math.Floor((earlier + history - _start) / _rule.Interval) + 1);

                before[key] = e.Time;
                if (run > _runs || e.Time <= Floor(run)) continue;

                yield return (At(run), ElasticRuleRun.NewTermsFinding(_rule, e, key));
            }
        }
    }

    private IEnumerable<(DateTimeOffset Run, RuleFinding Found)> Queries(IReadOnlyList<DetectionEvent> events)
    {
        // Rows can change with the time alone; sequences and events need an event more.
        var always = _rule.Type == "esql";
        var (first, next) = (0, 0);
        for (var run = 1; run <= _runs; run++)
        {
            var had = next;
            while (next < events.Count && events[next].Time <= At(run)) next++;

            while (first < next && events[first].Time < Floor(run)) first++;

            if (had == next && !always) continue;

            foreach (var found in ElasticRuleRun.Found(_rule, At(run), events.Skip(first).Take(next - first))) yield return (At(run), found);
        }
    }
}
