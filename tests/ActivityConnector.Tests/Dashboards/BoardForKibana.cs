using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>The data view, the saved searches and the dashboard for Kibana 8.15 and later, with the panels inside the dashboard.</summary>
internal sealed class BoardForKibana(Board board, IReadOnlyDictionary<string, BoardField> fields)
{
    public string DataView() => Lines("8.0.0", new SavedObject(
        "index-pattern",
        board.DataView.Id,
        new()
        {
            ["title"] = board.DataView.Title,
            ["name"] = board.DataView.Name,
            ["timeFieldName"] = board.DataView.TimeField,
            ["fieldFormatMap"] = SavedObject.Text(BoardFormats.Of(board)),
            ["fieldAttrs"] = SavedObject.Text(new JsonObject(board.Delays.Select(
                delay => KeyValuePair.Create<string, JsonNode?>(delay.Name, new JsonObject { ["customLabel"] = delay.Label + " (s)" })))),
            ["runtimeFieldMap"] = SavedObject.Text(new JsonObject(board.Delays.Select(
                delay => KeyValuePair.Create<string, JsonNode?>(
                    delay.Name, new JsonObject { ["type"] = "double", ["script"] = new JsonObject { ["source"] = delay.RuntimeScript } })))),
        },
        []));

    public string Searches() => Lines("8.0.0", [.. BoardSearches.Of(board)]);

    public string Dashboard() => Lines("8.9.0", new SavedObject(
        "dashboard",
        board.Id,
        new()
        {
            ["title"] = board.Title,
            ["description"] = board.Description,
            ["timeRestore"] = true,
            ["timeFrom"] = board.From,
            ["timeTo"] = board.To,
            ["refreshInterval"] = new JsonObject { ["pause"] = true, ["value"] = 60_000 },
            ["optionsJSON"] = SavedObject.Text(new JsonObject
            {
                ["useMargins"] = true,
                ["syncColors"] = true,
                ["syncCursor"] = true,
                ["syncTooltips"] = false,
                ["hidePanelTitles"] = false,
            }),
            ["panelsJSON"] = SavedObject.Text(new JsonArray([.. board.Panels.Select(Panel)])),
            ["controlGroupInput"] = Controls(),
            ["kibanaSavedObjectMeta"] = SavedObject.SearchSource("", index: null),
        },
        [
            .. board.Panels.Where(panel => panel.Kind != BoardKind.Heading).Select(panel => panel.Kind == BoardKind.Search
                ? new SavedObjectReference($"{panel.Id}:panel_{panel.Id}", "search", BoardSearches.IdOf(panel.Search!))
                : new SavedObjectReference($"{panel.Id}:{BoardLens.ReferenceOf(panel)}", "index-pattern", board.DataView.Id)),
            .. board.Controls.Select(control => new SavedObjectReference(
                $"controlGroup_{IdOf(control)}:optionsListDataView", "index-pattern", board.DataView.Id)),
        ]));

    private static string Lines(string version, params IEnumerable<SavedObject> objects) => string.Concat(objects.Select(one => one.Line(new()
    {
        ["managed"] = false,
        ["coreMigrationVersion"] = "8.8.0",
        ["typeMigrationVersion"] = version,
    })));

    private JsonObject Panel(BoardPanel panel)
    {
        var json = new JsonObject
        {
            ["type"] = panel.Kind switch
            {
                BoardKind.Heading => "visualization",
                BoardKind.Search => "search",
                _ => "lens",
            },
            ["panelIndex"] = panel.Id,
            ["gridData"] = new JsonObject
            {
                ["x"] = panel.Place.X,
                ["y"] = panel.Place.Y,
                ["w"] = panel.Place.Width,
                ["h"] = panel.Place.Height,
                ["i"] = panel.Id,
            },
        };
        switch (panel.Kind)
        {
            case BoardKind.Heading:
                json["embeddableConfig"] = new JsonObject { ["hidePanelTitles"] = true, ["enhancements"] = new JsonObject(), ["savedVis"] = Heading(panel) };
                break;
            case BoardKind.Search:
                json["title"] = board.TitleOf(panel);
                json["panelRefName"] = $"panel_{panel.Id}";
                json["embeddableConfig"] = new JsonObject { ["enhancements"] = new JsonObject() };
                break;
            default:
                json["title"] = board.TitleOf(panel);
                json["embeddableConfig"] = new JsonObject
                {
                    ["enhancements"] = new JsonObject(),
                    ["hidePanelTitles"] = panel.Kind == BoardKind.Metric,
                    ["attributes"] = new BoardLens(board, fields).Of(panel),
                };
                break;
        }

        return json;
    }

    private static JsonObject Heading(BoardPanel panel) => new()
    {
        ["title"] = "",
        ["description"] = "",
        ["type"] = "markdown",
        ["params"] = new JsonObject { ["fontSize"] = 12, ["openLinksInNewTab"] = false, ["markdown"] = panel.Heading },
        ["uiState"] = new JsonObject(),
        ["data"] = new JsonObject { ["aggs"] = new JsonArray(), ["searchSource"] = new JsonObject() },
    };

    private JsonObject Controls() => new()
    {
        ["chainingSystem"] = "HIERARCHICAL",
        ["controlStyle"] = "oneLine",
        ["showApplySelections"] = false,
        ["ignoreParentSettingsJSON"] = SavedObject.Text(new JsonObject
        {
            ["ignoreFilters"] = false,
            ["ignoreQuery"] = false,
            ["ignoreTimerange"] = false,
            ["ignoreValidations"] = false,
        }),
        ["panelsJSON"] = SavedObject.Text(new JsonObject(board.Controls.Index().Select(control => KeyValuePair.Create<string, JsonNode?>(
            IdOf(control.Item),
            new JsonObject
            {
                ["type"] = "optionsListControl",
                ["order"] = control.Index,
                ["width"] = "medium",
                ["grow"] = true,
                ["explicitInput"] = new JsonObject
                {
                    ["id"] = IdOf(control.Item),
                    ["fieldName"] = control.Item.Field,
                    ["title"] = control.Item.Title,
                    ["selectedOptions"] = new JsonArray(),
                    ["enhancements"] = new JsonObject(),
                },
            })))),
    };

    private static string IdOf(BoardControl control) => "control-" + control.Field.Replace('.', '-');
}
