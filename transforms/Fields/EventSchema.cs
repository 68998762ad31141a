using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActivityConnector.Transforms.Ecs;

namespace ActivityConnector.Transforms.Fields;

/// <summary>The JSON Schema (2020-12) of an event: every field, its type and its meaning. Pure.</summary>
public static class EventSchema
{
    /// <summary>The version of ECS and the revision of the fields; any change of the schema raises the revision.</summary>
    public const string Version = "8.17.0-1";

    /// <summary>The schema's name: its <c>$id</c>, and the <c>dataschema</c> of every CloudEvent.</summary>
    public const string Id = "urn:activity:ecs:" + Version;

    /// <summary>What a privacy rule puts in the place of a text, see <see cref="PrivacyAction.Hash"/>.</summary>
    private const string Hashed = "hmac:[0-9a-f]{32}";

    private const string TimePattern = @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3,7}Z$";

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true, NewLine = "\n" };

    /// <summary>The schema as JSON text.</summary>
    /// <param name="fields">Every field that an event may have. The schema allows no other.</param>
    /// <param name="nested">Whether names with dots are objects in objects; the schema of that form has an id of its own.</param>
    /// <param name="indented">Whether it is for a person, with line ends and indentation.</param>
    public static string Text(IEnumerable<EventField> fields, bool nested, bool indented)
    {
        var sorted = fields.ToList();
        sorted.Sort((a, b) => FieldOrder.Compare(Encoding.UTF8.GetBytes(a.Name), Encoding.UTF8.GetBytes(b.Name)));
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = nested ? Id + ":nested" : Id,
            ["title"] = "Event of Activity Connector",
            ["description"] = nested
                ? "One ECS event in the nested form. In Elasticsearch it also has event.ingested, which is added when it is sent."
                : "One ECS event as the journal and the Kafka topics hold it: flat, with dotted names. In Elasticsearch it also has event.ingested.",
        };
        AddObject(schema, [.. sorted.Select(field => (nested ? new Queue<string>(field.Name.Split('.')) : new Queue<string>([field.Name]), field))]);
        return schema.ToJsonString(indented ? Indented : Compact);
    }

    /// <param name="members">The members of the object, each with what is left of its name.</param>
    private static void AddObject(JsonObject schema, List<(Queue<string> Path, EventField Field)> members)
    {
        var (properties, open, required) = (new JsonObject(), new JsonObject(), new JsonArray());
        foreach (var group in members.GroupBy(member => member.Path.Dequeue()).ToList())
        {
            var (_, field) = group.First();
            if (group.Any(member => member.Path.Count > 0))
            {
                var below = new JsonObject();
                AddObject(below, [.. group]);
                properties[group.Key] = below;
            }
            else if (field.IsOpen)
            {
                open[$"^{Regex.Escape(group.Key[..^1])}[^.]+$"] = ValuesOf(field);
            }
            else
            {
                properties[group.Key] = ValuesOf(field);
            }

            if (group.Any(member => member.Field.IsRequired)) required.Add(group.Key);
        }

        schema["type"] = "object";
        if (properties.Count > 0) schema["properties"] = properties;

        if (open.Count > 0) schema["patternProperties"] = open;

        if (required.Count > 0) schema["required"] = required;

        schema["additionalProperties"] = false;
    }

    private static JsonObject ValuesOf(EventField field)
    {
        var schema = new JsonObject { ["description"] = field.Description };
        switch (field.Values)
        {
            case FieldValues.List:
                AddList(schema, field);
                break;
            case FieldValues.OneOrList:
                var (one, list) = (new JsonObject(), new JsonObject());
                AddValue(one, field);
                AddList(list, field);
                schema["anyOf"] = new JsonArray(one, list);
                break;
            default:
                AddValue(schema, field);
                break;
        }

        return schema;
    }

    private static void AddList(JsonObject schema, EventField field)
    {
        var items = new JsonObject();
        AddValue(items, field);
        schema["type"] = "array";
        schema["minItems"] = 1;
        schema["items"] = items;
    }

    private static void AddValue(JsonObject schema, EventField field)
    {
        switch (field.Type)
        {
            case FieldType.Number:
                schema["type"] = "integer";
                schema["minimum"] = field.Least;
                if (field.Most is { } most) schema["maximum"] = most;

                break;
            case FieldType.Date:
                schema["type"] = "string";
                schema["format"] = "date-time";
                schema["pattern"] = TimePattern;
                break;
            case FieldType.Ip:
                schema["type"] = "string";
                schema["anyOf"] = new JsonArray(new JsonObject { ["format"] = "ipv4" }, new JsonObject { ["format"] = "ipv6" });
                schema["pattern"] = "^[0-9a-f:.]+$";
                break;
            default:
                AddText(schema, field);
                break;
        }
    }

    private static void AddText(JsonObject schema, EventField field)
    {
        schema["type"] = "string";
        if (field.Allowed is { } allowed)
        {
            var values = new JsonArray([.. allowed.Select(value => JsonValue.Create(value))]);
            if (field.IsRequired)
            {
                schema["enum"] = values;
            }
            else
            {
                schema["anyOf"] = new JsonArray(new JsonObject { ["enum"] = values }, new JsonObject { ["pattern"] = $"^{Hashed}$" });
            }
        }
        else if (field.Pattern is { } pattern)
        {
            schema["pattern"] = $"^(?:{pattern}|{Hashed})$";
        }
        else
        {
            schema["minLength"] = 1;
        }
    }
}
