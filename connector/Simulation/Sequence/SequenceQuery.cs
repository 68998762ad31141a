using System.Globalization;

namespace ActivityConnector.Simulation.Sequence;

/// <summary>The checked parameters of a list request.</summary>
internal sealed record SequenceQuery(bool Ascending, int Limit, Cursor? After, Cursor? Before, string? ObjectId, string? ObjectEntityId, string Scope)
{
    // The contract gives no default.
    private const int DefaultLimit = 20;

    public bool HasFilter => ObjectId is not null || ObjectEntityId is not null;

    /// <summary>Reads the query; null if the vendor would answer 400, for which it gives no reason.</summary>
    public static SequenceQuery? Read(IQueryCollection query, int cursorGeneration)
    {
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var limitText)
            && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > 100))
        {
            return null;
        }

        var sort = query.TryGetValue("sortOrder", out var sortText) ? sortText.ToString() : "DESC";
        if (sort is not ("ASC" or "DESC"))
            return null;

        string? objectId = query["activityLogObjectId"], entityId = query["activityLogObjectEntityId"];
        var scope = string.Create(CultureInfo.InvariantCulture, $"{sort}#{cursorGeneration}#{objectId}#{entityId}");
        var (hasAfter, hasBefore) = (query.TryGetValue("after", out var afterText), query.TryGetValue("before", out var beforeText));
        var after = hasAfter ? Cursor.Decode(afterText.ToString(), scope) : null;
        var before = hasBefore ? Cursor.Decode(beforeText.ToString(), scope) : null;

        // Both at once is not documented: a client that does it is wrong.
        var cursorsHold = hasAfter == after is not null && hasBefore == before is not null && !(hasAfter && hasBefore);
        return cursorsHold ? new SequenceQuery(sort == "ASC", limit, after, before, objectId, entityId, scope) : null;
    }
}
