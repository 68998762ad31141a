using System.Text;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Status;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityConnector.Admin;

/// <summary>
/// Pauses, resumes, polls and moves a source while the connector runs. Each change but a poll is in the journal as an audit event, at the latest when
/// it takes effect.
/// </summary>
internal static class SourceEndpoints
{
    public static void MapSources(this IEndpointRouteBuilder api)
    {
        var sources = api.MapGroup("/sources").WithTags("sources");
        sources.MapGet("", (ConnectorHost connector) => connector.Runners.Select(runner => runner.State)).WithSummary("The state of every source.");

        var one = sources.MapGroup("/{name}").ProducesProblem(StatusCodes.Status404NotFound);
        one.MapGet("", (string name, ConnectorHost connector) => Find(connector, name).State).WithSummary("The state of one source.");
        one.MapGet("/checkpoint", Checkpoint).WithSummary("The checkpoint without cursors, which are like secrets: 'checkpoint export' has them.");

        var changes = one.MapGroup("").ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        changes.MapPost("/run", RunAsync).WithSummary("Polls now, also where the vendor has refused.");
        changes.MapPut("/pause", PauseAsync).WithSummary("Ends the run that is under way and reads nothing until the source is resumed. Outlives a restart.");
        changes.MapPut("/resume", ResumeAsync).WithSummary("Reads on from the checkpoint.");
        changes.MapPatch("/checkpoint", MoveAsync).WithSummary("Moves a paused source to a time or a cursor.");
        changes.MapDelete("/checkpoint", ResetAsync).WithSummary(
            "Has a paused source read from its start again, once it is resumed. Cancels its open ranges, which the answer names.");
    }

    /// <summary>The source by its configured name, by the key under which the journal keeps it, or by its vendor when that has no other.</summary>
    /// <exception cref="UnknownSourceException">There is none, or more than one.</exception>
    public static SourceRunner Find(ConnectorHost connector, string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new BadHttpRequestException("The source is missing: give its name.");

        // A slash in a name comes as %2F, which the server leaves as it is.
        return SourceNames.One(connector.Runners, Uri.UnescapeDataString(name), SourceNames.NameOf);
    }

    private static ContentHttpResult Checkpoint(string name, ConnectorHost connector) =>
        TypedResults.Text(CheckpointWithoutCursors.Of(CheckpointText.Serialize(CheckpointOf(Find(connector, name)))).ToJsonString(), "application/json");

    private static async Task<SourceState> RunAsync(string name, ConnectorHost connector)
    {
        var runner = Find(connector, name);
        await connector.RunNowAsync(runner.Source.Name);
        return runner.State;
    }

    private static Task<SourceState> PauseAsync(
        string name, HttpContext context, ConnectorHost connector, TimeProvider time, CancellationToken cancellationToken)
    {
        var audit = Caller.Of(context, connector, time);
        return SetPausedAsync(name, connector, new Pause(audit.User, audit.Now), audit.Paused, cancellationToken);
    }

    private static Task<SourceState> ResumeAsync(
        string name, HttpContext context, ConnectorHost connector, TimeProvider time, CancellationToken cancellationToken) =>
        SetPausedAsync(name, connector, null, Caller.Of(context, connector, time).Resumed, cancellationToken);

    /// <summary>Sets the pause and tells of it in one commit; does nothing when it is so already.</summary>
    private static Task<SourceState> SetPausedAsync(
        string name, ConnectorHost connector, Pause? pause, Func<SourceKey, EcsEvent> told, CancellationToken cancellationToken) => ChangeAsync(
        name,
        connector,
        (collector, token) => collector.ChangeAsync(
            checkpoint => checkpoint.Paused is null == pause is null ? null : checkpoint with { Paused = pause },
            (_, after) => [told(after.Source)],
            token),
        cancellationToken);

    private static Task<SourceState> MoveAsync(
        string name, CheckpointMove move, HttpContext context, ConnectorHost connector, TimeProvider time, CancellationToken cancellationToken) => ChangeAsync(
        name,
        connector,
        (collector, token) =>
        {
            var audit = Caller.Of(context, connector, time);
            MovedCheckpoint Moved(Checkpoint checkpoint) => MovedCheckpoint.Of(checkpoint, move.Watermark, move.Cursor, audit.Now);
            return collector.ChangeAsync(
                checkpoint => Moved(OfPaused(checkpoint, Find(connector, name))).Checkpoint, (before, _) => [audit.Moved(before, Moved(before).To)], token);
        },
        cancellationToken);

    private static async Task<ResetSource> ResetAsync(
        string name, HttpContext context, ConnectorHost connector, TimeProvider time, CancellationToken cancellationToken)
    {
        IReadOnlyList<RangeProgress> cancelled = [];
        var state = await ChangeAsync(
            name,
            connector,
            async (collector, token) =>
            {
                var (audit, runner) = (Caller.Of(context, connector, time), Find(connector, name));
                var (before, after) = await collector.ChangeAsync(
                    checkpoint => RestartedCheckpoint.Of(OfPaused(checkpoint, runner), runner.Source.Options.FirstPosition(collector.Present), audit.Now),
                    (before, _) => [audit.Reset(before.Source, before)],
                    token);
                var open = before.OpenRanges.Select(range => range.Id).ToHashSet();
                cancelled = [.. after.Ranges?.Where(range => open.Contains(range.Id)).Select(range => RangeProgress.Of(runner.Source.Name, range)) ?? []];
            },
            cancellationToken);
        return new ResetSource(state, cancelled);
    }

    private static Checkpoint OfPaused(Checkpoint checkpoint, SourceRunner runner) => checkpoint.Paused is null
        ? throw new ChangeRefusedException($"{runner.Source.Name} is not paused.", "Pause it first, so that nothing is read meanwhile.")
        : checkpoint;

    /// <summary>Makes a change while no run is under way, then reads on.</summary>
    private static async Task<SourceState> ChangeAsync(
        string name, ConnectorHost connector, Func<Collector, CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        var runner = Find(connector, name);
        await connector.ChangeAsync(runner, runner.ChangeAsync(change, cancellationToken));
        return runner.State;
    }

    private static Checkpoint CheckpointOf(SourceRunner runner) => runner.Collector.Checkpoint
        ?? throw new ChangeRefusedException($"{runner.Source.Name} has not been read yet: it has no checkpoint.", "Wait for its first commit.");
}

/// <summary>Where a source is to resume; one of the two.</summary>
/// <param name="Watermark">For a source read by time (Intercom).</param>
/// <param name="Cursor">For a source read by cursor (Sequence).</param>
internal sealed record CheckpointMove(DateTimeOffset? Watermark, string? Cursor);

/// <summary>What became of a reset.</summary>
/// <param name="Source">It is still paused.</param>
/// <param name="CancelledRanges">What operators had asked to be read, and is read no more.</param>
internal sealed record ResetSource(SourceState Source, IReadOnlyList<RangeProgress> CancelledRanges);
