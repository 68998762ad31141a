using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Dashboards;

/// <summary>
/// What of an object is content, and when two contents are the same: not by the order of members or of references, not by what is empty or not there,
/// and not by what a server adds. Pure.
/// </summary>
internal static class ObjectContent
{
    private const string References = "references";

    /// <summary>Members of a rule that are its user's to set, or the server's.</summary>
    public static IReadOnlySet<string> NotContentOfRule { get; } = new HashSet<string>
    {
        "id", "rule_id", "version", "revision", "immutable", "rule_source", "enabled", "actions", "response_actions", "throttle", "exceptions_list",
        "outcome", "output_index", "meta", "created_at", "created_by", "updated_at", "updated_by", "execution_summary",
    };

    public static JsonObject OfRule(JsonObject rule) =>
        new(rule.Where(member => !NotContentOfRule.Contains(member.Key)).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

    /// <summary>The attributes, and the references as one more member. Tags are the user's.</summary>
    public static JsonObject OfSavedObject(JsonObject saved)
    {
        var content = saved["attributes"] is JsonObject attributes ? attributes.DeepClone().AsObject() : [];
        var references = (saved[References] as JsonArray ?? []).OfType<JsonObject>().Where(reference => !IsTag(reference));
        content[References] = new JsonArray([.. references.OrderBy(r => r.ToJsonString(), StringComparer.Ordinal).Select(r => r.DeepClone())]);
        return content;
    }

    public static bool IsTag(JsonNode? reference) => reference is JsonObject members && members["type"]?.ToString() == "tag";

    /// <summary>The members of <paramref name="delivered"/> that <paramref name="existing"/> has otherwise.</summary>
    public static IReadOnlyList<string> Differences(JsonObject existing, JsonObject delivered) =>
        [.. delivered.Where(member => !Holds(Normal(existing[member.Key]), Normal(member.Value))).Select(member => member.Key)];

    /// <summary>The SHA-256, in hex, of these members of a content.</summary>
    /// <param name="fields">The members that a release delivered.</param>
    /// <param name="names">Takes the configured prefix out.</param>
    public static string Hash(JsonObject content, IEnumerable<string> fields, IndexNames names)
    {
        var projected = new JsonObject(fields.Select(field => KeyValuePair.Create(field, content[field]?.DeepClone())));
        var text = names.Delivered(Normal(projected)?.ToJsonString() ?? "");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Both normal. What only the existing one has, inside an object, is the server's.</summary>
    private static bool Holds(JsonNode? existing, JsonNode? delivered) => (existing, delivered) switch
    {
        (null, null) => true,
        (JsonObject has, JsonObject wanted) => wanted.All(member => Holds(has[member.Key], member.Value)),
        (JsonArray has, JsonArray wanted) => has.Count == wanted.Count && has.Zip(wanted).All(pair => Holds(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(existing, delivered),
    };

    /// <summary>Members in one order, nothing empty, numbers in one form, and JSON that stands in a text as what it is; null where nothing is left.</summary>
    private static JsonNode? Normal(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                var filled = members.Where(member => !IsAdded(members, member.Key, member.Value))
                    .OrderBy(member => member.Key, StringComparer.Ordinal)
                    .Select(member => KeyValuePair.Create(member.Key, Normal(member.Value)))
                    .Where(member => member.Value is not null)
                    .ToList();
                return filled.Count == 0 ? null : new JsonObject(filled);
            case JsonArray elements:
                return elements.Count == 0 ? null : new JsonArray([.. elements.Select(Normal)]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return OfText(value.GetValue<string>());
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number:
                return JsonValue.Create(double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture));
            default:
                return node?.DeepClone();
        }
    }

    private static JsonNode? OfText(string text)
    {
        if (text.Length == 0) return null;

        if (text[0] is not ('{' or '[')) return JsonValue.Create(text);

        try
        {
            return Normal(JsonNode.Parse(text));
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    /// <summary>What Kibana adds inside the fields of a rule, and to each panel of a dashboard.</summary>
    private static bool IsAdded(JsonObject members, string name, JsonNode? value) => name switch
    {
        "ecs" => true,
        "missing_fields_strategy" => value?.ToString() == "suppress",
        "version" => members.ContainsKey("panelIndex"),
        _ => false,
    };
}
