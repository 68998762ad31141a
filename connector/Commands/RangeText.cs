using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Status;

namespace ActivityConnector.Commands;

/// <summary>A requested range in words.</summary>
internal static class RangeText
{
    /// <summary><c>backfill 1a2b3c4d of intercom, 2026-11-01T00:00:00Z..2026-11-28T10:00:00Z</c>.</summary>
    public static string Name(RangeProgress range) =>
        $"{range.Kind.Name()} {range.Id} of {range.Source}, {RequestedRange.SpanOf(range.From, range.To)}";

    /// <summary>What it came to so far.</summary>
    public static string Result(RangeProgress range)
    {
        var reached = range.State == RangeWork.Done ? "" : $", up to {UtcText.Of(range.Reached)}";
        var brought = range.Kind == RangeKind.Backfill
            ? $"{CountText.Of(range.Published, "event")} published, {WereKnown(range)}."
            : $"{(range.Late == 1 ? "1 event was missing and is" : $"{range.Late} events were missing and are")} delivered now, {range.Revised} had changed, "
                + $"{WereKnown(range)}.";
        return $"{Percent(range.Share)} of {RequestedRange.SpanOf(range.From, range.To)} is read{reached}: {brought}";
    }

    private static string WereKnown(RangeProgress range) => range.Known == 1 ? "1 was known" : $"{range.Known} were known";

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 100):0} %");
}
