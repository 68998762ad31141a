using System.Text.Json.Nodes;

namespace ActivityConnector.Dashboards;

/// <summary>One object as this release delivers it, with the names of the configured indices.</summary>
/// <param name="Type">The type of the saved object; <see cref="RuleType"/> for a detection rule.</param>
/// <param name="Id">The id, the same in every release.</param>
/// <param name="Line">The object as it is imported.</param>
internal sealed record DeliveredObject(string Type, string Id, JsonObject Line)
{
    public const string RuleType = "rule";

    /// <summary>The name of the object in the list of released contents.</summary>
    public string Key => $"{Type}/{Id}";

    public bool IsRule => Type == RuleType;

    public string Kind => Type switch
    {
        RuleType => "detection rule",
        "index-pattern" => "data view",
        "search" => "saved search",
        _ => Type,
    };

    /// <summary>What a person knows it by.</summary>
    public string Name => Text(Line, "name") ?? Text(Line["attributes"], "name") ?? Text(Line["attributes"], "title") ?? Id;

    /// <summary>The fields that are compared.</summary>
    public JsonObject Content => IsRule ? ObjectContent.OfRule(Line) : ObjectContent.OfSavedObject(Line);

    private static string? Text(JsonNode? node, string name) => node?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
