using System.Globalization;
using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>A panel as a visualization of OpenSearch Dashboards, which has no Lens.</summary>
internal sealed class BoardVisualization(Board board)
{
    private const string Index = "kibanaSavedObjectMeta.searchSourceJSON.index";

    public static string IdOf(string panel) => "activity-connector-" + panel;

    public SavedObject Of(BoardPanel panel) => panel.Kind == BoardKind.Heading
        ? Markdown(panel)
        : new(
            "visualization",
            IdOf(panel.Id),
            Attributes(panel, TypeOf(panel.Kind), Parameters(panel), Aggregations(panel), SavedObject.SearchSource(panel.Query, Index)),
            [new(Index, "index-pattern", board.DataView.Id)]);

    /// <summary>The lists of values at the head of the dashboard.</summary>
    public SavedObject Controls() => new(
        "visualization",
        IdOf("controls"),
        Attributes(
            new(Id: "controls", Title: "Narrow down", Kind: BoardKind.Heading),
            "input_control_vis",
            new()
            {
                ["controls"] = new JsonArray([
                    .. board.Controls.Index().Select(control => new JsonObject
                    {
                        ["id"] = Number(control.Index + 1),
                        ["indexPatternRefName"] = ReferenceOf(control.Index),
                        ["fieldName"] = control.Item.Field,
                        ["parent"] = "",
                        ["label"] = control.Item.Title,
                        ["type"] = "list",
                        ["options"] = new JsonObject
                        {
                            ["type"] = "terms",
                            ["multiselect"] = true,
                            ["dynamicOptions"] = control.Item.Field != "source.ip",
                            ["size"] = 100,
                            ["order"] = "desc",
                        },
                    }),
                ]),
                ["updateFiltersOnChange"] = true,
                ["useTimeFilter"] = true,
                ["pinFilters"] = false,
            },
            [],
            SavedObject.SearchSource("", index: null)),
        [.. board.Controls.Index().Select(control => new SavedObjectReference(ReferenceOf(control.Index), "index-pattern", board.DataView.Id))]);

    private static SavedObject Markdown(BoardPanel panel) => new(
        "visualization",
        IdOf(panel.Id),
        Attributes(
            panel with { Title = panel.Heading!.TrimStart('#', ' ') },
            "markdown",
            new() { ["fontSize"] = 12, ["openLinksInNewTab"] = false, ["markdown"] = panel.Heading },
            [],
            SavedObject.SearchSource("", index: null)),
        []);

    private static JsonObject Attributes(BoardPanel panel, string type, JsonObject parameters, JsonArray aggregations, JsonObject searchSource) => new()
    {
        ["title"] = $"Audit: {panel.Title}",
        ["description"] = "",
        ["version"] = 1,
        ["visState"] = SavedObject.Text(new JsonObject
        {
            ["title"] = $"Audit: {panel.Title}",
            ["type"] = type,
            ["aggs"] = aggregations,
            ["params"] = parameters,
        }),
        ["uiStateJSON"] = "{}",
        ["kibanaSavedObjectMeta"] = searchSource,
    };

    private static string TypeOf(BoardKind kind) => kind switch
    {
        BoardKind.OverTime => "histogram",
        BoardKind.Bars => "horizontal_bar",
        BoardKind.HeatMap => "heatmap",
        BoardKind.Pie => "pie",
        BoardKind.Table => "table",
        _ => "metric",
    };

    private static string ReferenceOf(int control) => string.Create(CultureInfo.InvariantCulture, $"control_{control}_index_pattern");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private JsonArray Aggregations(BoardPanel panel)
    {
        var all = new JsonArray();
        foreach (var metric in panel.Metrics) Add(TypeOf(metric.Measure), "metric", Parameters(panel, metric));

        if (panel.Kind == BoardKind.OverTime)
        {
            Add("date_histogram", "segment", new()
            {
                ["field"] = board.DataView.TimeField,
                ["interval"] = "auto",
                ["useNormalizedOpenSearchInterval"] = true,
                ["drop_partials"] = false,
                ["min_doc_count"] = 1,
                ["extended_bounds"] = new JsonObject(),
            });
        }

        foreach (var (index, dimension) in panel.Dimensions.Index()) Add("terms", SchemaOf(panel.Kind, index), Parameters(panel, dimension));

        return all;

        void Add(string type, string schema, JsonObject parameters) => all.Add(new JsonObject
        {
            ["id"] = Number(all.Count + 1),
            ["enabled"] = true,
            ["type"] = type,
            ["schema"] = schema,
            ["params"] = parameters,
        });
    }

    private static string TypeOf(BoardMeasure measure) => measure switch
    {
        BoardMeasure.Count => "count",
        BoardMeasure.Unique => "cardinality",
        BoardMeasure.Max => "max",
        _ => "percentiles",
    };

    private static string SchemaOf(BoardKind kind, int index) => (kind, index) switch
    {
        (BoardKind.Table, _) => "bucket",
        (BoardKind.OverTime, _) or (BoardKind.HeatMap, 1) => "group",
        _ => "segment",
    };

    private JsonObject Parameters(BoardPanel panel, BoardMetric metric)
    {
        var parameters = new JsonObject { ["customLabel"] = panel.Kind == BoardKind.Metric ? board.TitleOf(panel) : metric.Label(board) };
        if (metric.Field is { } field) parameters["field"] = field;

        if (metric.Measure == BoardMeasure.Percentile) parameters["percents"] = new JsonArray(metric.Percent);

        return parameters;
    }

