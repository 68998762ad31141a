using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using ActivityConnector.Status;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityConnector.Admin;

/// <summary>Server-sent events: <c>status</c> every two seconds with the state of everything, <c>events</c> with what was committed, as it is.</summary>
internal static class StreamEndpoint
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public static void MapStream(this IEndpointRouteBuilder api) => api.MapGet("/stream", Stream)
        .WithTags("events")
        .RequireRateLimiting(AdminServer.Streams)
        .WithSummary("Server-sent events: 'status' every two seconds, 'events' as they are committed.");

    private static ServerSentEventsResult<string> Stream(
        EventFeed feed, StatusReader reader, ConnectorHost connector, TimeProvider time, IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken) =>
        TypedResults.ServerSentEvents(ItemsAsync(feed, reader, connector, time, lifetime.ApplicationStopping, cancellationToken));

    private static async IAsyncEnumerable<SseItem<string>> ItemsAsync(
        EventFeed feed, StatusReader reader, ConnectorHost connector, TimeProvider time, CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        var items = Channel.CreateBounded<SseItem<string>>(1);
        var sending = Task.WhenAll(SendAsync(StatusAsync), SendAsync(EventsAsync));
        try
        {
            await foreach (var item in items.Reader.ReadAllAsync(end.Token)) yield return item;
        }
        finally
        {
            await end.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // A part that fails ends the stream: its reader would take what it saw last for the present.
        async Task SendAsync(Func<Task> part)
        {
            try
            {
                await part();
            }
            catch (Exception e)
            {
                items.Writer.TryComplete(e);
                throw;
            }
        }

        async Task StatusAsync()
        {
            using var timer = new PeriodicTimer(Every, time);
            do
            {
                await items.Writer.WriteAsync(Item("status", await reader.OfRunningAsync(connector, end.Token)), end.Token);
            }
            while (await timer.WaitForNextTickAsync(end.Token));
        }

        async Task EventsAsync()
        {
            await foreach (var events in feed.WatchAsync(end.Token)) await items.Writer.WriteAsync(Item("events", events), end.Token);
        }
    }

    private static SseItem<string> Item<T>(string type, T value) => new(JsonSerializer.Serialize(value, AdminServer.Json), type);
}
