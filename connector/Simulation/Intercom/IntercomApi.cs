using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActivityConnector.Simulation.Intercom;

/// <summary>The HTTP face of the simulated workspace: <c>GET /me</c> and <c>GET /admins/activity_logs</c>.</summary>
internal sealed class IntercomApi(IntercomSimulator simulator, SimulatorOptions options, Answers answers, TimeProvider time)
{
    private const string VersionHeader = "Intercom-Version";
    private const string ListPath = "/admins/activity_logs";

    private static readonly string[] Versions =
    [
        "1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "2.13", "2.14",
        "2.15", "2.16",
    ];

    private readonly RateWindow _rate = new(options.Intercom.RateLimit, windowSeconds: 10, time);
    private int _errors;

    public async Task HandleAsync(HttpContext context, PathString path)
    {
        var now = time.GetUtcNow();
        simulator.Log.Add(context.Request, VersionHeader, now);
        var isList = path == ListPath;
        var fault = isList ? simulator.Faults.Draw(context.Request.QueryString.Value ?? "") : default;
        if (fault.Answer is { } scripted)
        {
            await Answers.ScriptedAsync(context, scripted);
            return;
        }

        if (fault.Kind == FaultKind.Unauthorized || context.Request.Headers.Authorization != $"Bearer {simulator.AccessToken}")
        {
            // Without rate headers: those come only for valid credentials.
            await ErrorAsync(context, StatusCodes.Status401Unauthorized, "unauthorized", "Access Token Invalid");
            return;
        }

        var usage = _rate.Take();
        if (fault.Kind != FaultKind.TooManyRequestsNoHeader)
            RateHeaders(context, fault.Kind == FaultKind.TooManyRequests ? usage with { Remaining = 0 } : usage);
        if (!usage.Allowed || fault.Kind is FaultKind.TooManyRequests)
        {
            answers.RetryAfter(context, usage);
            await RateLimitedAsync(context);
        }
        else if ((fault.Kind is { } kind && await TryFailAsync(context, kind)) || await TryRefuseAsync(context))
        {
            // Answered.
        }
        else if (isList)
        {
            await ListAsync(context, now, fault.Kind);
        }
        else if (path == "/me")
        {
            await MeAsync(context);
        }
        else
        {
            await ErrorAsync(context, StatusCodes.Status404NotFound, "not_found", "The requested resource was not found");
        }
    }

