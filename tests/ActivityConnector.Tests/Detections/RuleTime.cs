using System.Globalization;

namespace ActivityConnector.Tests.Detections;

/// <summary>Elastic's times that are relative to now.</summary>
internal static class RuleTime
{
    /// <param name="text">As <c>now-25m</c>.</param>
    public static TimeSpan Ago(string text)
    {
        var count = int.Parse(text.AsSpan()["now-".Length..^1], NumberStyles.None, CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            _ => TimeSpan.FromDays(count),
        };
    }
}
