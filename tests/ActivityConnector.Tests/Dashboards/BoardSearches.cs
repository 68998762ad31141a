using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>The saved searches, which have the same form in Kibana and in OpenSearch Dashboards.</summary>
internal static class BoardSearches
{
    private const string Index = "kibanaSavedObjectMeta.searchSourceJSON.index";

    public static string IdOf(string search) => "activity-connector-search-" + search;

    public static IEnumerable<SavedObject> Of(Board board) => board.Searches.Select(search => new SavedObject(
        "search",
        IdOf(search.Id),
        new()
        {
            ["title"] = $"Audit: {search.Title}",
            ["description"] = search.Description,
            ["columns"] = new JsonArray([.. search.Columns.Select(column => JsonValue.Create(column))]),
            ["sort"] = new JsonArray([.. search.Order.Select(order => new JsonArray(order.Field, order.Direction))]),
            ["kibanaSavedObjectMeta"] = SavedObject.SearchSource(search.Query, Index),
        },
        [new(Index, "index-pattern", board.DataView.Id)]));
}
