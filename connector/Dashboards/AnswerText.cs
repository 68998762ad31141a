using System.Text.Json.Nodes;

namespace ActivityConnector.Dashboards;

/// <summary>Reads members of an answer that may be anything.</summary>
internal static class AnswerText
{
    public static string? Text(this JsonNode? node, string name) =>
        node is JsonObject members && members[name] is JsonValue value ? value.ToString() : null;

    /// <summary>The objects in an array; none where it is not there.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonNode? node, string name) =>
        node is JsonObject members && members[name] is JsonArray elements ? elements.OfType<JsonObject>() : [];
}
