using System.Globalization;
using System.Text.Json;

namespace ActivityConnector.Sources.Intercom;

/// <summary>What <c>pages</c> says. Numbered pages are what comes; the published schema speaks of cursors, so both are read.</summary>
/// <param name="HasNext">Whether there is another page.</param>
/// <param name="NextPage">Its number; null when it is not given.</param>
/// <param name="StartingAfter">Its cursor; null when pages are numbered.</param>
internal readonly record struct IntercomPaging(bool HasNext, int? NextPage, string? StartingAfter)
{
    /// <summary>Null = not given; 0 means nothing, because pages lead on with it.</summary>
    public int? TotalPages { get; init; }

    /// <summary>The most records on a page; 0 = not given.</summary>
    public int PerPage { get; init; }

    /// <summary>The vendor states that this page is the last, by a <c>next</c> without content; absent it states nothing, and numbers may be wrong.</summary>
    public bool HasExplicitEnd { get; init; }

    /// <param name="json">The value of <c>pages</c>; empty when it is absent. Absent, null, {} and [] say nothing of a next page.</param>
    /// <exception cref="JsonException">The value or its <c>next</c> is of a type that neither leads on nor ends a list.</exception>
    public static IntercomPaging Read(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty) return default;

        try
        {
            using var document = JsonDocument.Parse(json);
            var pages = document.RootElement;
            return pages.ValueKind switch
            {
                JsonValueKind.Object => OfPages(pages),
                JsonValueKind.Null => default,
                JsonValueKind.Array when pages.GetArrayLength() == 0 => default,
                _ => throw new JsonException("The value of pages is not an object."),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new JsonException("The value of pages has text that cannot be decoded.", e);
        }
    }

    /// <inheritdoc cref="Read"/>
    public static void Check(ReadOnlyMemory<byte> json) => Read(json);

    private static IntercomPaging OfPages(JsonElement pages)
    {
        var isNextGiven = pages.TryGetProperty("next", out var next);
        var paging = !isNextGiven ? default : next.ValueKind switch
        {
            JsonValueKind.Null => default,
            JsonValueKind.String => OfLink(next.GetString()!),
            JsonValueKind.Object => OfCursor(next),
            _ => throw new JsonException("The value of next is neither a link nor a cursor."),
        };
        return paging with
        {
            TotalPages = Number(pages, "total_pages"),
            PerPage = Number(pages, "per_page") ?? 0,
            HasExplicitEnd = !paging.HasNext && isNextGiven,
        };
    }

    private static IntercomPaging OfCursor(JsonElement next)
    {
        if (next.GetPropertyCount() == 0) return default;

        return next.TryGetProperty("starting_after", out var after) && after.ValueKind == JsonValueKind.String && after.GetString() is { Length: > 0 } text
            ? new(true, null, text)
            : throw new JsonException("The cursor of next is not a string.");
    }

    /// <summary>
    /// Takes only the page out of the link. Scheme, host and path are ours: the link may name plain http, another host or a path with
    /// blanks, and the token must not go there.
    /// </summary>
    private static IntercomPaging OfLink(string link)
    {
        if (link.Length == 0) return default;

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

        return new(true, page, page is null ? after : null);
    }

    private static int? Number(JsonElement pages, string name) =>
        pages.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var n) && n > 0 ? n : null;
}
