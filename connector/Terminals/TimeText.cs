using System.Globalization;

namespace ActivityConnector.Terminals;

/// <summary>Durations and times as people write them, on the command line and in the configuration.</summary>
internal static class TimeText
{
    /// <summary>
    /// A duration as <c>hh:mm:ss</c>, <c>d.hh:mm:ss</c>, or a whole number with a unit: <c>90s</c>, <c>15m</c>, <c>12h</c>, <c>30d</c>;
    /// null for anything else.
    /// </summary>
    public static TimeSpan? Duration(string text) => text switch
    {
        // TimeSpan itself reads "15" as 15 days and "15:00" as 15 hours.
        _ when text.Count(c => c == ':') == 2 => TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var duration) ? duration : null,
        [.. var digits, var unit] when int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= 1_000_000 => unit switch
        {
            's' => TimeSpan.FromSeconds(n),
            'm' => TimeSpan.FromMinutes(n),
            'h' => TimeSpan.FromHours(n),
            'd' => TimeSpan.FromDays(n),
            _ => null,
        },
        _ => null,
    };

    /// <summary>
    /// A duration for a person, in one unit that has at least two of it, rounded down: <c>45 s</c>, <c>90 s</c>, <c>3 min</c>, <c>100 min</c>,
    /// <c>5 h</c>, <c>2 d</c>.
    /// </summary>
    public static string Readable(TimeSpan duration)
    {
        var (number, unit) = duration.Duration() switch
        {
            { TotalMinutes: < 2 } => (duration.TotalSeconds, "s"),
            { TotalHours: < 2 } => (duration.TotalMinutes, "min"),
            { TotalDays: < 2 } => (duration.TotalHours, "h"),
            _ => (duration.TotalDays, "d"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Truncate(number):0} {unit}");
    }

    /// <summary>A time with a date and at least a day's resolution, UTC unless it says otherwise; null for anything else.</summary>
    public static DateTimeOffset? Time(string text) =>
        text.Length >= 10 && char.IsAsciiDigit(text[0]) && text[4] == '-'
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
}
