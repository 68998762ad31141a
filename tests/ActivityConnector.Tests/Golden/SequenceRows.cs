using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActivityConnector.Tests.Golden;

/// <summary>Which row of the Sequence table a log with one item belongs to, straight from the table's text.</summary>
internal static class SequenceRows
{
    public static IReadOnlyDictionary<string, string> FirstMatch(
        IReadOnlyList<IReadOnlyDictionary<string, string>> rows, JsonElement log)
    {
        var items = log.GetProperty("activityLogItems");
        if (items.GetArrayLength() == 0) return rows[0];

        var verb = items[0].GetProperty("verb").GetString()!.ToUpperInvariant();
        var entityType = items[0].GetProperty("activityLogObject").GetProperty("entityType").GetString()!.ToUpperInvariant();
        return rows.Skip(1).First(row => Fits(row["verb"], verb) && Fits(row["entity_type"], entityType));
    }

    private static bool Fits(string pattern, string value) =>
        pattern == "*" || pattern == value || (pattern.StartsWith('~') && Regex.IsMatch(value, pattern[1..]));
}
