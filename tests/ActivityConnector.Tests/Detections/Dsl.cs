using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Detections;

/// <summary>Clauses of a search's query.</summary>
internal static class Dsl
{
    public static JsonObject AllOf(IEnumerable<JsonNode> clauses) => Bool("filter", clauses);

    public static JsonObject AnyOf(IEnumerable<JsonNode> clauses)
    {
        var any = Bool("should", clauses);
        any["bool"]!["minimum_should_match"] = 1;
        return any;
    }

    public static JsonObject Not(JsonNode clause) => Bool("must_not", [clause]);

    public static JsonObject Exists(string field) => new() { ["exists"] = new JsonObject { ["field"] = field } };

    public static JsonObject Clause(string kind, string field, JsonNode? value) => new() { [kind] = new JsonObject { [field] = value } };

    public static JsonObject Range(string field, string bound, JsonNode? value) => Clause("range", field, new JsonObject { [bound] = value });

    /// <summary>The earliest first.</summary>
    public static JsonObject Sort(string timeField) => new() { [timeField] = new JsonObject { ["order"] = "asc", ["unmapped_type"] = "date" } };

    public static JsonObject All() => new() { ["match_all"] = new JsonObject() };

    private static JsonObject Bool(string occurrence, IEnumerable<JsonNode> clauses) =>
        new() { ["bool"] = new JsonObject { [occurrence] = new JsonArray([.. clauses]) } };
}
