using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Sequence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Sources;

/// <summary>The source as the composition root makes it, over loopback: what only a real connection shows.</summary>
public sealed class NetworkTests : IAsyncLifetime
{
    private readonly WebApplication _server;
    private readonly List<Dictionary<string, string>> _seen = [];
    private readonly List<string> _paths = [];
    private RequestDelegate _answer = _ => Task.CompletedTask;

    public NetworkTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(context =>
        {
            _seen.Add(context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)); // the server reuses its own
            _paths.Add(context.Request.Path);
            return _answer(context);
        });
    }

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_compressed_page_is_read_and_the_vendor_sees_no_trace_of_ours()
    {
        _answer = async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.ContentType = "application/json";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(VendorJson.Items(null, VendorJson.Item("a", DateTimeOffset.UnixEpoch))));
        };
        using var ours = new Activity("poll").Start();

        var ids = new List<string>();
        await foreach (var batch in NewSource().ReadAsync(null, default)) ids.AddRange(ReadBatch.Of(batch, default).Ids);

        Assert.Equal(["a"], ids);
        var headers = _seen[0];
        Assert.All(_seen, seen => Assert.False(seen.ContainsKey("traceparent")));
        Assert.False(headers.ContainsKey("traceparent"));
        Assert.False(headers.ContainsKey("Cookie"));
        Assert.Contains("gzip", headers["Accept-Encoding"], StringComparison.Ordinal);
        Assert.Equal("2024-07-30", headers["Sequence-Version"]);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _answer = context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<SourceRefusedException>(async () => await NewSource().IdentifyAsync(default));

        Assert.Contains("redirect", error.Message, StringComparison.Ordinal);
        Assert.Equal(["/api/activity-logs"], _paths);
    }

    [Fact]
    public async Task A_cancelled_read_ends_at_once()
    {
        using var cancel = new CancellationTokenSource();
        _answer = async context =>
        {
            await cancel.CancelAsync();
            // Ends when the client has gone.
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await NewSource().IdentifyAsync(cancel.Token));
    }

    private SequenceSource NewSource() => SequenceSource.Create(
        new SequenceOptions { BaseUrl = _server.Urls.Single() + "/api", ClientId = "i", ClientSecret = "s" },
        TimeProvider.System,
        new Random(1),
        NullLoggerFactory.Instance);
}
