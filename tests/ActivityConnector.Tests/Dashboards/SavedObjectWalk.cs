using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>Every text of a saved object with the name of its member.</summary>
internal static class SavedObjectWalk
{
    /// <summary>As it stands: JSON inside a text is a text.</summary>
    public static IEnumerable<(string Name, string Value)> Values(JsonNode? node, string name = "") => node switch
    {
        JsonObject map => map.SelectMany(member => Values(member.Value, member.Key)),
        JsonArray list => list.SelectMany(item => Values(item, name)),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [(name, value.GetValue<string>())],
        _ => [],
    };

    /// <summary>With the members of JSON inside texts.</summary>
    public static IEnumerable<(string Name, string Value)> Deep(JsonNode? node) => Values(node).SelectMany(value =>
        value.Value is ['{' or '[', .., '}' or ']'] && value.Name is not "markdown" ? Deep(JsonNode.Parse(value.Value)) : [value]);
}
