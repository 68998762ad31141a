using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ActivityConnector.Operations;

/// <summary>A stored checkpoint as it may be shown to strangers: numbers, times and the names of source and version; no cursor, no id.</summary>
internal static partial class CheckpointWithoutCursors
{
    private const string LeftOut = "(left out)";

    /// <summary>The texts that are shown.</summary>
    private static readonly string[] Shown = ["type", "account", "kind", "cause", "version"];

    public static JsonNode Of(ReadOnlySpan<byte> text)
    {
        try
        {
            return Of(JsonNode.Parse(text), "")!;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return $"damaged: {e.Message}";
        }
    }

    private static JsonNode? Of(JsonNode? node, string name) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Of(member.Value, member.Key)))),
        JsonArray items => new JsonArray([.. items.Select(item => Of(item, name))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String && !Shown.Contains(name) && !Time().IsMatch(value.GetValue<string>()) => LeftOut,
        _ => node?.DeepClone(),
    };

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
    private static partial Regex Time();
}
