using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ActivityConnector.Admin;
using ActivityConnector.Status;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActivityConnector.Tests.Admin.Page;

/// <summary>The page with answers that a test makes up: situations that are hard to bring about.</summary>
internal sealed class StubbedConnector : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = AdminServer.Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    private readonly WebApplication _server;

    private StubbedConnector(WebApplication server) => _server = server;

    public string Url => _server.Urls.First();

    public static async Task<StubbedConnector> StartAsync(ConnectorStatus status, IReadOnlyList<object>? events = null, IReadOnlyList<object>? letters = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.UseMiddleware<Access>(new AdminOptions());
        server.UseMiddleware<PageFiles>();
        server.MapGet("/api/v1/status", () => Results.Json(status, Json));
        server.MapGet("/api/v1/events", () => Results.Json(new { Events = events ?? [] }, Json));
        server.MapGet("/api/v1/dead-letters", () => Results.Json(new { DeadLetters = letters ?? [] }, Json));
        server.MapGet("/api/v1/stream", (CancellationToken stop) => TypedResults.ServerSentEvents(StreamAsync(status, stop)));
        await server.StartAsync();
        return new StubbedConnector(server);
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _server.StopAsync(atOnce.Token);
        await _server.DisposeAsync();
    }

    private static async IAsyncEnumerable<SseItem<string>> StreamAsync(ConnectorStatus status, [EnumeratorCancellation] CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            yield return new SseItem<string>(JsonSerializer.Serialize(status with { At = DateTimeOffset.UtcNow }, Json), "status");
        }
        while (await timer.WaitForNextTickAsync(stop));
    }
}
