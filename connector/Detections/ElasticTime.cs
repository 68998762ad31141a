using System.Globalization;

namespace ActivityConnector.Detections;

/// <summary>A time as Elastic writes it, in the largest unit that gives a whole number: <c>25m</c>, <c>2h</c>, <c>30d</c>.</summary>
internal static class ElasticTime
{
    public static string Of(TimeSpan time)
    {
        var (value, unit) = Parts(time);
        return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
    }

    public static (long Value, string Unit) Parts(TimeSpan time) =>
        time.Ticks % TimeSpan.TicksPerDay == 0 ? ((long)time.TotalDays, "d")
        : time.Ticks % TimeSpan.TicksPerHour == 0 ? ((long)time.TotalHours, "h")
        : time.Ticks % TimeSpan.TicksPerMinute == 0 ? ((long)time.TotalMinutes, "m")
        : ((long)time.TotalSeconds, "s");
}
