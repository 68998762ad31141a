using System.Net;
using System.Text;
using System.Text.Json;

namespace ActivityConnector.Tests.Sources;

/// <summary>A vendor that answers from a script, in order. An unexpected request fails at once, an unused answer in <see cref="AssertDone"/>.</summary>
internal sealed class ScriptedVendor(TimeProvider clock) : HttpMessageHandler
{
    private readonly Dictionary<string, string> _last = [];
    private bool _hasShownNone;
    private readonly Queue<(string Path, Func<HttpRequestMessage, HttpResponseMessage> Answer)> _script = new();

    public List<SentRequest> Sent { get; } = [];

    /// <summary>What the vendor's clock shows more than the test's.</summary>
    public TimeSpan Skew { get; set; }

    public ScriptedVendor Answer(
        string body, int status = 200, string type = "application/json", string path = "", params (string Name, string Value)[] headers) =>
        Answer(_ => Response(status, new StringContent(body, Encoding.UTF8, type), headers), path);

    public ScriptedVendor Answer(Func<HttpRequestMessage, HttpResponseMessage> answer, string path = "")
    {
        _script.Enqueue((path, answer));
        return this;
    }

    public ScriptedVendor Throws(Exception e) => Answer(_ => throw e);

    public HttpResponseMessage Response(int status, HttpContent content, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = content };
        response.Headers.Date = clock.GetUtcNow() + Skew;
        foreach (var (name, value) in headers)
        {
            response.Headers.Remove(name);
            if (value.Length > 0) response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    public void AssertDone() => Assert.Empty(_script);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsForOtherEnd(request) is { } walked)
        {
            _hasShownNone = !_hasShownNone && !_last.ContainsKey(walked);
            return Response(200, new StringContent($$"""{"items":[{{_last.GetValueOrDefault(walked)}}],"pagination":{} }"""));
        }

        _hasShownNone = false;
        Sent.Add(SentRequest.Of(request, clock.GetUtcNow()));
        if (!_script.TryDequeue(out var next)) throw new InvalidOperationException($"Unexpected request: {request.RequestUri}");
        if (!request.RequestUri!.PathAndQuery.Contains(next.Path, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Expected a request with '{next.Path}', got {request.RequestUri}");
        }

        var response = next.Answer(request);
        if (response.Content is StringContent content && ListedIn(await content.ReadAsStringAsync(cancellationToken)) is [.., var last])
        {
            _last[Asks(request, "DESC") ? "DESC" : "ASC"] = last;
        }

        return response;
    }

    /// <summary>
    /// The first record of the other order, asked for at the end of a walk, is the last one of the walk: the order of that. A script has it only where a
    /// test is about it.
    /// </summary>
    private string? IsForOtherEnd(HttpRequestMessage request) => request.RequestUri!.Query switch
    {
        _ when _script.TryPeek(out var scripted) && scripted.Path.StartsWith("sortOrder", StringComparison.Ordinal) && Asks(request, scripted.Path) => null,
        "?sortOrder=DESC&limit=1" => "ASC",
        _ when _hasShownNone && Asks(request, "sortOrder=DESC&limit=") => "ASC",
        "?sortOrder=ASC&limit=1" when _last.ContainsKey("DESC") => "DESC",
        _ => null,
    };

    private static bool Asks(HttpRequestMessage request, string text) => request.RequestUri!.Query.Contains(text, StringComparison.Ordinal);

    /// <summary>The records of a list; none where it is not one.</summary>
    private static List<string> ListedIn(string body)
    {
        try
        {
            using var page = JsonDocument.Parse(body);
            return [.. page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText())];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [];
        }
    }
}

/// <summary>What went over the wire.</summary>
internal sealed record SentRequest(Uri Uri, string? Authorization, string Headers, DateTimeOffset At)
{
    public string this[string parameter] => Uri.Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2))
        .Where(p => p[0] == parameter).Select(p => System.Uri.UnescapeDataString(p[1])).SingleOrDefault() ?? "";

    public static SentRequest Of(HttpRequestMessage request, DateTimeOffset at) =>
        new(request.RequestUri!, request.Headers.Authorization?.ToString(), request.Headers.ToString(), at);
}
