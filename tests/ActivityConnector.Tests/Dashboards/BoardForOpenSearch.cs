using System.Globalization;
using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>The data view, the saved searches and the dashboard for OpenSearch Dashboards 2 and 3, each panel an object of its own.</summary>
internal sealed class BoardForOpenSearch(Board board)
{
    private const int ControlsHeight = 6;

    public string DataView() => Lines(new SavedObject(
        "index-pattern",
        board.DataView.Id,
        new()
        {
            ["title"] = board.DataView.Title,
            ["timeFieldName"] = board.DataView.TimeField,
            ["fieldFormatMap"] = SavedObject.Text(BoardFormats.Of(board)),

            // Without a field that has "readFromDocValues" the list of fields is read from the indices when it is first used; scripted fields are kept.
            ["fields"] = SavedObject.Text(new JsonArray([
                .. board.Delays.Select(delay => new JsonObject
                {
                    ["name"] = delay.Name,
                    ["customLabel"] = delay.Label + " (s)",
                    ["type"] = "number",
                    ["count"] = 0,
                    ["scripted"] = true,
                    ["script"] = delay.ValueScript,
                    ["lang"] = "painless",
                    ["searchable"] = true,
                    ["aggregatable"] = true,
                }),
            ])),
        },
        []));

    public string Searches() => Lines([.. BoardSearches.Of(board)]);

    public string Dashboard()
    {
        var visualization = new BoardVisualization(board);
        var places = new List<(SavedObjectReference Reference, JsonObject Panel)>();
        Place("controls", "visualization", BoardVisualization.IdOf("controls"), new(0, 0, BoardFile.Columns, ControlsHeight), title: null);
        foreach (var panel in board.Panels)
        {
            var place = panel.Place with { Y = panel.Place.Y + ControlsHeight };
            if (panel.Kind == BoardKind.Search)
            {
                Place(panel.Id, "search", BoardSearches.IdOf(panel.Search!), place, board.TitleOf(panel));
            }
            else
            {
                var title = panel.Kind is BoardKind.Heading or BoardKind.Metric ? "" : panel.Title;
                Place(panel.Id, "visualization", BoardVisualization.IdOf(panel.Id), place, title);
            }
        }

        return Lines([
            visualization.Controls(),
            .. board.Panels.Where(panel => panel.Kind != BoardKind.Search).Select(visualization.Of),
            new(
                "dashboard",
                board.Id,
                new()
                {
                    ["title"] = board.Title,
                    ["description"] = board.Description,
                    ["hits"] = 0,
                    ["version"] = 1,
                    ["timeRestore"] = true,
                    ["timeFrom"] = board.From,
                    ["timeTo"] = board.To,
                    ["refreshInterval"] = new JsonObject { ["pause"] = true, ["value"] = 60_000 },
                    ["optionsJSON"] = SavedObject.Text(new JsonObject { ["useMargins"] = true, ["hidePanelTitles"] = false }),
                    ["panelsJSON"] = SavedObject.Text(new JsonArray([.. places.Select(place => place.Panel)])),
                    ["kibanaSavedObjectMeta"] = SavedObject.SearchSource("", index: null),
                },
                [.. places.Select(place => place.Reference)]),
        ]);

        void Place(string id, string type, string to, BoardPlace place, string? title)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"panel_{places.Count}");
            var embedded = new JsonObject();
            if (title == "") embedded["hidePanelTitles"] = true;

            var panel = new JsonObject
            {
                ["version"] = "2.19.0",
                ["panelIndex"] = id,
                ["gridData"] = new JsonObject { ["x"] = place.X, ["y"] = place.Y, ["w"] = place.Width, ["h"] = place.Height, ["i"] = id },
                ["embeddableConfig"] = embedded,
                ["panelRefName"] = name,
            };
            if (!string.IsNullOrEmpty(title)) panel["title"] = title;

            places.Add((new(name, type, to), panel));
        }
    }

    private static string Lines(params IEnumerable<SavedObject> objects) => string.Concat(objects.Select(one => one.Line(new()
    {
        ["migrationVersion"] = new JsonObject
        {
            [one.Type] = one.Type switch
            {
                "index-pattern" => "7.6.0",
                "visualization" => "7.10.0",
                _ => "7.9.3",
            },
        },
    })));
}
