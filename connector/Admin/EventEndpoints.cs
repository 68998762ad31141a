using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Admin;

/// <summary>The events that were committed last.</summary>
internal static class EventEndpoints
{
    private const int MostListed = 500;

    public static void MapEvents(this IEndpointRouteBuilder api) => api.MapGet("/events", ListAsync)
        .WithTags("events")
        .WithSummary("The events that were committed last and that hold a text, newest first. Looks at the last 50,000 events of the journal.")
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .RequireRateLimiting(AdminServer.JournalReads);

    /// <summary>An event as the API shows it.</summary>
    public static ListedEvent Listed(JournalEvent e) =>
        new(e.Position, e.Source.ToString(), e.Id, e.Time, e.CommittedAt, e.TraceId, JsonSerializer.Deserialize<JsonObject>(e.Json.Span)!);

    private static async Task<EventList> ListAsync(
        RunningJournal journal, CancellationToken cancellationToken,
        string? search = null, string? source = null, DateTimeOffset? since = null, DateTimeOffset? until = null, int limit = 50)
    {
        await using var view = await journal.ViewAsync(cancellationToken);
        var filter = new EventFilter { Source = await journal.FilterAsync(view, source, cancellationToken), Since = since, Until = until };
        var events = await view.LatestAsync(filter, string.IsNullOrEmpty(search) ? null : search, Math.Clamp(limit, 1, MostListed), cancellationToken);
        return new EventList([.. events.Select(Listed)]);
    }
}

/// <summary>Some of the events.</summary>
internal sealed record EventList(IReadOnlyList<ListedEvent> Events);

/// <summary>An event of the journal.</summary>
/// <param name="Event">The flat ECS event.</param>
internal sealed record ListedEvent(
    long Position, string Source, string Id, DateTimeOffset Time, DateTimeOffset CommittedAt, string? TraceId, JsonObject Event);
