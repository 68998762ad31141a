using System.Text.Json.Nodes;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Fields;
using ActivityConnector.Vendors;

namespace ActivityConnector.Detections;

/// <summary>
/// A rule as Elastic Security imports it (Kibana 8.18 and newer): a query, threshold, new terms, EQL or ES|QL rule. Rules run over the time at
/// which an event was stored (<c>event.ingested</c>), so that an event that comes late is seen too.
/// </summary>
internal sealed class ElasticForm(AttackNames attack)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>How much further back a rule looks than it must: a run that comes late, and a poll that does.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(20);

    /// <summary>Of a sequence, one vendor's events may come so much later than the other's, after an outage.</summary>
    private static readonly TimeSpan Outage = TimeSpan.FromDays(1);

    /// <summary>How late an event may be stored and still be counted.</summary>
    private static readonly TimeSpan LateForCount = TimeSpan.FromHours(1);

    /// <summary>An event that is older when it is stored raises no alert: it comes from a backfill. A sweep looks back seven days.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(8);

    private static readonly (RuleLevel Level, int Score)[] Scores =
        [(RuleLevel.Low, 21), (RuleLevel.Medium, 47), (RuleLevel.High, 73), (RuleLevel.Critical, 99)];

    private readonly ThreatForm _threat = new(attack);

    /// <summary>One line of the file that Kibana imports.</summary>
    /// <exception cref="RuleFileException">The rule has a tag that ATT&amp;CK's names do not have.</exception>
    public JsonObject Of(DetectionRule rule)
    {
        var json = new JsonObject
        {
            ["rule_id"] = rule.Id.ToString(),
            ["name"] = rule.Title,
            ["description"] = rule.Description,
            ["severity"] = Name(rule.Level),
            ["risk_score"] = Score(rule.Level),
            ["severity_mapping"] = rule.Logic is EachEvent ? HigherSeverities(rule.Level) : new JsonArray(),
            ["author"] = Array(rule.Authors),
            ["false_positives"] = Array(rule.FalsePositives),
            ["references"] = Array(rule.References),
            ["threat"] = _threat.Of(rule),
            ["tags"] = Array(TagsOf(rule)),
            ["note"] = WhatTheAlertHas(rule) + rule.Triage,
            ["investigation_fields"] = new JsonObject { ["field_names"] = Array(rule.Fields) },
            ["interval"] = ElasticTime.Of(rule.Elastic.Esql is null ? Interval : TimeSpan.FromHours(1)),
            ["to"] = "now",
            ["timestamp_override"] = "event.ingested",
            ["max_signals"] = 100,
            ["required_fields"] = new JsonArray([.. FieldsOf(rule).Select(f => new JsonObject { ["name"] = f, ["type"] = TypeOf(f) })]),
            ["version"] = rule.Elastic.Version,
            ["enabled"] = false,
        };
        if (rule.Elastic.IsBuildingBlock) json["building_block_type"] = "default";

        AddLogic(json, rule);
        AddSuppression(json, rule);
        return json;
    }

    /// <summary>What an analyst must know of the alert of such a rule, whose events are not all in it.</summary>
    private static string WhatTheAlertHas(DetectionRule rule) => rule switch
    {
        { Elastic.Esql: not null } => "",
        { Logic: Count } =>
            "The alert itself has only the fields by which it is grouped. `kibana.alert.threshold_result.count` says how many events there are, and "
            + "*Investigate in timeline* shows them.\n\n",
        { Logic: OrderedSteps } => "The alert itself has only what its events have in common: *Investigate in timeline* shows its events.\n\n",
        { Elastic.SuppressFor: not null } =>
            "The alert can stand for more events than the one that it shows: `kibana.alert.suppression.docs_count` says for how many more, and "
            + "*Investigate in timeline* shows them.\n\n",
        _ => "",
    };

    /// <summary>The fields that a rule's query names, each once.</summary>
    public static IReadOnlyList<string> FieldsOf(DetectionRule rule)
    {
        IReadOnlyList<string> counted = rule.Logic is Count { Field: { } field } ? [field] : [];
        return [.. rule.Steps.SelectMany(s => s.When.Tests).Select(t => t.Field).Concat(rule.GroupBy).Concat(counted).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Elastic's name for the kind of rule that this one becomes.</summary>
    public static string KindOf(DetectionRule rule) => rule switch
    {
        { Elastic.Esql: not null } => "esql",
        { Logic: OrderedSteps } => "eql",
        { Logic: Count } => "threshold",
        { Elastic.NewTerms.Count: > 0 } => "new_terms",
        _ => "query",
    };

    /// <summary>The type of a field in the index.</summary>
    public static string TypeOf(string field) => Vendor.EventFields.FirstOrDefault(f => f.Name == field)?.Type switch
    {
        FieldType.Number => "long",
        FieldType.Date => "date",
        FieldType.Ip => "ip",
        FieldType.Text => "match_only_text",
        _ => "keyword",
    };

    // The filter holds for the history of new terms too. Of what is counted, what an outage delayed for longer is left out: it would count as one burst.
    private static TimeSpan OldestOf(DetectionRule rule) => rule switch
    {
        { Logic: Count count } => count.Within + LateForCount,
        { Elastic.NewTerms.Count: > 0 } => rule.Elastic.History,
        _ => Oldest,
    };

    private static void AddLogic(JsonObject json, DetectionRule rule)
    {
        json["type"] = KindOf(rule);
        if (rule.Elastic.Esql is { } esql)
        {
            json["language"] = "esql";
            json["query"] = esql;
            json["from"] = Ago(rule.Elastic.LookBack);
            return;
        }

        json["index"] = Array(rule.Vendors.Select(vendor => $"logs-{EcsEvent.DatasetOf(vendor)}*"));
        json["filters"] = new JsonArray(new JsonObject
        {
            ["meta"] = new JsonObject
            {
                ["alias"] = "no events of a backfill",
                ["disabled"] = false,
                ["negate"] = false,
                ["type"] = "custom",
                ["key"] = "query",
            },
            ["query"] = new JsonObject { ["range"] = new JsonObject { ["@timestamp"] = new JsonObject { ["gte"] = Ago(OldestOf(rule)) } } },
        });
        switch (rule.Logic)
        {
            case OrderedSteps steps:
                json["language"] = "eql";
                json["query"] = EqlText.Of(steps);
                json["from"] = Ago(steps.Within + Outage);
                break;
            case Count count:
                AddQuery(json, count.Rule);
                json["from"] = Ago(count.Within + Interval + Interval);
                json["threshold"] = new JsonObject
                {
                    ["field"] = Array(count.GroupBy),
                    ["value"] = count.Least,
                    ["cardinality"] = count.Field is null
                        ? new JsonArray()
                        : new JsonArray(new JsonObject { ["field"] = count.Field, ["value"] = count.Least }),
                };
                break;
            default:
                AddQuery(json, rule.Steps[0]);
                json["from"] = Ago(Interval + Slack);
                if (rule.Elastic.NewTerms.Count == 0) break;

                json["new_terms_fields"] = Array(rule.Elastic.NewTerms);
                json["history_window_start"] = Ago(rule.Elastic.History);
                break;
        }
    }

    private static void AddQuery(JsonObject json, EventRule rule)
    {
        json["language"] = "lucene";
        json["query"] = LuceneText.Of(rule.When);
    }

    private static void AddSuppression(JsonObject json, DetectionRule rule)
    {
        if (rule.Elastic.SuppressFor is not { } time) return;

        // Kibana has no days here.
        var (value, unit) = ElasticTime.Parts(time) is (_, "d") ? ((long)time.TotalHours, "h") : ElasticTime.Parts(time);
        var suppression = new JsonObject { ["duration"] = new JsonObject { ["value"] = value, ["unit"] = unit } };
        if (rule.Logic is not Count || rule.Elastic.Esql is not null)
        {
            suppression["group_by"] = Array(rule.Elastic.SuppressBy);
            suppression["missing_fields_strategy"] = "suppress";
        }

        json["alert_suppression"] = suppression;
    }

    // The event's own severity counts where it is higher than the rule's.
    private static JsonArray HigherSeverities(RuleLevel level) => new([.. Scores.Where(s => s.Level > level).Select(s => new JsonObject
    {
        ["field"] = "event.severity",
        ["operator"] = "equals",
        ["value"] = s.Score.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["severity"] = Name(s.Level),
    })]);

    private IEnumerable<string> TagsOf(DetectionRule rule) =>
    [
        "Domain: SaaS",
        .. rule.Vendors.Select(v => $"Data Source: {char.ToUpperInvariant(v[0])}{v[1..]}"),
        .. _threat.TacticsOf(rule).Select(t => $"Tactic: {t}"),
        "Activity Connector",
        rule.Name,
    ];

    private static JsonArray Array(IEnumerable<string> values) => new([.. values.Select(v => JsonValue.Create(v))]);

    private static string Ago(TimeSpan time) => $"now-{ElasticTime.Of(time)}";

    private static string Name(RuleLevel level) => level.ToString().ToLowerInvariant();

    private static int Score(RuleLevel level) => Scores.First(s => s.Level == level).Score;
}
