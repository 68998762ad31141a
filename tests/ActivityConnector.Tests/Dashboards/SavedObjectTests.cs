using System.Text.Json.Nodes;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>What an import needs of the delivered files, read without the code that wrote them.</summary>
public sealed class SavedObjectTests
{
    public static TheoryData<string> Applications { get; } = ["kibana", "opensearch-dashboards"];

    [Theory]
    [MemberData(nameof(Applications))]
    public void Every_id_stands_once(string application)
    {
        var objects = Objects(application).Select(Key).ToList();

        Assert.Contains("index-pattern activity-connector-audit", objects);
        Assert.Contains("dashboard activity-connector-dashboard", objects);
        Assert.Contains("search activity-connector-search-person", objects);
        Assert.Equal(objects.Distinct(), objects);
    }

    [Theory]
    [MemberData(nameof(Applications))]
    public void Every_reference_leads_to_an_object_of_an_earlier_line(string application)
    {
        var known = new HashSet<string>();
        foreach (var one in Objects(application))
        {
            Assert.All(one["references"]!.AsArray(), reference => Assert.Contains(Key(reference!), known));
            known.Add(Key(one));
        }
    }

    [Theory]
    [MemberData(nameof(Applications))]
    public void Every_name_of_a_reference_is_used_and_every_used_name_is_a_reference(string application) => Assert.All(Objects(application), one =>
        Assert.Equal(one["references"]!.AsArray().Select(reference => Text(reference!["name"])).Order(), UsedNames(one).Order()));

    [Theory]
    [MemberData(nameof(Applications))]
    public void No_panel_lies_over_another_or_outside_of_the_grid(string application)
    {
        var places = Panels(application).Select(panel => panel["gridData"]!).ToList();

        Assert.True(places.Count > 30);
        Assert.All(places, place => Assert.True(Number(place["x"]) >= 0 && Number(place["x"]) + Number(place["w"]) <= 48, place.ToJsonString()));
        var cells = places.SelectMany(place =>
            from x in Enumerable.Range(Number(place["x"]), Number(place["w"]))
            from y in Enumerable.Range(Number(place["y"]), Number(place["h"]))
            select (x, y)).ToList();
        Assert.Equal(cells.Count, cells.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Applications))]
    public void A_row_of_panels_is_as_wide_as_the_grid_and_of_one_height(string application) =>
        Assert.All(Panels(application).Select(panel => panel["gridData"]!).GroupBy(place => Number(place["y"])), row =>
        {
            Assert.Equal(48, row.Sum(place => Number(place["w"])));
            Assert.Single(row.Select(place => Number(place["h"])).Distinct());
        });

    [Theory]
    [MemberData(nameof(Applications))]
    public void Every_attribute_that_holds_JSON_can_be_parsed(string application)
    {
        var texts = Objects(application).SelectMany(TextsOfJson).ToList();

        Assert.NotEmpty(texts);
        Assert.All(texts, text => Assert.NotNull(JsonNode.Parse(text)));
    }

    [Fact]
    public void Both_applications_show_the_same_panels_with_the_same_queries()
    {
        var kibana = Panels("kibana").Where(panel => Text(panel["type"]) == "lens").ToDictionary(
            panel => Text(panel["panelIndex"]), panel => Text(panel["embeddableConfig"]!["attributes"]!["state"]!["query"]!["query"]));
        var openSearch = Objects("opensearch-dashboards").Where(one => Text(one["type"]) == "visualization").ToDictionary(
            one => Text(one["id"])["activity-connector-".Length..],
            one => Text(JsonNode.Parse(Text(one["attributes"]!["kibanaSavedObjectMeta"]!["searchSourceJSON"]))!["query"]!["query"]));

        var described = SavedObjectFiles.Board.Panels.Where(panel => panel.Kind is not (BoardKind.Heading or BoardKind.Search)).ToList();
        Assert.Equal(described.Select(panel => (panel.Id, panel.Query)).Order(), kibana.Select(panel => (panel.Key, panel.Value)).Order());
        Assert.All(described, panel => Assert.Equal((panel.Id, panel.Query), (panel.Id, openSearch[panel.Id])));
        Assert.Equal(
            Objects("kibana").Where(one => Text(one["type"]) == "search").Select(one => one["attributes"]!.ToJsonString()),
            Objects("opensearch-dashboards").Where(one => Text(one["type"]) == "search").Select(one => one["attributes"]!.ToJsonString()));
    }

    internal static IReadOnlyList<JsonObject> Objects(string application) =>
    [
        .. (application == "kibana" ? SavedObjectFiles.Kibana : SavedObjectFiles.OpenSearch)
            .SelectMany(file => File.ReadAllLines(Path.Combine(DeliveredFiles.Root, file))).Select(line => JsonNode.Parse(line)!.AsObject()),
    ];

    internal static IReadOnlyList<JsonNode> Panels(string application) =>
    [
        .. JsonNode.Parse(Text(Objects(application).Single(one => Text(one["type"]) == "dashboard")["attributes"]!["panelsJSON"]))!.AsArray()
            .Select(panel => panel!),
    ];

    internal static string Text(JsonNode? node) => node!.GetValue<string>();

    private static int Number(JsonNode? node) => node!.GetValue<int>();

    private static string Key(JsonNode one) => $"{Text(one["type"])} {Text(one["id"])}";

    private static IEnumerable<string> TextsOfJson(JsonObject one) => SavedObjectWalk.Values(one)
        .Where(value => value.Name.EndsWith("JSON", StringComparison.Ordinal)
            || value.Name is "visState" or "fieldFormatMap" or "runtimeFieldMap" or "fieldAttrs" or "fields")
        .Select(value => value.Value);

    private static IEnumerable<string> UsedNames(JsonObject one)
    {
        var panels = Text(one["type"]) == "dashboard" ? JsonNode.Parse(Text(one["attributes"]!["panelsJSON"]))!.AsArray() : [];
        foreach (var panel in panels)
        {
            var prefix = panel!["type"] is null ? "" : Text(panel["panelIndex"]) + ":";
            if (panel["panelRefName"] is { } name) yield return prefix + Text(name);

            var inner = panel["embeddableConfig"]?["attributes"]?["state"]?["datasourceStates"]?["formBased"]?["layers"]?.AsObject();
            foreach (var (layer, _) in inner ?? []) yield return $"{prefix}indexpattern-datasource-layer-{layer}";
        }

        if (one["attributes"]!["controlGroupInput"]?["panelsJSON"] is { } controls)
        {
            foreach (var (id, _) in JsonNode.Parse(Text(controls))!.AsObject()) yield return $"controlGroup_{id}:optionsListDataView";
        }

        foreach (var name in SavedObjectWalk.Deep(one).Where(value => value.Name is "indexRefName" or "indexPatternRefName")) yield return name.Value;
    }
}
