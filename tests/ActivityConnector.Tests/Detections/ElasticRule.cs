using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Detections;

/// <summary>A detection rule as Kibana imports it, one line of NDJSON: the members that say what it finds.</summary>
internal sealed record ElasticRule
{
    public required string Id { get; init; }

    /// <summary>query, threshold, new_terms, eql or esql.</summary>
    public required string Type { get; init; }

    public required string Query { get; init; }

    public required IReadOnlyList<string> Index { get; init; }

    /// <summary>How far back a run looks.</summary>
    public required TimeSpan LookBack { get; init; }

    public required TimeSpan Interval { get; init; }

    /// <summary>The clauses of its filters, without those that only say how old an event may be.</summary>
    public required IReadOnlyList<JsonElement> Filters { get; init; }

    /// <summary>
    /// The least of the ages that its filters allow (<c>@timestamp >= now-8d</c>); null without such a filter. It bounds the history of new terms too.
    /// </summary>
    public TimeSpan? OldestEvent { get; init; }

    public RuleThreshold? Threshold { get; init; }

    public IReadOnlyList<string> NewTermsFields { get; init; } = [];

    /// <summary>How far back new terms must not have been seen.</summary>
    public TimeSpan History { get; init; }

    public RuleSuppression? Suppression { get; init; }

    /// <exception cref="FormatException">The rule is not one that these tests can run; the message names the member.</exception>
    public static ElasticRule Parse(string line) => Parse(JsonElement.Parse(line));

    /// <inheritdoc cref="Parse(string)"/>
    public static ElasticRule Parse(JsonElement rule)
    {
        var (type, language) = (Text(rule, "type"), Text(rule, "language"));
        var expected = type switch
        {
            "query" or "threshold" or "new_terms" => "lucene",
            "eql" => "eql",
            "esql" => "esql",
            _ => throw new FormatException($"type: '{type}' is not query, threshold, new_terms, eql or esql."),
        };
        if (language != expected) throw new FormatException($"language: it is '{language}', and '{expected}' is expected for the type {type}.");

        var filters = rule.TryGetProperty("filters", out var all) ? all.EnumerateArray().Select(f => f.GetProperty("query")).ToList() : [];
        var ages = filters.Select(AgeOf).OfType<TimeSpan>().ToList();
        var others = filters.Where(f => AgeOf(f) is null).ToList();
        if (others.Any(f => f.GetRawText().Contains("\"now", StringComparison.Ordinal)))
        {
            throw new FormatException("filters: of filters with 'now', only {\"range\": {\"@timestamp\": {\"gte\": \"now-8d\"}}} is supported.");
        }

        return new()
        {
            Id = Text(rule, "rule_id"),
            Type = type,
            Query = Text(rule, "query"),
            Index = type == "esql" ? EsqlQuery.Parse(Text(rule, "query")).Sources : Texts(rule, "index"),
            LookBack = RelativeTime.Before(Text(rule, "from")),
            Interval = RelativeTime.Duration(Text(rule, "interval")),
            Filters = others,
            OldestEvent = ages.Count > 0 ? ages.Min() : null,
            Threshold = type == "threshold" ? RuleThreshold.Parse(rule.GetProperty("threshold")) : null,
            NewTermsFields = type == "new_terms" ? Texts(rule, "new_terms_fields") : [],
            History = type == "new_terms" ? RelativeTime.Before(Text(rule, "history_window_start")) : TimeSpan.Zero,
            Suppression = rule.TryGetProperty("alert_suppression", out var suppression) ? RuleSuppression.Parse(suppression) : null,
        };
    }

    /// <summary>Query and filters as Kibana searches for them: a <c>query_string</c> with analyzed wildcards.</summary>
    public JsonObject ToSearch() => Dsl.AllOf([
        Type switch
        {
            "eql" => EqlQuery.Parse(Query).ToSearch(),
            "esql" => Dsl.All(),
            _ => new JsonObject { ["query_string"] = new JsonObject { ["query"] = Query, ["analyze_wildcard"] = true, ["time_zone"] = "Zulu" } },
        },
        .. Filters.Select(f => JsonNode.Parse(f.GetRawText())!),
    ]);

    private static TimeSpan? AgeOf(JsonElement filter) =>
        filter.TryGetProperty("range", out var range) && range.TryGetProperty("@timestamp", out var bounds) && bounds.EnumerateObject().ToList() is [var bound]
        && bound is { Name: "gte", Value.ValueKind: JsonValueKind.String } && RelativeTime.TryBefore(bound.Value.GetString()!, out var age)
            ? age
            : null;

    private static string Text(JsonElement rule, string member) =>
        rule.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FormatException($"{member}: it is missing.");

    private static IReadOnlyList<string> Texts(JsonElement rule, string member) =>
        rule.TryGetProperty(member, out var values) && values.ValueKind == JsonValueKind.Array
            ? [.. values.EnumerateArray().Select(v => v.GetString()!)]
            : throw new FormatException($"{member}: it is missing.");
}

/// <summary>How many events of a group raise an alert, and how many values of a field they must have.</summary>
internal sealed record RuleThreshold(IReadOnlyList<string> Fields, int Value, string? CardinalityField, int Cardinality)
{
    public static RuleThreshold Parse(JsonElement threshold)
    {
        var fields = threshold.GetProperty("field");
        var cardinality = threshold.TryGetProperty("cardinality", out var list) ? list.EnumerateArray().ToList() : [];
        return new(
            fields.ValueKind == JsonValueKind.Array ? [.. fields.EnumerateArray().Select(f => f.GetString()!)] : [fields.GetString()!],
            threshold.GetProperty("value").GetInt32(),
            cardinality is [var only] ? only.GetProperty("field").GetString() : null,
            cardinality is [var one] ? one.GetProperty("value").GetInt32() : 0);
    }
}

/// <summary>Which alerts are one.</summary>
/// <param name="GroupBy">Fields with the same values; none for a threshold rule, which has its own.</param>
/// <param name="Duration">From the first of them on; null for those of one run.</param>
/// <param name="SuppressesMissing">Whether events without a field are a group, or each an alert.</param>
internal sealed record RuleSuppression(IReadOnlyList<string> GroupBy, TimeSpan? Duration, bool SuppressesMissing)
{
    public static RuleSuppression Parse(JsonElement suppression) => new(
        suppression.TryGetProperty("group_by", out var fields) ? [.. fields.EnumerateArray().Select(f => f.GetString()!)] : [],
        suppression.TryGetProperty("duration", out var duration)
            ? RelativeTime.Duration(
                duration.GetProperty("value").GetInt32().ToString(CultureInfo.InvariantCulture), duration.GetProperty("unit").GetString()!)
            : null,
        !suppression.TryGetProperty("missing_fields_strategy", out var strategy) || strategy.GetString() != "doNotSuppress");
}
