using System.Text.Json;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>The flat event as name and raw value, and the way back from a nested one, apart from the product's.</summary>
internal static class Flat
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };

    public static List<KeyValuePair<string, string>> Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, Deep);
        return [.. document.RootElement.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value.GetRawText()))];
    }

    public static List<KeyValuePair<string, string>> FromNested(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, Deep);
        return [.. Leaves("", document.RootElement)];
    }

    private static IEnumerable<KeyValuePair<string, string>> Leaves(string path, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return [KeyValuePair.Create(path, value.GetRawText())];

        return value.EnumerateObject().SelectMany(m => Leaves(path.Length == 0 ? m.Name : path + "." + m.Name, m.Value));
    }
}
