using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Commands;

/// <summary>The flat form of an event that a person wrote, who may have written it nested: objects become dotted names. A flat one stays as it is.</summary>
internal static class FlatForm
{
    /// <exception cref="JsonException">A name occurs twice once it is flat.</exception>
    public static JsonElement Of(JsonElement e)
    {
        if (e.EnumerateObject().All(member => member.Value.ValueKind != JsonValueKind.Object)) return e.Clone();

        var flat = new JsonObject();
        foreach (var (name, value) in Members(e, ""))
        {
            if (!flat.TryAdd(name, JsonNode.Parse(value.GetRawText()))) throw new JsonException($"{name} twice");
        }

        return JsonSerializer.SerializeToElement(flat);
    }

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement e, string path) => e.EnumerateObject().SelectMany(member =>
        member.Value.ValueKind == JsonValueKind.Object
            ? Members(member.Value, $"{path}{member.Name}.")
            : [(path + member.Name, member.Value)]);
}
