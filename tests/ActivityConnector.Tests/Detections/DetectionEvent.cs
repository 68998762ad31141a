using System.Globalization;
using System.Text.Json;

namespace ActivityConnector.Tests.Detections;

/// <summary>
/// An event as the queries see it: every field is a list of values, without nulls, of the type that the index gives it: text, whole number,
/// number, Boolean or time.
/// </summary>
/// <param name="document">Its <c>_id</c>; null when it is not of a server, and <c>event.id</c> is taken for it.</param>
internal sealed class DetectionEvent(
    string id, DateTimeOffset time, IReadOnlyDictionary<string, IReadOnlyList<object>> fields, string? document = null)
{
    /// <summary>The value of <c>event.id</c>.</summary>
    public string Id => id;

    /// <summary>What no other event has; two accounts can have the same <c>event.id</c>.</summary>
    public string DocumentId => document ?? id;

    public DateTimeOffset Time => time;

    public IReadOnlyDictionary<string, IReadOnlyList<object>> Fields => fields;

    /// <summary>The values of a field; none when the event lacks it.</summary>
    public IReadOnlyList<object> this[string field] => fields.TryGetValue(field, out var values) ? values : [];

    /// <summary>The first value of a field as text; null when the event lacks it.</summary>
    public string? Text(string field) => this[field] is [var first, ..] ? TextOf(first) : null;

    /// <summary>An event as the journal holds it.</summary>
    public static DetectionEvent OfJson(ReadOnlyMemory<byte> json, string? documentId = null)
    {
        using var document = JsonDocument.Parse(json);
        return OfJson(document.RootElement, documentId);
    }

    /// <inheritdoc cref="OfJson(ReadOnlyMemory{byte}, string)"/>
    public static DetectionEvent OfJson(JsonElement json, string? documentId = null)
    {
        var fields = new Dictionary<string, IReadOnlyList<object>>();
        foreach (var field in json.EnumerateObject())
        {
            var type = IndexFields.OfTemplates.TypeOf(field.Name);
            IReadOnlyList<object> values = field.Value.ValueKind switch
            {
                JsonValueKind.Array => [.. field.Value.EnumerateArray().Where(v => v.ValueKind != JsonValueKind.Null).Select(v => Value(v, type))],
                JsonValueKind.Null => [],
                _ => [Value(field.Value, type)],
            };
            if (values.Count > 0) fields[field.Name] = values;
        }

        return new(fields["event.id"][0].ToString()!, (DateTimeOffset)fields["@timestamp"][0], fields, documentId);
    }

    /// <summary>One value as text, the same for the same value wherever it was read.</summary>
    public static string TextOf(object value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static object Value(JsonElement value, string? type) => value.ValueKind switch
    {
        JsonValueKind.String when type == "date" => Milliseconds(value.GetDateTimeOffset()),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? (object)whole : value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => value.GetRawText(),
    };

    /// <summary>The type <c>date</c> of an index keeps no more.</summary>
    private static DateTimeOffset Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
