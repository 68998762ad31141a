using System.Text.Json.Nodes;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Looks into an answer of <see cref="ServerResponse.Node"/>: what is not of the form that a server promises is absent, and never an exception.
/// </summary>
internal static class AnswerNode
{
    /// <summary>The value at the end of a path of names; null where a member is absent or stands in something that is no object.</summary>
    public static JsonNode? At(this JsonNode? node, params IEnumerable<string> path) =>
        path.Aggregate(node, (inner, name) => (inner as JsonObject)?[name]);

    /// <summary>The text of a string; null for anything else.</summary>
    public static string? Text(this JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