    private static JsonObject Parameters(BoardPanel panel, BoardDimension dimension)
    {
        var ordered = panel.Metrics[0].Orders;
        var parameters = new JsonObject
        {
            ["field"] = dimension.Field,
            ["size"] = dimension.Size,
            ["orderBy"] = ordered ? "1" : "_key",
            ["order"] = ordered ? "desc" : "asc",
            ["otherBucket"] = panel.Kind is BoardKind.OverTime or BoardKind.Pie,
            ["otherBucketLabel"] = "Other",
            ["missingBucket"] = dimension.Missing,
            ["missingBucketLabel"] = BoardQuery.Missing,
            ["customLabel"] = dimension.Field,
        };
        if (dimension.Include is { } include) parameters["include"] = include;

        return parameters;
    }

    private static JsonObject Parameters(BoardPanel panel) => panel.Kind switch
    {
        BoardKind.Metric => new()
        {
            ["type"] = "metric",
            ["addTooltip"] = true,
            ["addLegend"] = false,
            ["metric"] = new JsonObject
            {
                ["percentageMode"] = false,
                ["useRanges"] = false,
                ["colorSchema"] = "Green to Red",
                ["metricColorMode"] = "None",
                ["colorsRange"] = new JsonArray(new JsonObject { ["from"] = 0, ["to"] = 10_000 }),
                ["labels"] = new JsonObject { ["show"] = true },
                ["invertColors"] = false,
                ["style"] = new JsonObject { ["bgFill"] = "#000", ["bgColor"] = false, ["labelColor"] = false, ["subText"] = "", ["fontSize"] = 36 },
            },
        },
        BoardKind.Table => new()
        {
            ["perPage"] = 10,
            ["showPartialRows"] = false,
            ["showMetricsAtAllLevels"] = false,
            ["showTotal"] = false,
            ["totalFunc"] = "sum",
            ["percentageCol"] = "",
            ["sort"] = new JsonObject { ["columnIndex"] = null, ["direction"] = null },
        },
        BoardKind.Pie => new()
        {
            ["type"] = "pie",
            ["addTooltip"] = true,
            ["addLegend"] = true,
            ["legendPosition"] = "right",
            ["isDonut"] = true,
            ["labels"] = new JsonObject { ["show"] = false, ["values"] = true, ["last_level"] = true, ["truncate"] = 100 },
        },
        BoardKind.HeatMap => new()
        {
            ["type"] = "heatmap",
            ["addTooltip"] = true,
            ["addLegend"] = true,
            ["legendPosition"] = "right",
            ["enableHover"] = false,
            ["times"] = new JsonArray(),
            ["colorsNumber"] = 5,
            ["colorSchema"] = "Blues",
            ["setColorRange"] = false,
            ["colorsRange"] = new JsonArray(),
            ["invertColors"] = false,
            ["percentageMode"] = false,
            ["valueAxes"] = new JsonArray(new JsonObject
            {
                ["id"] = "ValueAxis-1",
                ["type"] = "value",
                ["show"] = false,
                ["scale"] = new JsonObject { ["type"] = "linear", ["defaultYExtents"] = false },
                ["labels"] = new JsonObject { ["show"] = true, ["rotate"] = 0, ["overwriteColor"] = false, ["color"] = "black" },
            }),
        },
        _ => Axes(panel.Kind == BoardKind.OverTime),
    };

    private static JsonObject Axes(bool overTime) => new()
    {
        ["type"] = "histogram",
        ["addTooltip"] = true,
        ["addLegend"] = overTime,
        ["legendPosition"] = "right",
        ["addTimeMarker"] = false,
        ["times"] = new JsonArray(),
        ["grid"] = new JsonObject { ["categoryLines"] = false },
        ["labels"] = new JsonObject { ["show"] = !overTime },
        ["categoryAxes"] = new JsonArray(new JsonObject
        {
            ["id"] = "CategoryAxis-1",
            ["type"] = "category",
            ["position"] = overTime ? "bottom" : "left",
            ["show"] = true,
            ["style"] = new JsonObject(),
            ["scale"] = new JsonObject { ["type"] = "linear" },
            ["labels"] = new JsonObject { ["show"] = true, ["rotate"] = 0, ["filter"] = overTime, ["truncate"] = 200 },
            ["title"] = new JsonObject(),
        }),
        ["valueAxes"] = new JsonArray(new JsonObject
        {
            ["id"] = "ValueAxis-1",
            ["name"] = overTime ? "LeftAxis-1" : "BottomAxis-1",
            ["type"] = "value",
            ["position"] = overTime ? "left" : "bottom",
            ["show"] = true,
            ["style"] = new JsonObject(),
            ["scale"] = new JsonObject { ["type"] = "linear", ["mode"] = "normal" },
            ["labels"] = new JsonObject { ["show"] = true, ["rotate"] = 0, ["filter"] = true, ["truncate"] = 100 },
            ["title"] = new JsonObject { ["text"] = "" },
        }),
        ["seriesParams"] = new JsonArray(new JsonObject
        {
            ["show"] = true,
            ["type"] = "histogram",
            ["mode"] = overTime ? "stacked" : "normal",
            ["data"] = new JsonObject { ["id"] = "1", ["label"] = "Events" },
            ["valueAxis"] = "ValueAxis-1",
            ["drawLinesBetweenPoints"] = true,
            ["lineWidth"] = 2,
            ["showCircles"] = true,
        }),
    };
}
