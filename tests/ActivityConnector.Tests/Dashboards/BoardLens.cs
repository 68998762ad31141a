using System.Globalization;
using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>A panel as a Lens visualization of Kibana, in the form that 8.9 wrote and every later version migrates.</summary>
internal sealed class BoardLens(Board board, IReadOnlyDictionary<string, BoardField> fields)
{
    private const string DateColumn = "time";

    public JsonObject Of(BoardPanel panel)
    {
        var layer = LayerOf(panel);
        var columns = Columns(panel);
        return new()
        {
            ["title"] = board.TitleOf(panel),
            ["description"] = "",
            ["type"] = "lens",
            ["visualizationType"] = panel.Kind switch
            {
                BoardKind.Metric => "lnsMetric",
                BoardKind.Pie => "lnsPie",
                BoardKind.Table => "lnsDatatable",
                BoardKind.HeatMap => "lnsHeatmap",
                _ => "lnsXY",
            },
            ["references"] = new JsonArray(new JsonObject { ["type"] = "index-pattern", ["id"] = board.DataView.Id, ["name"] = ReferenceOf(panel) }),
            ["state"] = new JsonObject
            {
                ["adHocDataViews"] = new JsonObject(),
                ["datasourceStates"] = new JsonObject
                {
                    ["formBased"] = new JsonObject
                    {
                        ["layers"] = new JsonObject
                        {
                            [layer] = new JsonObject
                            {
                                ["columnOrder"] = new JsonArray([.. columns.Select(column => JsonValue.Create(column.Id))]),
                                ["columns"] = new JsonObject(columns.Select(column => KeyValuePair.Create<string, JsonNode?>(column.Id, column.Column))),
                                ["incompleteColumns"] = new JsonObject(),
                            },
                        },
                    },
                },
                ["filters"] = new JsonArray(),
                ["internalReferences"] = new JsonArray(),
                ["query"] = SavedObject.Lucene(panel.Query),
                ["visualization"] = Visualization(panel, layer),
            },
        };
    }

    public static string ReferenceOf(BoardPanel panel) => "indexpattern-datasource-layer-" + LayerOf(panel);

    private static string LayerOf(BoardPanel panel) => panel.Id + "-layer";

    private static string By(int index) => string.Create(CultureInfo.InvariantCulture, $"by-{index}");

    private static string Show(int index) => string.Create(CultureInfo.InvariantCulture, $"show-{index}");

    private List<(string Id, JsonObject Column)> Columns(BoardPanel panel)
    {
        List<(string, JsonObject)> columns = [.. panel.Dimensions.Index().Select(dimension => (By(dimension.Index), Terms(panel, dimension.Item)))];
        if (panel.Kind == BoardKind.OverTime) columns.Add((DateColumn, OverTime()));

        columns.AddRange(panel.Metrics.Index().Select(metric => (Show(metric.Index), Metric(panel, metric.Item))));
        return columns;
    }

    private JsonObject Terms(BoardPanel panel, BoardDimension dimension)
    {
        var ordered = panel.Metrics[0].Orders;
        return new()
        {
            ["label"] = dimension.Field,
            ["customLabel"] = true,
            ["dataType"] = TypeOf(dimension.Field),
            ["operationType"] = "terms",
            ["sourceField"] = dimension.Field,
            ["isBucketed"] = true,
            ["scale"] = "ordinal",
            ["params"] = new JsonObject
            {
                ["size"] = dimension.Size,
                ["orderBy"] = ordered
                    ? new JsonObject { ["type"] = "column", ["columnId"] = Show(0) }
                    : new JsonObject { ["type"] = "alphabetical", ["fallback"] = false },
                ["orderDirection"] = ordered ? "desc" : "asc",
                ["otherBucket"] = panel.Kind is BoardKind.OverTime or BoardKind.Pie,
                ["missingBucket"] = dimension.Missing,
                ["parentFormat"] = new JsonObject { ["id"] = "terms" },
                ["include"] = dimension.Include is null ? [] : new JsonArray(dimension.Include),
                ["includeIsRegex"] = dimension.Include is not null,
                ["exclude"] = new JsonArray(),
                ["excludeIsRegex"] = false,
            },
        };
    }

    private JsonObject OverTime() => new()
    {
        ["label"] = board.DataView.TimeField,
        ["customLabel"] = true,
        ["dataType"] = "date",
        ["operationType"] = "date_histogram",
        ["sourceField"] = board.DataView.TimeField,
        ["isBucketed"] = true,
        ["scale"] = "interval",
        ["params"] = new JsonObject { ["interval"] = "auto", ["includeEmptyRows"] = true, ["dropPartials"] = false },
    };

