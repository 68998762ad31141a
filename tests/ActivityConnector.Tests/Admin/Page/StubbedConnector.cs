using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ActivityConnector.Admin;
using ActivityConnector.Status;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Admin.Page;

/// <summary>The page with answers that a test makes up: situations that are hard to bring about.</summary>
internal sealed class StubbedConnector : IAsyncDisposable
{
    private readonly WebApplication _server;

    private StubbedConnector(WebApplication server) => _server = server;

    public string Url => _server.Urls.First();

    public static async Task<StubbedConnector> StartAsync(ConnectorStatus status, EventList? events = null, DeadLetterList? letters = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.UseMiddleware<Access>(new AdminOptions());
        server.UseMiddleware<PageFiles>();
        server.MapGet("/api/v1/status", () => Results.Json(status, AdminServer.Json));
        server.MapGet("/api/v1/events", () => Results.Json(events ?? new([]), AdminServer.Json));
        server.MapGet("/api/v1/dead-letters", () => Results.Json(letters ?? new([]), AdminServer.Json));
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

    /// <summary>The same situation, with numbers that have more and fewer digits from time to time.</summary>
    private static ConnectorStatus Later(ConnectorStatus status, int number) => status with
    {
        At = TimeProvider.System.GetUtcNow(),
        Sources =
        [
            .. status.Sources.Select(source => source with
            {
                LagSeconds = source.LagSeconds + (number * 7),
                EventsPerMinute = source.EventsPerMinute * (number + 1) * 10,
                Quota = source.Quota is { } quota ? quota with { Remaining = Math.Max(0, quota.Remaining - (number * 3_000)) } : null,
            }),
        ],
    };

    private static async IAsyncEnumerable<SseItem<string>> StreamAsync(ConnectorStatus status, [EnumeratorCancellation] CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var number = 0; number == 0 || await timer.WaitForNextTickAsync(stop); number++)
        {
            yield return new SseItem<string>(JsonSerializer.Serialize(Later(status, number), AdminServer.Json), "status");
        }
    }
}
