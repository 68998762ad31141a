using System.Globalization;

namespace ActivityConnector.Pipeline;

/// <summary>A second as people read it everywhere: <c>2026-11-28T10:00:00Z</c>.</summary>
internal static class UtcText
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <param name="seconds">Unix seconds.</param>
    public static string Of(long seconds) => Of(DateTimeOffset.FromUnixTimeSeconds(seconds));
}