    private JsonObject Metric(BoardPanel panel, BoardMetric metric)
    {
        var column = new JsonObject
        {
            ["label"] = panel.Kind == BoardKind.Metric ? board.TitleOf(panel) : metric.Label(board),
            ["customLabel"] = true,
            ["dataType"] = metric is { Measure: BoardMeasure.Max, Field: { } field } ? TypeOf(field) : "number",
            ["operationType"] = metric.Measure switch
            {
                BoardMeasure.Count => "count",
                BoardMeasure.Unique => "unique_count",
                BoardMeasure.Max => "max",
                _ => "percentile",
            },
            ["sourceField"] = metric.Field ?? "___records___",
            ["isBucketed"] = false,
            ["scale"] = "ratio",
        };
        column["params"] = metric.Measure == BoardMeasure.Percentile
            ? new JsonObject { ["percentile"] = metric.Percent, ["format"] = Number(1) }
            : new JsonObject { ["emptyAsNull"] = false };
        return column;
    }

    private static JsonObject Number(int decimals) => new() { ["id"] = "number", ["params"] = new JsonObject { ["decimals"] = decimals } };

    private string TypeOf(string field) => fields[field].Type switch
    {
        "date" => "date",
        "ip" => "ip",
        "long" or "double" => "number",
        _ => "string",
    };

    private static JsonObject Column(string id, bool isMetric) => new() { ["columnId"] = id, ["isTransposed"] = false, ["isMetric"] = isMetric };

    private static JsonObject Visualization(BoardPanel panel, string layer)
    {
        switch (panel.Kind)
        {
            case BoardKind.Metric:
                var metric = new JsonObject { ["layerId"] = layer, ["layerType"] = "data", ["metricAccessor"] = Show(0) };
                if (panel.Color is { } color) metric["color"] = color;

                return metric;
            case BoardKind.Pie:
                return new()
                {
                    ["shape"] = "donut",
                    ["layers"] = new JsonArray(new JsonObject
                    {
                        ["layerId"] = layer,
                        ["layerType"] = "data",
                        ["primaryGroups"] = new JsonArray(By(0)),
                        ["metrics"] = new JsonArray(Show(0)),
                        ["numberDisplay"] = "percent",
                        ["categoryDisplay"] = "hide",
                        ["legendDisplay"] = "show",
                        ["legendPosition"] = "right",
                        ["nestedLegend"] = false,
                    }),
                };
            case BoardKind.Table:
                return new()
                {
                    ["layerId"] = layer,
                    ["layerType"] = "data",
                    ["columns"] = new JsonArray([
                        .. panel.Dimensions.Index().Select(by => Column(By(by.Index), isMetric: false)),
                        .. panel.Metrics.Index().Select(show => Column(Show(show.Index), isMetric: true)),
                    ]),
                    ["paging"] = new JsonObject { ["size"] = 20, ["enabled"] = true },
                    ["rowHeight"] = "single",
                };
            case BoardKind.HeatMap:
                return new()
                {
                    ["shape"] = "heatmap",
                    ["layerId"] = layer,
                    ["layerType"] = "data",
                    ["xAccessor"] = By(0),
                    ["yAccessor"] = By(1),
                    ["valueAccessor"] = Show(0),
                    ["legend"] = new JsonObject { ["isVisible"] = false, ["position"] = "right", ["type"] = "heatmap_legend" },
                    ["gridConfig"] = new JsonObject
                    {
                        ["type"] = "heatmap_grid",
                        ["isCellLabelVisible"] = true,
                        ["isXAxisLabelVisible"] = true,
                        ["isXAxisTitleVisible"] = false,
                        ["isYAxisLabelVisible"] = true,
                        ["isYAxisTitleVisible"] = false,
                    },
                };
            default:
                var overTime = panel.Kind == BoardKind.OverTime;
                var series = overTime ? "bar_stacked" : "bar_horizontal";
                var bars = new JsonObject
                {
                    ["layerId"] = layer,
                    ["layerType"] = "data",
                    ["seriesType"] = series,
                    ["xAccessor"] = overTime ? DateColumn : By(0),
                    ["accessors"] = new JsonArray(Show(0)),
                };
                if (overTime) bars["splitAccessor"] = By(0);

                return new()
                {
                    ["preferredSeriesType"] = series,
                    ["legend"] = new JsonObject { ["isVisible"] = overTime, ["position"] = "right", ["showSingleSeries"] = overTime },
                    ["valueLabels"] = overTime ? "hide" : "show",
                    ["fittingFunction"] = "None",
                    ["axisTitlesVisibilitySettings"] = new JsonObject { ["x"] = false, ["yLeft"] = false, ["yRight"] = false },
                    ["layers"] = new JsonArray(bars),
                };
        }
    }
}
