using System.Text;
using System.Text.Json;

namespace ActivityConnector.Simulation.Sequence;

/// <summary>The HTTP face of the simulated account: <c>GET /activity-logs</c> and <c>GET /activity-logs/{id}</c>.</summary>
internal sealed class SequenceApi(SequenceSimulator simulator, SimulatorOptions options, Answers answers, TimeProvider time)
{
    private const string VersionHeader = "Sequence-Version";
    private const string Version = "2024-07-30";
    private const string ListPath = "/activity-logs";

    private readonly RateWindow _rate = new(options.Sequence.RequestsPerMinute, windowSeconds: 60, time);

    public async Task HandleAsync(HttpContext context, PathString path)
    {
        simulator.Log.Add(context.Request, VersionHeader, time.GetUtcNow());
        var isList = path == ListPath;
        var fault = isList ? simulator.Faults.Draw(context.Request.QueryString.Value ?? "") : default;
        if (fault.Answer is { } scripted)
        {
            await Answers.ScriptedAsync(context, scripted);
            return;
        }

        context.Response.Headers[VersionHeader] = Version;
        if (fault.Kind == FaultKind.Unauthorized || context.Request.Headers.Authorization != simulator.Authorization)
        {
            await Answers.EmptyAsync(context, StatusCodes.Status401Unauthorized);
        }
        else if (_rate.Take() is var usage && (!usage.Allowed || fault.Kind == FaultKind.TooManyRequests))
        {
            answers.RetryAfter(context, usage);
            await Answers.EmptyAsync(context, StatusCodes.Status429TooManyRequests);
        }
        else if (fault.Kind is { } kind && await TryFailAsync(context, kind))
        {
            // Answered.
        }
        else if (context.Request.Headers[VersionHeader] is { Count: > 0 } version && version != Version)
        {
            const string Unknown = """{"error":{"type":"UnrecognisedApiVersion","message":"The API version in the Sequence-Version header is not known"}}""";
            await Answers.TextAsync(context, StatusCodes.Status400BadRequest, "application/json", Unknown);
        }
        else if (!HttpMethods.IsGet(context.Request.Method))
        {
            await Answers.EmptyAsync(context, StatusCodes.Status405MethodNotAllowed);
        }
        else if (isList)
        {
            await ListAsync(context, fault.Kind);
        }
        else if (path.StartsWithSegments(ListPath, StringComparison.Ordinal, out var id) && Guid.TryParse(id.Value!.TrimStart('/'), out var logId))
        {
            await OneAsync(context, logId);
        }
        else
        {
            await Answers.EmptyAsync(context, StatusCodes.Status404NotFound);
        }
    }

    private async Task<bool> TryFailAsync(HttpContext context, FaultKind kind)
    {
        int? status = kind switch
        {
            FaultKind.ServerError or FaultKind.EveryPageOnce => StatusCodes.Status500InternalServerError,
            FaultKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
            FaultKind.TooManyRequestsNoHeader => StatusCodes.Status429TooManyRequests,
            FaultKind.Forbidden => StatusCodes.Status403Forbidden,
            FaultKind.CursorRefused when context.Request.Query.ContainsKey("after") || context.Request.Query.ContainsKey("before")
                => StatusCodes.Status400BadRequest,
            _ => null,
        };
        if (status is { } empty)
            await Answers.EmptyAsync(context, empty);
        else if (kind is FaultKind.BadGateway or FaultKind.Html)
            await Answers.HtmlAsync(context, kind == FaultKind.Html ? StatusCodes.Status200OK : StatusCodes.Status502BadGateway);
        else if (kind == FaultKind.Timeout)
            await answers.NeverAsync(context);
        else
            return false;
        return true;
    }

    private async Task ListAsync(HttpContext context, FaultKind? fault)
    {
        if (SequenceQuery.Read(context.Request.Query, simulator.CursorGeneration) is not { } query)
        {
            await Answers.EmptyAsync(context, StatusCodes.Status400BadRequest);
            return;
        }

        using var page = new JsonText();
        simulator.Store.ReadForRequest(entries => WritePage(page, query.HasFilter ? Filtered(entries, query) : entries, query, context, fault));
        await answers.PageAsync(context, page.Written, fault);
    }

