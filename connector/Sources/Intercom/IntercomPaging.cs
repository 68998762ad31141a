using System.Globalization;
using System.Text.Json;

namespace ActivityConnector.Sources.Intercom;

/// <summary>What the object <c>pages</c> says. Numbered pages are what comes; the published schema speaks of cursors, so both are read.</summary>
/// <param name="HasNext">Whether there is another page.</param>
/// <param name="NextPage">Its number; null when it is not told.</param>
/// <param name="StartingAfter">Its cursor; null when pages are numbered.</param>
/// <param name="TotalPages">0 = not told.</param>
internal readonly record struct IntercomPaging(bool HasNext, int? NextPage, string? StartingAfter, int TotalPages)
{
    public static IntercomPaging Read(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty || json.Span[0] != (byte)'{') return default;

        using var document = JsonDocument.Parse(json);
        var pages = document.RootElement;
        var total = pages.TryGetProperty("total_pages", out var t) && t.ValueKind == JsonValueKind.Number && t.TryGetInt32(out var n) ? n : 0;
        if (!pages.TryGetProperty("next", out var next)) return new(false, null, null, total);

        return next.ValueKind switch
        {
            JsonValueKind.String => OfLink(next.GetString()!, total),
            JsonValueKind.Object when next.TryGetProperty("starting_after", out var after) && after.ValueKind == JsonValueKind.String
                => new(true, null, after.GetString(), total),
            _ => new(false, null, null, total),
        };
    }

    /// <summary>
    /// Takes only the page out of the link. Scheme, host and path are ours: the link may name plain http, another host or a path with
    /// blanks, and the token must not go there.
    /// </summary>
    private static IntercomPaging OfLink(string link, int total)
    {
        if (link.Length == 0) return new(false, null, null, total);

        int? page = null;
        string? after = null;
        var query = link[(link.IndexOf('?', StringComparison.Ordinal) + 1)..];
        foreach (var pair in query.Split('&'))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) continue;

            var value = Uri.UnescapeDataString(pair[(equals + 1)..]);
            switch (pair[..equals])
            {
                case "page" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n):
                    page = n;
                    break;
                case "starting_after" when value.Length > 0:
                    after = value;
                    break;
            }
        }

        return new(true, page, page is null ? after : null, total);
    }
}
