using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Detections;

/// <summary>
/// Runs Elastic detection rules on a server as Kibana's detection engine does: once (<see cref="RunAsync"/>), or as the schedule would over a long
/// time (<see cref="RunScheduleAsync"/>). Query, threshold and new terms are the searches that Kibana sends. For EQL and ES|QL, which the servers
/// of the tests lack, the events come from the server and the evaluators of these tests run the query.
/// </summary>
/// <remarks>Not applied: <c>max_signals</c>, exceptions, and a run's memory of the runs before in <see cref="RunAsync"/>.</remarks>
/// <param name="client">The server.</param>
/// <param name="prefix">Stands in place of <c>logs</c> at the beginning of the index patterns of rules.</param>
/// <param name="timeField">By which events are in the time of a run, in place of the rule's <c>timestamp_override</c>.</param>
internal sealed class ElasticRuleRun(SearchClient client, string prefix, string timeField = "@timestamp")
{
    /// <summary>A search returns at most so many events of a bucket.</summary>
    private const int MostEventsOfABucket = 100;

    /// <summary>How many terms are looked for at once: Kibana's number.</summary>
    private const int TermsAtOnce = 500;

    /// <summary>What one run at a time finds, with nothing known of earlier runs. A threshold's alert names at most 100 of its events.</summary>
    public async Task<RuleResult> RunAsync(ElasticRule rule, DateTimeOffset now)
    {
        var searches = Searches(rule);
        var from = Floor(rule, now, rule.LookBack);
        var alerts = rule.Type switch
        {
            "threshold" => await ThresholdAsync(rule, searches, from, now),
            "new_terms" => await NewTermsAsync(rule, searches, from, now),
            "query" when rule.Suppression is { GroupBy.Count: > 0 } suppression => await GroupedAsync(rule, suppression, searches, from, now),
            _ => Suppressed(rule, now, Found(rule, now, await EventsAsync(rule, searches, from, now))),
        };
        return new(alerts, searches.Took, searches.Count);
    }

    /// <summary>
    /// What a rule that was switched on at the start finds until the end. It runs at the start plus one interval, two and so on; each run sees
    /// the events from its look-back to itself, and is taken as if all of them had arrived by then. The events are read once, and the runs are
    /// computed in memory (<see cref="RuleSchedule"/>), exactly as single runs that know what the runs before them raised.
    /// </summary>
    public async Task<RuleResult> RunScheduleAsync(ElasticRule rule, DateTimeOffset start, DateTimeOffset end)
    {
        var searches = Searches(rule);
        var schedule = new RuleSchedule(rule, start, end);
        var events = await EventsAsync(rule, searches, schedule.FirstEvent, schedule.LastRun);
        var suppression = new AlertSuppression(rule);
        foreach (var (run, found) in schedule.Run(events)) suppression.Add(run, found);

        return new(suppression.Alerts, searches.Took, searches.Count);
    }

    /// <summary>What an EQL or ES|QL rule, or a query, finds among events that are all within its time.</summary>
    internal static IEnumerable<RuleFinding> Found(ElasticRule rule, DateTimeOffset now, IEnumerable<DetectionEvent> events) => rule.Type switch
    {
        "eql" => EqlFindings.Of(rule, events),
        "esql" => EsqlFindings.Of(rule, events, now),
        _ => events.Select(e => QueryFinding(rule, e)),
    };

    internal static RuleFinding QueryFinding(ElasticRule rule, DetectionEvent e)
    {
        var group = rule.Suppression is { GroupBy.Count: > 0 } s ? RuleKey.WithMissing(e, s.GroupBy) : null;
        return new(e.DocumentId, group ?? RuleKey.None, group, [e.Id], e.Time, 1);
    }

    internal static RuleFinding NewTermsFinding(ElasticRule rule, DetectionEvent e, RuleKey key)
    {
        var group = rule.Suppression is { GroupBy.Count: > 0 } s ? RuleKey.WithMissing(e, s.GroupBy) : null;
        return new($"{e.DocumentId} {key}", key, group, [e.Id], e.Time, 1);
    }

    /// <summary>The earliest time that a run sees.</summary>
    internal static DateTimeOffset Floor(ElasticRule rule, DateTimeOffset run, TimeSpan lookBack) =>
        run - (rule.OldestEvent is { } age && age < lookBack ? age : lookBack);

    private static IReadOnlyList<RuleAlert> Suppressed(ElasticRule rule, DateTimeOffset now, IEnumerable<RuleFinding> findings)
    {
        var suppression = new AlertSuppression(rule);
        foreach (var found in findings) suppression.Add(now, found);

        return suppression.Alerts;
    }

    private static IEnumerable<string> Fields(ElasticRule rule)
    {
        IEnumerable<string> own = rule.Type switch
        {
            "eql" => EqlQuery.Parse(rule.Query).Fields().Select(f => f.Name).Append("event.category"),
            "esql" => EsqlQuery.Parse(rule.Query).Fields().Select(f => f.Name),
            "threshold" => rule.Threshold!.Fields.Concat(rule.Threshold.CardinalityField is { } field ? [field] : []),
            "new_terms" => rule.NewTermsFields,
            _ => [],
        };
        return own.Concat(rule.Suppression?.GroupBy ?? []).Distinct();
    }

    private static RuleKey KeyOf(JsonElement bucket) => new([.. bucket.GetProperty("key").EnumerateObject().Select(p => (p.Name, TextOf(p.Value)))]);

    private static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.ToString();

    private static JsonObject Min(string field) => new() { ["min"] = new JsonObject { ["field"] = field } };