    private int WritePage(JsonText to, ReadOnlySpan<Entry> entries, SequenceQuery query, HttpContext context, FaultKind? fault)
    {
        var (low, high) = Range(entries, query);
        to.Raw("{\"items\":["u8);
        var badAt = fault == FaultKind.BadRecord ? (high - low) / 2 : -1;
        for (var i = 0; i < high - low; i++)
        {
            if (i > 0)
                to.Raw(","u8);
            if (i == badAt)
                to.Raw("{\"id\":\"not a record\",},"u8);
            simulator.Store.Write(to, entries[query.Ascending ? low + i : high - 1 - i]);
        }

        to.Raw("],\"pagination\":{"u8);
        if (high > low)
        {
            var (first, last) = query.Ascending ? (entries[low], entries[high - 1]) : (entries[high - 1], entries[low]);
            var (moreBefore, moreAfter) = query.Ascending ? (low > 0, high < entries.Length) : (high < entries.Length, low > 0);
            if (fault == FaultKind.NextLoop)
                WriteCursor(to, "\"after\":\""u8, query.After?.Encode() ?? CursorAt(first, query));
            else if (moreAfter || options.Sequence.AfterOnLastPage)
                WriteCursor(to, "\"after\":\""u8, CursorAt(last, query));
            if (moreBefore)
                WriteCursor(to, "\"before\":\""u8, CursorAt(first, query));
        }
        else if (fault == FaultKind.NextLoop && query.After is { } sent)
        {
            WriteCursor(to, "\"after\":\""u8, sent.Encode());
        }

        to.Raw("\"totalResultSize\":"u8).Value(entries.Length).Raw("}}"u8);
        return high - low;
    }

    /// <summary>Which entries the page holds, as places in the ascending order.</summary>
    private static (int Low, int High) Range(ReadOnlySpan<Entry> entries, SequenceQuery query)
    {
        // Going up: after a cursor in ascending order, or before one in descending order.
        var (up, down) = query.Ascending ? (query.After, query.Before) : (query.Before, query.After);
        if (up is { } above)
        {
            var low = Timeline.FirstFrom(entries, above.Created, above.Tie + 1);
            return (low, Math.Min(entries.Length, low + query.Limit));
        }

        if (down is { } below)
        {
            var high = Timeline.FirstFrom(entries, below.Created, below.Tie);
            return (Math.Max(0, high - query.Limit), high);
        }

        return query.Ascending ? (0, Math.Min(entries.Length, query.Limit)) : (Math.Max(0, entries.Length - query.Limit), entries.Length);
    }

    private static string CursorAt(Entry entry, SequenceQuery query) => new Cursor(entry.Created, entry.Tie, query.Scope).Encode();

    // Base64 needs no escaping in JSON.
    private static void WriteCursor(JsonText to, ReadOnlySpan<byte> name, string cursor)
    {
        to.Raw(name);
        Span<byte> text = stackalloc byte[cursor.Length];
        Encoding.ASCII.GetBytes(cursor, text);
        to.Raw(text).Raw("\","u8);
    }

    private Entry[] Filtered(ReadOnlySpan<Entry> entries, SequenceQuery query)
    {
        var matching = new List<Entry>();
        foreach (var entry in entries)
        {
            using var text = new JsonText();
            simulator.Store.Write(text, entry);
            if (Matches(text.Written, query))
                matching.Add(entry);
        }

        return [.. matching];
    }

    private static bool Matches(ReadOnlyMemory<byte> json, SequenceQuery query)
    {
        using var log = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
        return log.RootElement.ValueKind == JsonValueKind.Object
            && log.RootElement.TryGetProperty("activityLogItems", out var items)
            && items.ValueKind == JsonValueKind.Array
            && items.EnumerateArray().Any(item =>
                item.ValueKind == JsonValueKind.Object
                && item.TryGetProperty("activityLogObject", out var o)
                && o.ValueKind == JsonValueKind.Object
                && Has(o, "id", query.ObjectId)
                && Has(o, "entityId", query.ObjectEntityId));
    }

    private static bool Has(JsonElement element, string name, string? wanted) =>
        wanted is null || (element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(wanted));

    private async Task OneAsync(HttpContext context, Guid id)
    {
        using var log = new JsonText();
        var (created, tie) = SequenceKey.FromId(id);
        var found = simulator.Store.Read(entries =>
        {
            var at = Timeline.FirstFrom(entries, created, tie);
            if (at == entries.Length || entries[at].Created != created || entries[at].Tie != tie)
                return false;
            simulator.Store.Write(log, entries[at]);
            return true;
        });
        if (found)
            await answers.PageAsync(context, log.Written, fault: null);
        else
            await Answers.EmptyAsync(context, StatusCodes.Status404NotFound);
    }
}
