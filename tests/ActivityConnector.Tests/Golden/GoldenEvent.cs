using System.Text.Json;

namespace ActivityConnector.Tests.Golden;

/// <summary>One expected event: its document id and its fields with the raw text of their values, in wire order.</summary>
internal sealed record GoldenEvent(string Id, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    public static GoldenEvent From(JsonElement element) =>
        new(element.GetProperty("_id").GetString()!, FieldsOf(element.GetProperty("event")));

    /// <summary>The members of an event with the raw text of their values, blanks between them left out.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> FieldsOf(JsonElement json) =>
        [.. json.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, Compact(m.Value)))];

    /// <summary>The wire text of those fields, without the named ones.</summary>
    public static string Wire(IEnumerable<KeyValuePair<string, string>> fields, IReadOnlySet<string> without) =>
        "{" + string.Join(',', fields.Where(f => !without.Contains(f.Key)).Select(f => $"\"{f.Key}\":{f.Value}")) + "}";

    private static string Compact(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? "[" + string.Join(',', value.EnumerateArray().Select(v => v.GetRawText())) + "]"
        : value.GetRawText();
}
