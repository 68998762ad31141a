using System.Globalization;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sources.Http;

/// <summary>The option <c>StartAt</c>: a time, or a span before now such as <c>-30d</c>; empty = as far back as the vendor goes.</summary>
public static class StartAt
{
    /// <summary>False with a message for the operator when the text is neither; <paramref name="start"/> is null for an empty text.</summary>
    public static bool TryParse(string? text, DateTimeOffset now, out DateTimeOffset? start, out string? error)
    {
        start = null;
        error = null;
        if (string.IsNullOrWhiteSpace(text)) return true;

        text = text.Trim();
        if (text[0] == '-')
        {
            if (TryParseSpan(text[1..], out var back) && back < now - DateTimeOffset.UnixEpoch)
            {
                start = now - back;
                return true;
            }
        }
        else if (text.Length >= 10 && char.IsAsciiDigit(text[0]) && text[4] == '-' && DateTimeOffset.TryParse(
                     text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                 && time >= DateTimeOffset.UnixEpoch)
        {
            if (time > now)
            {
                error = $"StartAt '{text}' is in the future.";
                return false;
            }

            start = time;
            return true;
        }

        error = $"StartAt '{text}' is neither a time such as 2026-01-31T00:00:00Z nor a span before now such as -30d, -12h or -90m.";
        return false;
    }

    /// <summary>The start, for the first read of a source. Validation cannot know whether it is in the vendor's future.</summary>
    /// <exception cref="SourceRefusedException">It is, or the text was not validated.</exception>
    internal static DateTimeOffset? Parse(string? text, DateTimeOffset now, string section) => TryParse(text, now, out var start, out var error)
        ? start
        : throw new SourceRefusedException(error!, $"Set {section}:StartAt to a time in the past, or to a span before now such as -30d.");

    private static bool TryParseSpan(string text, out TimeSpan span)
    {
        span = default;
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n > 10_000_000) return false;

        switch (text[^1])
        {
            case 'd': span = TimeSpan.FromDays(n); return true;
            case 'h': span = TimeSpan.FromHours(n); return true;
            case 'm': span = TimeSpan.FromMinutes(n); return true;
            default: return false;
        }
    }
}
