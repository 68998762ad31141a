using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>The search that a panel or a saved search comes to, as Kibana and OpenSearch Dashboards would send it.</summary>
/// <param name="RuntimeFields">Whether the server computes delays as fields, as Elasticsearch does, or inside aggregations.</param>
/// <param name="From">The beginning of the period; null for all times.</param>
/// <param name="To">Its end, not included.</param>
/// <param name="Interval">The width of a bar over time.</param>
internal sealed record BoardQuery(Board Board, bool RuntimeFields, DateTimeOffset? From = null, DateTimeOffset? To = null, string Interval = "1h")
{
    /// <summary>The aggregation of everything over time, of which the groups are a part.</summary>
    public const string Whole = "whole";

    /// <summary>What stands for the value of an event without the field.</summary>
    public const string Missing = "(unknown)";

    public JsonObject Of(BoardPanel panel)
    {
        var request = panel.Kind == BoardKind.Search ? Of(Board.SearchOf(panel)) : Request(panel.Query, 0);
        if (panel.Kind == BoardKind.Search) return request;

        request["aggs"] = Aggregations(panel);
        if (RuntimeFields)
        {
            request["runtime_mappings"] = new JsonObject(Board.Delays.Select(delay => KeyValuePair.Create<string, JsonNode?>(delay.Name, new JsonObject
            {
                ["type"] = "double",
                ["script"] = new JsonObject { ["source"] = delay.RuntimeScript },
            })));
        }

        return request;
    }

    public JsonObject Of(BoardSearch search)
    {
        var request = Request(search.Query, 100);
        request["_source"] = false;
        request["fields"] = new JsonArray([.. search.Columns.Prepend(Board.DataView.TimeField).Select(field => JsonValue.Create(field))]);
        request["sort"] = new JsonArray([
            .. search.Order.Select(order => new JsonObject { [order.Field] = new JsonObject { ["order"] = order.Direction, ["unmapped_type"] = "boolean" } }),
        ]);
        return request;
    }

    private JsonObject Request(string query, int size)
    {
        var filters = new JsonArray();
        if (query.Length > 0) filters.Add(new JsonObject { ["query_string"] = new JsonObject { ["query"] = query, ["analyze_wildcard"] = true } });

        if (From is not null && To is not null)
        {
            var period = new JsonObject { ["gte"] = $"{From:O}", ["lt"] = $"{To:O}" };
            filters.Add(new JsonObject { ["range"] = new JsonObject { [Board.DataView.TimeField] = period } });
        }

        return new()
        {
            ["size"] = size,
            ["track_total_hits"] = true,
            ["query"] = new JsonObject { ["bool"] = new JsonObject { ["filter"] = filters } },
        };
    }

    private JsonObject Aggregations(BoardPanel panel)
    {
        var inner = Metrics(panel);
        var depth = panel.Dimensions.Count;
        if (panel.Kind == BoardKind.OverTime) inner = new() { [$"by{depth}"] = OverTime() };

        foreach (var dimension in panel.Dimensions.Reverse())
        {
            depth--;
            var terms = new JsonObject { ["field"] = dimension.Field, ["size"] = dimension.Size };
            if (dimension.Missing) terms["missing"] = Missing;
            if (dimension.Include is { } include) terms["include"] = include;
            terms["order"] = panel.Metrics[0] switch
            {
                { Measure: BoardMeasure.Count } => new JsonObject { ["_count"] = "desc" },
                { Orders: true } when panel.Kind != BoardKind.OverTime => new JsonObject { ["m0"] = "desc" },
                _ => new JsonObject { ["_key"] = "asc" },
            };
            var group = new JsonObject { ["terms"] = terms };
            var metrics = Metrics(panel);
            foreach (var (name, aggregation) in inner.Where(aggregation => aggregation.Key.StartsWith("by", StringComparison.Ordinal)))
            {
                metrics[name] = aggregation!.DeepClone();
            }

            if (metrics.Count > 0) group["aggs"] = metrics;

            inner = new() { [$"by{depth}"] = group };
        }

        if (panel.Kind == BoardKind.OverTime) inner[Whole] = OverTime();

        return inner;
    }

    private JsonObject OverTime() => new()
    {
        ["date_histogram"] = new JsonObject { ["field"] = Board.DataView.TimeField, ["fixed_interval"] = Interval, ["min_doc_count"] = 1 },
    };

    private JsonObject Metrics(BoardPanel panel)
    {
        var metrics = new JsonObject();
        foreach (var (index, metric) in panel.Metrics.Index())
        {
            if (metric.Measure != BoardMeasure.Count) metrics[$"m{index}"] = Metric(metric);
        }

        return metrics;
    }

    private JsonObject Metric(BoardMetric metric)
    {
        var of = new JsonObject { ["field"] = metric.Field };
        if (!RuntimeFields && Board.Delays.FirstOrDefault(delay => delay.Name == metric.Field) is { } delay)
        {
            of = new() { ["script"] = new JsonObject { ["lang"] = "painless", ["source"] = delay.ValueScript } };
        }

        switch (metric.Measure)
        {
            case BoardMeasure.Unique:
                return new() { ["cardinality"] = of };
            case BoardMeasure.Max:
                return new() { ["max"] = of };
            default:
                of["percents"] = new JsonArray(metric.Percent);
                return new() { ["percentiles"] = of };
        }
    }
}
