using System.Globalization;

namespace ActivityConnector.Tests.Sources;

/// <summary>Pages and records as the vendors write them.</summary>
internal static class VendorJson
{
    public static string Log(string id, DateTimeOffset at, string type = "app_name_change") =>
        $$"""{"id":"{{id}}","performed_by":{"type":"admin","id":"93","email":"a@b.c","ip":"127.0.0.1"},"metadata":{}"""
        + $$""","created_at":{{at.ToUnixTimeSeconds()}},"activity_type":"{{type}}","activity_description":"x"}""";

    /// <param name="next">JSON of <c>pages.next</c>.</param>
    /// <param name="total">The value of <c>pages.total_pages</c>.</param>
    /// <param name="records">JSON each.</param>
    public static string Logs(string next, int total, params string[] records) =>
        $$"""{"type":"activity_log.list","pages":{"type":"pages","next":{{next}},"page":1,"per_page":250,"total_pages":{{total}}}"""
        + $$""","activity_logs":[{{string.Join(",", records)}}]}""";

    /// <summary>The only page of a window.</summary>
    public static string Logs(params string[] records) => Logs("null", 1, records);

    public static string Item(string id, DateTimeOffset at)
    {
        var createdAt = at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        return $$"""
            {"id":"{{id}}","sequenceAccountId":"bb0e","activityType":"NOTIFICATION","origin":"API","createdAt":"{{createdAt}}","activityLogItems":[]}
            """;
    }

    /// <param name="after">The cursor of the next page; null = none.</param>
    /// <param name="records">JSON each.</param>
    public static string Items(string? after, params string[] records) =>
        $$$"""{"items":[{{{string.Join(",", records)}}}]"""
        + $$$""","pagination":{{{{(after is null ? "" : $"\"after\":\"{after}\",")}}}"totalResultSize":{{{records.Length}}}}}""";
}
