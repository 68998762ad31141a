using System.Text.Json;

namespace ActivityConnector.Sources.Sequence;

/// <summary>What the object <c>pagination</c> says.</summary>
internal static class SequencePaging
{
    /// <summary>The cursor of the next page; null when it is absent, null or empty, as at the end of the list.</summary>
    public static string? After(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty || json.Span[0] != (byte)'{') return null;

        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("after", out var after) && after.ValueKind == JsonValueKind.String && after.GetString() is { Length: > 0 } text
            ? text
            : null;
    }
}
