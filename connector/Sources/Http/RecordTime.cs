using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Sources.Http;

/// <summary>Reads the time of a record, as the mapping does: only to compare it, never to change it.</summary>
internal static class RecordTime
{
    /// <summary>No readable time.</summary>
    public const long Unknown = long.MinValue;

    /// <summary>Unix milliseconds of the value the reader stands on; <see cref="Unknown"/> for what is no time, also for text that cannot be decoded.</summary>
    public static long Read(ref Utf8JsonReader reader) => TryRead(ref reader, out var ticks)
        ? new DateTimeOffset(ticks, TimeSpan.Zero).ToUnixTimeMilliseconds()
        : Unknown;

    private static bool TryRead(ref Utf8JsonReader reader, out long ticks)
    {
        ticks = 0;
        try
        {
            return reader.TokenType switch
            {
                JsonTokenType.Number => SourceTime.TryReadNumber(reader.ValueSpan, out ticks),
                JsonTokenType.String when reader.ValueIsEscaped => SourceTime.TryReadText(Encoding.UTF8.GetBytes(reader.GetString()!), out ticks),
                JsonTokenType.String => SourceTime.TryReadText(reader.ValueSpan, out ticks),
                _ => false,
            };
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate or a byte that is not UTF-8: valid JSON, but no text.
            return false;
        }
    }
}
