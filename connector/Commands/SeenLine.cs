using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Commands;

/// <summary>
/// The lines of a checkpoint file that hold the known events: one JSON object with up to <see cref="MaxEvents"/> of them, each as
/// 8 hex digits of hour, 32 of key and 16 of content.
/// </summary>
/// <param name="SeenOf">The source.</param>
/// <param name="Events">In the order of the journal.</param>
internal sealed record SeenLine(
    [property: JsonPropertyName("seen_of")] string SeenOf,
    [property: JsonPropertyName("events")] IReadOnlyList<string> Events)
{
    public const int MaxEvents = 1_000;

    private const int HourDigits = 8, KeyDigits = 32, ContentDigits = 16;

    public static string Write(SourceKey source, IEnumerable<SeenEvent> events) =>
        JsonSerializer.Serialize(new SeenLine(source.ToString(), [.. events.Select(Text)]), SeenLineJson.Default.SeenLine);

    /// <summary>Null when the line is something else.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public static SeenLine? TryParse(string line)
    {
        if (!line.StartsWith("{\"seen_of\":", StringComparison.Ordinal)) return null;

        try
        {
            return JsonSerializer.Deserialize(line, SeenLineJson.Default.SeenLine);
        }
        catch (JsonException e)
        {
            throw new FormatException("A line of known events is damaged: " + e.Message, e);
        }
    }

    public IEnumerable<SeenEvent> Parsed() => Events.Select(Parse);

    private static string Text(SeenEvent seen) => new StringBuilder(HourDigits + KeyDigits + ContentDigits)
        .Append(seen.Key.Hour.ToString("x8", CultureInfo.InvariantCulture))
        .Append(seen.Key.Key.ToString("x32", CultureInfo.InvariantCulture))
        .Append(seen.Content.ToString("x16", CultureInfo.InvariantCulture))
        .ToString();

    private static SeenEvent Parse(string? text)
    {
        if (text?.Length != HourDigits + KeyDigits + ContentDigits)
        {
            throw new FormatException("A known event is damaged: it has not 56 digits.");
        }

        var digits = text.AsSpan();
        return new(
            new(
                UInt128.Parse(digits.Slice(HourDigits, KeyDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                uint.Parse(digits[..HourDigits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)),
            ulong.Parse(digits[(HourDigits + KeyDigits)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SeenLine))]
internal sealed partial class SeenLineJson : JsonSerializerContext;
