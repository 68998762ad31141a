using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace ActivityConnector.Sources.Http;

/// <summary>Reads the time of a record tolerantly: only to compare it, never to change it.</summary>
internal static class RecordTime
{
    /// <summary>No readable time.</summary>
    public const long Unknown = long.MinValue;

    private const long MostSeconds = 253_402_300_799; // the end of year 9999

    /// <summary>
    /// Unix milliseconds of the value the reader stands on: a number of seconds, or ISO 8601 (UTC when it names no offset).
    /// <see cref="Unknown"/> for anything else, also for text that cannot be decoded.
    /// </summary>
    public static long Read(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.TokenType switch
            {
                JsonTokenType.Number when reader.TryGetInt64(out var seconds) => FromSeconds(seconds),
                JsonTokenType.Number when reader.TryGetDouble(out var seconds) && seconds is >= 0 and <= MostSeconds => (long)Math.Floor(seconds * 1000),
                JsonTokenType.String => ReadText(ref reader),
                _ => Unknown,
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            // A lone surrogate or a byte that is not UTF-8: valid JSON, but no text.
            return Unknown;
        }
    }

    private static long FromSeconds(long seconds) => seconds < 0 ? Unknown : seconds <= MostSeconds ? seconds * 1000 : long.MaxValue;

    private static long ReadText(ref Utf8JsonReader reader)
    {
        var text = reader.ValueSpan;
        if (text.Length > 10 && text[10] == 'T' && NamesOffset(text[11..]) && reader.TryGetDateTimeOffset(out var time))
        {
            return time.ToUnixTimeMilliseconds();
        }

        if (Utf8Parser.TryParse(text, out long seconds, out var used) && used == text.Length) return FromSeconds(seconds);

        return DateTimeOffset.TryParse(
            reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time)
            ? time.ToUnixTimeMilliseconds()
            : Unknown;
    }

    /// <summary>Without one the JSON reader would take the host's time zone.</summary>
    private static bool NamesOffset(ReadOnlySpan<byte> time) => time.IndexOfAny((byte)'Z', (byte)'+', (byte)'-') >= 0;
}
