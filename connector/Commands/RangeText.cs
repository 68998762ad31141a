using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Status;

namespace ActivityConnector.Commands;

/// <summary>A requested range in words.</summary>
internal static class RangeText
{
    /// <summary><c>backfill 1a2b3c4d of intercom, 2026-11-01T00:00:00Z..2026-11-28T10:00:00Z</c>.</summary>
    public static string Name(RangeProgress range) =>
        $"{(range.Kind == RangeKind.Backfill ? "backfill" : "sweep")} {range.Id} of {range.Source}, {RequestedRange.SpanOf(range.From, range.To)}";

    /// <summary>What it came to so far.</summary>
    public static string Result(RequestedRange range)
    {
        var (counts, reached) = (range.Counts, range.IsOpen ? $", up to {RequestedRange.Text(range.Reached)}" : "");
        var brought = range.Kind == RangeKind.Backfill
            ? $"{counts.Published} events published, {counts.Known} were known."
            : $"{counts.Late} events were missing and are delivered now, {counts.Revised} had changed, {counts.Known} were known.";
        return $"{Percent(range.Share)} of {range.Span} is read{reached}: {brought}";
    }

    /// <summary>How far, how fast, how long.</summary>
    public static string Line(RangeProgress range)
    {
        var left = Duration(range.SecondsLeft) is { } time ? $", about {time} left" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Percent(range.Share)}, up to {RequestedRange.Text(range.Reached)}: {range.Published} published, {range.Known} known, "
            + $"{range.EventsPerSecond ?? 0:0} a second{left}");
    }

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 100):0} %");

    /// <summary>How long something takes, as <c>2 h 5 min</c>; null when that is not known.</summary>
    public static string? Duration(double? seconds) => seconds switch
    {
        null => null,
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds.Value):0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds.Value / 60):0} min {seconds % 60:0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds.Value / 3600):0} h {Math.Floor(seconds.Value % 3600 / 60):0} min"),
    };
}
