using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>Stands before a server, passes everything on, and tells a test how many bulk requests have come: so kills fall into the middle of them.</summary>
internal sealed class BulkProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly string _target;
    private readonly Lock _gate = new();
    private readonly List<(long At, TaskCompletionSource Seen)> _awaited = [];
    private long _bulks;

    private BulkProxy(string target)
    {
        _target = target;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _app = builder.Build();
        _app.Run(PassOnAsync);
    }

    public string Url => _app.Urls.First();

    public static async Task<BulkProxy> StartAsync(string target)
    {
        var proxy = new BulkProxy(target);
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Completes when so many more bulk requests have come in.</summary>
    public Task MoreAsync(int count)
    {
        lock (_gate)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((_bulks + count, seen));
            return seen.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task PassOnAsync(HttpContext http)
    {
        if (http.Request.Path == "/_bulk") Count();

        try
        {
            using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), _target + http.Request.Path + http.Request.QueryString);
            if (http.Request.ContentType is { } type)
            {
                request.Content = new StreamContent(http.Request.Body);
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
            http.Response.StatusCode = (int)response.StatusCode;
            http.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            await response.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            http.Abort();
        }
    }

    private void Count()
    {
        lock (_gate)
        {
            _bulks++;
            foreach (var (_, seen) in _awaited.Where(a => a.At <= _bulks)) seen.TrySetResult();
        }
    }
}
