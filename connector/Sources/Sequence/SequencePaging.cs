using System.Text.Json;

namespace ActivityConnector.Sources.Sequence;

/// <summary>What the object <c>pagination</c> says.</summary>
internal static class SequencePaging
{
    /// <summary>A cursor is a part of addresses, and some seventy of them are a part of each checkpoint.</summary>
    private const int MaxChars = 2_048;

    /// <summary>The cursor of the next page; null when it is absent, null or empty, as at the end of the list.</summary>
    /// <exception cref="JsonException">There is no such object, or its cursor is of another type or longer than 2,048 characters.</exception>
    public static string? After(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("The pagination is not an object.");
            if (!document.RootElement.TryGetProperty("after", out var after)) return null;

            return after.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => after.GetString() switch
                {
                    { Length: > MaxChars } => throw new JsonException("The cursor is too long."),
                    { Length: > 0 } text => text,
                    _ => null,
                },
                _ => throw new JsonException("The cursor is not a string."),
            };
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("The pagination has text that cannot be decoded.", e);
        }
    }

    /// <inheritdoc cref="After"/>
    public static void Check(ReadOnlyMemory<byte> json) => After(json);
}
