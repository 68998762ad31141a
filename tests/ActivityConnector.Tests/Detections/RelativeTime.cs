using System.Globalization;
using System.Text.RegularExpressions;

namespace ActivityConnector.Tests.Detections;

/// <summary>Times relative to now, as rules write them: <c>now</c>, <c>now-25m</c>; and durations such as <c>5m</c>.</summary>
internal static partial class RelativeTime
{
    /// <summary>How long before now it is.</summary>
    public static TimeSpan Before(string text) =>
        TryBefore(text, out var before) ? before : throw new FormatException($"'{text}' is not a time such as now-25m.");

    public static bool TryBefore(string text, out TimeSpan before)
    {
        var match = Expression().Match(text);
        before = match.Success && match.Groups[1].Success ? Duration(match.Groups[1].Value, match.Groups[2].Value) : TimeSpan.Zero;
        return match.Success;
    }

    public static TimeSpan Duration(string text)
    {
        var match = Length().Match(text);
        return match.Success ? Duration(match.Groups[1].Value, match.Groups[2].Value) : throw new FormatException($"'{text}' is not a duration such as 5m.");
    }

    public static TimeSpan Duration(string count, string unit)
    {
        var value = int.Parse(count, CultureInfo.InvariantCulture);
        return unit switch
        {
            "s" => TimeSpan.FromSeconds(value),
            "m" => TimeSpan.FromMinutes(value),
            "h" => TimeSpan.FromHours(value),
            "d" => TimeSpan.FromDays(value),
            "w" => TimeSpan.FromDays(7 * value),
            _ => throw new FormatException($"The unit of a duration is s, m, h, d or w, not '{unit}'."),
        };
    }

    /// <summary>As searches take it.</summary>
    public static string Text(DateTimeOffset time) => DetectionEvent.TextOf(time);

    [GeneratedRegex("^now(?:-([0-9]+)([a-z]))?$")]
    private static partial Regex Expression();

    [GeneratedRegex("^([0-9]+)([a-z])$")]
    private static partial Regex Length();
}