    private async Task<bool> TryFailAsync(HttpContext context, FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.ServerError or FaultKind.EveryPageOnce:
                await ErrorAsync(context, StatusCodes.Status500InternalServerError, "server_error", "Something went wrong");
                return true;
            case FaultKind.BadGateway:
                await Answers.HtmlAsync(context, StatusCodes.Status502BadGateway);
                return true;
            case FaultKind.Unavailable:
                await ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "service_unavailable", "Sorry, the API service is temporarily unavailable");
                return true;
            case FaultKind.TooManyRequestsNoHeader:
                await RateLimitedAsync(context);
                return true;
            case FaultKind.Forbidden:
                await ErrorAsync(context, StatusCodes.Status403Forbidden, "api_plan_restricted", "Active subscription needed.");
                return true;
            case FaultKind.Html:
                await Answers.HtmlAsync(context, StatusCodes.Status200OK);
                return true;
            case FaultKind.Timeout:
                await answers.NeverAsync(context);
                return true;
            default:
                return false;
        }
    }

    private async Task<bool> TryRefuseAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            await ErrorAsync(context, StatusCodes.Status404NotFound, "not_found", "The requested resource was not found");
            return true;
        }

        if (!AcceptsJson(context.Request.Headers.Accept.ToString()))
        {
            await ErrorAsync(context, StatusCodes.Status406NotAcceptable, "not_acceptable", "The Accept header should be application/json");
            return true;
        }

        if (context.Request.Headers[VersionHeader] is { Count: > 0 } version && !Versions.Contains(version.ToString()))
        {
            await ErrorAsync(context, StatusCodes.Status400BadRequest, "intercom_version_invalid", "The requested version could not be found");
            return true;
        }

        return false;
    }

    private static bool AcceptsJson(string accept) =>
        accept.Contains("application/json", StringComparison.OrdinalIgnoreCase) || accept.Contains("*/*", StringComparison.Ordinal);

    private async Task ListAsync(HttpContext context, DateTimeOffset now, FaultKind? fault)
    {
        if (IntercomQuery.TryRead(context.Request.Query, now.ToUnixTimeSeconds(), out var query) is { } error)
        {
            // Through 2.16 a missing parameter is "not found" in the literal sense.
            var status = error.Code == "parameter_not_found" ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest;
            await ErrorAsync(context, status, error.Code, error.Message, error.Field);
            return;
        }

        if (options.Intercom.MaxWindow is { } max && query.Before - query.After > max.TotalSeconds)
        {
            await ErrorAsync(context, StatusCodes.Status500InternalServerError, "server_error", "Something went wrong");
            return;
        }

        if (options.Intercom.IgnorePerPage)
            query = query with { PerPage = 20 };

        using var page = new JsonText();
        simulator.Store.ReadForRequest(entries => WritePage(page, context, entries, query, fault));
        await answers.PageAsync(context, page.Written, fault);
    }

    private int WritePage(JsonText to, HttpContext context, ReadOnlySpan<Entry> entries, IntercomQuery query, FaultKind? fault)
    {
        var bounds = options.Intercom.BoundsInclusive ? 0 : 1;
        var low = Timeline.FirstFrom(entries, query.After + bounds, 0);
        var high = Math.Max(low, Timeline.FirstFrom(entries, query.Before + 1 - bounds, 0));
        var window = entries[low..high];
        var pages = (window.Length + query.PerPage - 1) / query.PerPage;
        var skipped = Math.Min(window.Length, (long)(query.Page - 1) * query.PerPage);
        var shown = window[..(window.Length - (int)skipped)];
        var count = Math.Min(query.PerPage, shown.Length);

        to.Raw("""{"type":"activity_log.list","""u8);
        var next = fault == FaultKind.NextLoop ? query.Page : query.Page < pages ? query.Page + 1 : 0;
        WritePages(to, context, query, next, fault == FaultKind.TotalPagesChange ? pages + 1 : pages, fault);
        to.Raw("\"activity_logs\":["u8);
        var badAt = fault == FaultKind.BadRecord ? count / 2 : -1;
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                to.Raw(","u8);
            if (i == badAt)
                to.Raw("{\"id\":\"not a record\",},"u8);
            simulator.Store.Write(to, shown[^(i + 1)]);
        }

        to.Raw("]}"u8);
        return count;
    }

    private void WritePages(JsonText to, HttpContext context, IntercomQuery query, int next, int pages, FaultKind? fault)
    {
        var last = options.Intercom.LastPage;
        if (next == 0 && last is LastPageStyle.PagesEmpty or LastPageStyle.PagesNull or LastPageStyle.PagesAbsent)
        {
            to.Raw(last == LastPageStyle.PagesEmpty ? "\"pages\":{},"u8 : last == LastPageStyle.PagesNull ? "\"pages\":null,"u8 : ""u8);
            return;
        }

        to.Raw("\"pages\":{\"type\":\"pages\","u8);
        if (next > 0)
            to.Raw("\"next\":"u8).Raw(Encoding.UTF8.GetBytes(Next(context, query, next, fault))).Raw(","u8);
        else if (last != LastPageStyle.NextAbsent)
            to.Raw(last == LastPageStyle.NextEmptyObject ? "\"next\":{},"u8 : "\"next\":null,"u8);
        to.Raw("\"page\":"u8).Value(query.Page)
            .Raw(",\"per_page\":"u8).Value(query.PerPage)
            .Raw(",\"total_pages\":"u8).Value(pages)
            .Raw("},"u8);
    }

    private string Next(HttpContext context, IntercomQuery query, int next, FaultKind? fault)
    {
        if (options.Intercom.Next == NextPageStyle.StartingAfter)
            return string.Create(CultureInfo.InvariantCulture, $$"""{"per_page":{{query.PerPage}},"starting_after":"{{IntercomQuery.CursorTo(next)}}"}""");

        // The request's own parameters, with the page set.
        var request = context.Request;
        var parameters = request.Query
            .Where(p => p.Key is not ("page" or "per_page" or "starting_after"))
            .Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value.ToString())}")
            .Append(string.Create(CultureInfo.InvariantCulture, $"page={next}&per_page={query.PerPage}"));
        var origin = fault == FaultKind.NextForeignHost ? "http://api.intercom.test" : $"{request.Scheme}://{request.Host}{VendorSimulator.IntercomPath}";
        return JsonSerializer.Serialize($"{origin}{ListPath}?{string.Join('&', parameters)}", SimulationJson.Default.String);
    }

    private Task MeAsync(HttpContext context)
    {
        var settings = options.Intercom;
        return Answers.TextAsync(
            context,
            StatusCodes.Status200OK,
            "application/json; charset=utf-8",
            """{"type":"admin","id":"991267400","email":"admin0@acme.example","name":"Ciaran Lee","email_verified":true"""
            + $$""","app":{"type":"app","id_code":"{{settings.Workspace}}","name":"Acme """
            + $$"""(simulated)","region":"{{settings.Region}}","timezone":"Europe/Dublin","created_at":1546300800"""
            + ""","identity_verification":false},"has_inbox_seat":true}""");
    }

    private void RateHeaders(HttpContext context, RateWindow.Usage usage)
    {
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = _rate.Limit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = usage.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = usage.Reset.ToString(CultureInfo.InvariantCulture);
    }

    private Task RateLimitedAsync(HttpContext context) => ErrorAsync(
        context,
        StatusCodes.Status429TooManyRequests,
        "rate_limit_exceeded",
        string.Create(CultureInfo.InvariantCulture, $"Exceeded rate limit of {_rate.Limit} in 10_seconds"));

    private Task ErrorAsync(HttpContext context, int status, string code, string message, string? field = null)
    {
        var requestId = new Guid(Interlocked.Increment(ref _errors), 0, 0x4000, 0x80, 0, 0, 0, 0, 0, 0, 1);
        var fieldJson = field is null ? "" : $",\"field\":\"{field}\"";
        return Answers.TextAsync(
            context,
            status,
            "application/json; charset=utf-8",
            $$"""{"type":"error.list","request_id":"{{requestId}}","errors":[{"code":"{{code}}","message":"{{message}}"{{fieldJson}}}]}""");
    }
}
