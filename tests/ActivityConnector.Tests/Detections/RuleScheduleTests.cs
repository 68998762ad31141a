using FsCheck;
using FsCheck.Fluent;

namespace ActivityConnector.Tests.Detections;

/// <summary>A rule over a long time finds what its single runs would, each knowing what those before it raised.</summary>
public sealed class RuleScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Runs_are_one_interval_apart_from_the_start_and_the_last_one_is_not_before_the_end()
    {
        var schedule = new RuleSchedule(Rule("query"), Start, Start.AddMinutes(12));

        Assert.Equal((Start.AddMinutes(-20), Start.AddMinutes(15)), (schedule.FirstEvent, schedule.LastRun));
        Assert.Equal(
            [(5, "1"), (5, "2"), (10, "3"), (10, "4"), (15, "5")],
            Runs(schedule.Run([Event(1, -20), Event(2, 5), Event(3, 5.1), Event(4, 10), Event(5, 15), Event(6, 15.1)])));
    }

    [Fact]
    public void A_burst_raises_one_alert_and_another_as_soon_as_it_has_as_many_new_events()
    {
        var schedule = new RuleSchedule(Rule("threshold"), Start, Start.AddHours(1));
        var burst = Enumerable.Range(0, 8).Select(i => Event(i + 1, 1 + i));

        Assert.Equal([(5, "1 2 3 4 5"), (10, "6 7 8")], Runs(schedule.Run([.. burst])));
    }

    [Fact]
    public void Slow_events_below_the_threshold_within_the_look_back_raise_none()
    {
        var schedule = new RuleSchedule(Rule("threshold"), Start, Start.AddHours(2));

        Assert.Empty(schedule.Run([.. Enumerable.Range(0, 8).Select(i => Event(i + 1, 13.1 * i))]));
        Assert.Equal([(30, "1 2 3")], Runs(schedule.Run([Event(1, 5), Event(2, 17), Event(3, 30)])));
        Assert.Empty(schedule.Run([Event(1, 4.9), Event(2, 17), Event(3, 30)]));
    }

    [Fact]
    public void A_threshold_counts_each_group_alone_and_wants_different_values_where_it_says_so()
    {
        var schedule = new RuleSchedule(
            Rule("threshold", ", \"threshold\": {\"field\": [\"source.ip\"], \"value\": 3, \"cardinality\": [{\"field\": \"user.name\", \"value\": 2}]}"),
            Start,
            Start.AddHours(1));

        Assert.Equal(
            [(5, "4 5 6")],
            Runs(schedule.Run([
                Event(1, 1, "a", "10.0.0.1"), Event(2, 1, "a", "10.0.0.1"), Event(3, 1, "a", "10.0.0.1"),
                Event(4, 2, "a", "10.0.0.2"), Event(5, 2, "a", "10.0.0.2"), Event(6, 2, "b", "10.0.0.2"),
                Event(7, 3, "a"), Event(8, 3, "b"), Event(9, 3, "c"),
            ])));
    }

    [Fact]
    public void A_term_is_new_again_when_the_history_no_longer_reaches_its_last_event()
    {
        // The history is an hour.
        var schedule = new RuleSchedule(Rule("new_terms"), Start, Start.AddHours(4));

        Assert.Equal([(5, "1")], Runs(schedule.Run([Event(1, 3), Event(2, 40), Event(3, 75)])));
        Assert.Equal([(5, "1"), (70, "2")], Runs(schedule.Run([Event(1, 3), Event(2, 70)])));
        Assert.Equal([(60, "2")], Runs(schedule.Run([Event(1, -50), Event(2, 60), Event(3, 70)])));
    }

    [Fact]
    public void The_age_that_a_filter_allows_bounds_the_history_as_well()
    {
        var rule = Rule("new_terms", """, "filters": [{"meta": {}, "query": {"range": {"@timestamp": {"gte": "now-30m"}}}}]""");

        Assert.Equal(TimeSpan.FromMinutes(30), rule.OldestEvent);
        Assert.Equal([(5, "1"), (40, "2")], Runs(new RuleSchedule(rule, Start, Start.AddHours(4)).Run([Event(1, 3), Event(2, 38)])));
    }

    [Fact]
    public void An_alert_takes_in_what_is_found_within_its_duration_and_no_more()
    {
        var rule = Rule("query", """, "alert_suppression": {"group_by": ["user.name"], "duration": {"value": 1, "unit": "h"}}""");
        var suppression = new AlertSuppression(rule);
        DetectionEvent[] events = [Event(1, 4), Event(2, 4), Event(3, 5, "b"), Event(4, 6, ""), Event(5, 65), Event(6, 66), Event(7, 67, "")];
        foreach (var (run, found) in new RuleSchedule(rule, Start, Start.AddHours(4)).Run(events)) suppression.Add(run, found);

        Assert.Equal(
            [
                "5 user.name=a: 1 2 5, 2 suppressed", "5 user.name=b: 3, 0 suppressed", "10 user.name=(missing): 4 7, 1 suppressed",
                "70 user.name=a: 6, 0 suppressed",
            ],
            suppression.Alerts.Select(a =>
                $"{(a.RaisedAt - Start).TotalMinutes} {a.Key}: {string.Join(' ', a.EventIds)}, {a.Suppressed} suppressed"));
    }

    [Fact]
    public void Without_a_duration_the_findings_of_one_run_are_one_and_without_missing_fields_each_is_one()
    {
        var rule = Rule("query", """, "alert_suppression": {"group_by": ["user.name"], "missing_fields_strategy": "doNotSuppress"}""");
        var suppression = new AlertSuppression(rule);
        DetectionEvent[] events = [Event(1, 4), Event(2, 4), Event(3, 4, ""), Event(4, 4, ""), Event(5, 6)];
        foreach (var (run, found) in new RuleSchedule(rule, Start, Start.AddHours(4)).Run(events)) suppression.Add(run, found);

        Assert.Equal(["1 2", "3", "4", "5"], suppression.Alerts.Select(a => string.Join(' ', a.EventIds)));
    }

    /// <summary>Every run looks at all events anew: no memory but that of Kibana.</summary>
    [Fact]
    public void Thresholds_and_new_terms_are_those_of_single_runs()
    {
        var events = (from user in Gen.Elements("a", "b", "")
                      from tenths in Gen.Choose(0, 150)
                      select (user, tenths)).ListOf();
        var found = (Thresholds: 0, Terms: 0);

        Prop.ForAll(events.ToArbitrary(), list =>
        {
            var (minutes, all) = (-60.0, new List<DetectionEvent>());
            foreach (var (user, tenths) in list) all.Add(Event(all.Count + 1, minutes += tenths / 10.0, user));

            var (threshold, terms) = (Rule("threshold"), Rule("new_terms"));
            var end = Start.AddHours(3);
            var (raised, isNew) = (SimpleThresholds(threshold, all, end), SimpleTerms(terms, all, end));
            found = (found.Thresholds + raised.Count, found.Terms + isNew.Count);
            Assert.Equal(raised, Runs(new RuleSchedule(threshold, Start, end).Run([.. all.Where(e => e.Time >= Start.AddMinutes(-20))])).Order());
            Assert.Equal(isNew, Runs(new RuleSchedule(terms, Start, end).Run([.. all.Where(e => e.Time >= Start.AddMinutes(-55))])).Order());
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1_000));

        Assert.True(found is { Thresholds: > 500, Terms: > 500 }, $"{found}");
    }

    private static List<(double Minute, string Ids)> SimpleThresholds(ElasticRule rule, List<DetectionEvent> events, DateTimeOffset end)
    {
        var (raised, last) = (new List<(double, string)>(), new Dictionary<string, DateTimeOffset>());
        for (var run = Start + rule.Interval; run <= end; run += rule.Interval)
        {
            foreach (var user in (string[])["a", "b"])
            {
                var counted = events.Where(e => e.Text("user.name") == user && e.Time <= run && e.Time >= run - rule.LookBack
                    && (!last.TryGetValue(user, out var seen) || e.Time > seen)).ToList();
                if (counted.Count < rule.Threshold!.Value) continue;

                last[user] = counted[^1].Time;
                raised.Add(((run - Start).TotalMinutes, string.Join(' ', counted.Select(e => e.Id))));
            }
        }

        return [.. raised.Order()];
    }

    private static List<(double Minute, string Ids)> SimpleTerms(ElasticRule rule, List<DetectionEvent> events, DateTimeOffset end)
    {
        var (found, alerted) = (new List<(double, string)>(), new HashSet<string>());
        for (var run = Start + rule.Interval; run <= end; run += rule.Interval)
        {
            foreach (var user in (string[])["a", "b"])
            {
                var first = events.Find(e => e.Text("user.name") == user && e.Time >= run - rule.History && e.Time <= run);
                if (first is not null && first.Time > run - rule.LookBack && alerted.Add(first.Id)) found.Add(((run - Start).TotalMinutes, first.Id));
            }
        }

        return [.. found.Order()];
    }

    private static IEnumerable<(double Minute, string Ids)> Runs(IEnumerable<(DateTimeOffset Run, RuleFinding Found)> findings) =>
        findings.Select(f => ((f.Run - Start).TotalMinutes, string.Join(' ', f.Found.EventIds)));

    /// <summary>Every 5 minutes over 25; a threshold of 3 for each user; users that are new since an hour.</summary>
    private static ElasticRule Rule(string type, string members = "")
    {
        var own = type switch
        {
            "threshold" when !members.Contains("threshold", StringComparison.Ordinal) => """, "threshold": {"field": ["user.name"], "value": 3}""",
            "new_terms" => """, "new_terms_fields": ["user.name"], "history_window_start": "now-60m" """,
            _ => "",
        };
        return ElasticRule.Parse(
            $$"""
            {
              "rule_id": "r", "type": "{{type}}", "language": "lucene", "query": "*", "index": ["logs-intercom.audit*"], "from": "now-25m", "interval": "5m"
              {{own}} {{members}}
            }
            """);
    }

    private static DetectionEvent Event(int id, double minute, string user = "a", string? address = null)
    {
        var fields = new Dictionary<string, IReadOnlyList<object>>();
        if (user.Length > 0) fields["user.name"] = [user];

        if (address is not null) fields["source.ip"] = [address];

        return new($"{id}", Start.AddMinutes(minute), fields);
    }
}