    private static JsonObject Selector(string name, string path, string script, long value) => new()
    {
        ["bucket_selector"] = new JsonObject
        {
            ["buckets_path"] = new JsonObject { [name] = path },
            ["script"] = new JsonObject { ["source"] = script, ["params"] = new JsonObject { ["bound"] = value } },
        },
    };

    private ElasticSearches Searches(ElasticRule rule)
    {
        var problems = rule.Type switch
        {
            "eql" => EqlQuery.Parse(rule.Query).Problems(IndexFields.OfTemplates),
            "esql" => EsqlQuery.Parse(rule.Query).Problems(IndexFields.OfTemplates),
            _ => [],
        };
        return problems.Count == 0
            ? new(client, prefix, rule.Index, timeField)
            : throw new InvalidOperationException($"The query of rule {rule.Id} names fields wrongly. {string.Join(' ', problems)}");
    }

    private static async Task<List<DetectionEvent>> EventsAsync(ElasticRule rule, ElasticSearches searches, DateTimeOffset from, DateTimeOffset to)
    {
        var events = new List<DetectionEvent>();
        await foreach (var e in searches.EventsAsync(rule.ToSearch(), from, to, Fields(rule))) events.Add(e);

        return events;
    }

    private async Task<IReadOnlyList<RuleAlert>> GroupedAsync(
        ElasticRule rule, RuleSuppression suppression, ElasticSearches searches, DateTimeOffset from, DateTimeOffset now)
    {
        var under = new JsonObject { ["first"] = searches.First(MostEventsOfABucket, []), ["latest"] = Max() };
        var buckets = await searches.BucketsAsync(rule.ToSearch(), from, now, suppression.GroupBy, suppression.SuppressesMissing, under);
        var alerts = buckets.Select(b => AlertOf(rule, searches, b, now, b.GetProperty("doc_count").GetInt32() - 1)).ToList();
        if (suppression.SuppressesMissing) return alerts;

        var incomplete = Dsl.AllOf([rule.ToSearch(), Dsl.AnyOf(suppression.GroupBy.Select(f => Dsl.Not(Dsl.Exists(f))))]);
        await foreach (var e in searches.EventsAsync(incomplete, from, now, suppression.GroupBy))
        {
            alerts.Add(new(rule.Id, RuleKey.WithMissing(e, suppression.GroupBy), [e.Id], e.Time, now, 1, 0));
        }

        return alerts;
    }

    private async Task<IReadOnlyList<RuleAlert>> ThresholdAsync(ElasticRule rule, ElasticSearches searches, DateTimeOffset from, DateTimeOffset now)
    {
        var threshold = rule.Threshold!;
        var under = new JsonObject
        {
            ["first"] = searches.First(MostEventsOfABucket, []),
            ["latest"] = Max(),
            ["count_check"] = Selector("docCount", "_count", "params.docCount >= params.bound", threshold.Value),
        };
        if (threshold.CardinalityField is { } field)
        {
            under["cardinality_count"] = new JsonObject { ["cardinality"] = new JsonObject { ["field"] = field } };
            under["cardinality_check"] = Selector(
                "cardinalityCount", "cardinality_count", "params.cardinalityCount >= params.bound", threshold.Cardinality);
        }

        var buckets = await searches.BucketsAsync(rule.ToSearch(), from, now, threshold.Fields, missing: false, under);
        return [.. buckets.Select(b => AlertOf(rule, searches, b, now, suppressed: 0))];
    }

    private async Task<IReadOnlyList<RuleAlert>> NewTermsAsync(ElasticRule rule, ElasticSearches searches, DateTimeOffset from, DateTimeOffset now)
    {
        var recent = (await searches.BucketsAsync(rule.ToSearch(), from, now, rule.NewTermsFields, missing: false)).Select(KeyOf).ToList();
        var under = new JsonObject
        {
            ["first"] = searches.First(1, rule.Suppression?.GroupBy ?? []),
            ["latest"] = Max(),
            ["first_seen"] = Min(timeField),
            ["is_new"] = Selector("firstSeen", "first_seen", "params.firstSeen > params.bound", from.ToUnixTimeMilliseconds()),
        };
        var found = new List<RuleFinding>();
        foreach (var terms in recent.Chunk(TermsAtOnce))
        {
            var asked = terms.ToHashSet();
            var ofTerms = Dsl.AnyOf(terms.Select(t => Dsl.AllOf(t.Parts.Select(p => Dsl.Clause("term", p.Field, p.Value)))));
            var query = Dsl.AllOf([rule.ToSearch(), ofTerms]);
            var buckets = await searches.BucketsAsync(query, Floor(rule, now, rule.History), now, rule.NewTermsFields, missing: false, under);
            found.AddRange(buckets.Where(b => asked.Contains(KeyOf(b))).Select(b => NewTermsFinding(rule, searches.EventOf(FirstHits(b)[0]), KeyOf(b))));
        }

        return Suppressed(rule, now, found.OrderBy(f => f.Time));
    }

    private JsonObject Max() => new() { ["max"] = new JsonObject { ["field"] = timeField } };

    private static RuleAlert AlertOf(ElasticRule rule, ElasticSearches searches, JsonElement bucket, DateTimeOffset now, int suppressed) => new(
        rule.Id,
        KeyOf(bucket),
        [.. FirstHits(bucket).Select(h => searches.EventOf(h).Id)],
        DateTimeOffset.FromUnixTimeMilliseconds((long)bucket.GetProperty("latest").GetProperty("value").GetDouble()),
        now,
        bucket.GetProperty("doc_count").GetInt32(),
        suppressed);

    private static List<JsonElement> FirstHits(JsonElement bucket) =>
        [.. bucket.GetProperty("first").GetProperty("hits").GetProperty("hits").EnumerateArray()];
}
