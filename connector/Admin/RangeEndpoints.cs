using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Status;

namespace ActivityConnector.Admin;

/// <summary>Ranges of time that are read beside the live records: backfills and sweeps on demand. Each change is in the journal with its audit event.</summary>
internal static class RangeEndpoints
{
    public static void MapRanges(this IEndpointRouteBuilder api)
    {
        Map(api.MapGroup("/backfills").WithTags("backfills"), RangeKind.Backfill);
        Map(api.MapGroup("/sweeps").WithTags("sweeps"), RangeKind.Sweep);
    }

    private static void Map(RouteGroupBuilder ranges, RangeKind kind)
    {
        ranges.MapGet("", (ConnectorHost connector) => All(connector, kind)).WithSummary("The ranges that were asked for, with their progress.");
        ranges.MapGet("/{id}", (string id, ConnectorHost connector) => Find(connector, kind, id).Range)
            .WithSummary("One range with its progress.")
            .ProducesProblem(StatusCodes.Status404NotFound);

        var changes = ranges.MapGroup("")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        changes.MapPost(
            "",
            (AskedRange asked, HttpContext context, ConnectorHost connector, TimeProvider time, CancellationToken cancellationToken) =>
                StartAsync(kind, asked, context, connector, time, cancellationToken)).WithSummary("Asks for a range of time; the same one again is that one.");
        changes.MapDelete(
            "/{id}",
            (string id, HttpContext context, ConnectorHost connector, TimeProvider time, CancellationToken cancellationToken) =>
                CancelAsync(kind, id, context, connector, time, cancellationToken)).WithSummary("Ends a range where it stands; what it brought stays.");
    }

    private static async Task<RangeProgress> StartAsync(
        RangeKind kind, AskedRange asked, HttpContext context, ConnectorHost connector, TimeProvider time, CancellationToken cancellationToken)
    {
        var (runner, audit) = (SourceEndpoints.Find(connector, asked.Source), Caller.Of(context, connector, time));
        var request = new RangeRequest(RangeRequest.NewId(), kind, Second(asked.From), Second(asked.To)) { PublishesAgain = asked.PublishAgain };
        var change = runner.AskAsync(request, (_, after) => audit.Started(request, after), cancellationToken);
        await connector.ChangeAsync(runner, change);
        return RangeProgress.Of(runner.Source.Name, await change);
    }

    private static async Task<RangeProgress> CancelAsync(
        RangeKind kind, string id, HttpContext context, ConnectorHost connector, TimeProvider time, CancellationToken cancellationToken)
    {
        var (runner, _) = Find(connector, kind, id);
        var audit = Caller.Of(context, connector, time);
        var change = runner.CancelAsync(id, (before, _) => [audit.Cancelled(before, id)], cancellationToken);
        await connector.ChangeAsync(runner, change);
        return RangeProgress.Of(runner.Source.Name, await change);
    }

    private static IEnumerable<RangeProgress> All(ConnectorHost connector, RangeKind kind) => connector.Runners.SelectMany(
        runner => runner.Ranges.Where(range => range.Kind == kind).Select(range => RangeProgress.Of(runner.Source.Name, range)));

    private static (SourceRunner Runner, RangeProgress Range) Find(ConnectorHost connector, RangeKind kind, string id)
    {
        foreach (var runner in connector.Runners)
        {
            if (runner.Ranges.FirstOrDefault(r => r.Kind == kind && r.Id == id) is { } range) return (runner, RangeProgress.Of(runner.Source.Name, range));
        }

        throw new NotFoundException($"There is no {kind.Name()} {id}.", $"'backfill status' shows all of them, and so does /api/v1/{kind.Name()}s.");
    }

    private static DateTimeOffset Second(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}

/// <summary>What is asked for.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="From">Records of this time or later.</param>
/// <param name="To">Records before this time.</param>
/// <param name="PublishAgain">Also where a journal in Kafka may have forgotten what was collected of it: that is published a second time.</param>
internal sealed record AskedRange(string Source, DateTimeOffset From, DateTimeOffset To, bool PublishAgain = false);
