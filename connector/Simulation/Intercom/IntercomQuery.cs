using System.Globalization;
using System.Text;

namespace ActivityConnector.Simulation.Intercom;

/// <summary>The checked parameters of a list request.</summary>
internal readonly record struct IntercomQuery(long After, long Before, int Page, int PerPage)
{
    private const int DefaultPerPage = 20;
    private const int MaxPerPage = 250;

    /// <summary>Reads the query; answers the first error instead, with its field.</summary>
    public static (string Code, string Message, string Field)? TryRead(IQueryCollection query, long now, out IntercomQuery read)
    {
        read = default;
        if (!query.TryGetValue("created_at_after", out var afterText) || afterText.Count == 0)
            return ("parameter_not_found", "Please provide the following parameters: created_at_after", "created_at_after");
        if (!IsUnixTime(afterText, out var after))
            return ("parameter_invalid", "created_at_after must be a UNIX timestamp", "created_at_after");

        // No upper bound is the time of the request.
        var before = now;
        if (query.TryGetValue("created_at_before", out var beforeText) && !IsUnixTime(beforeText, out before))
            return ("parameter_invalid", "created_at_before must be a UNIX timestamp", "created_at_before");

        var page = 1;
        if (query.TryGetValue("page", out var pageText) && (!IsNumber(pageText, out page) || page < 1))
            return ("parameter_invalid", "page must be a positive number", "page");
        if (query.TryGetValue("starting_after", out var cursor) && !IsCursor(cursor, out page))
            return ("parameter_invalid", "starting_after is not a cursor of this list", "starting_after");

        var perPage = DefaultPerPage;
        if (query.TryGetValue("per_page", out var perPageText) && (!IsNumber(perPageText, out perPage) || perPage is < 1 or > MaxPerPage))
            return ("parameter_invalid", "per_page must be between 1 and 250", "per_page");

        read = new IntercomQuery(after, before, page, perPage);
        return null;
    }

    public static string CursorTo(int page) => Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"page:{page}")));

    private static bool IsUnixTime(string? text, out long seconds)
    {
        seconds = 0;
        return text is { Length: >= 1 and <= 12 } && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }

    private static bool IsNumber(string? text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool IsCursor(string? text, out int page)
    {
        page = 0;
        Span<byte> bytes = stackalloc byte[32];
        return Convert.TryFromBase64String(text ?? "", bytes, out var written)
            && bytes[..written].StartsWith("page:"u8)
            && int.TryParse(bytes[5..written], NumberStyles.None, CultureInfo.InvariantCulture, out page);
    }
}
