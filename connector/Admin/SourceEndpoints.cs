using System.Text;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Transforms;
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
            "Forgets where a paused source stands, with its pause and its open ranges: it is read from its start again at once.");
    }

    /// <summary>The source by its configured name, or by the key under which the journal keeps it.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public static SourceRunner Find(ConnectorHost connector, string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new BadHttpRequestException("The source is missing: give its name.");

        // A slash in a name comes as %2F, which the server leaves as it is.
        name = Uri.UnescapeDataString(name);
        return connector.Runners.FirstOrDefault(runner => runner.Source.Name == name)
            ?? connector.Runners.FirstOrDefault(runner => runner.State.Key == name)
            ?? throw new NotFoundException(
                $"There is no source {name}.",
                $"The sources are: {(connector.Runners.Count == 0 ? "none" : string.Join(", ", connector.Runners.Select(runner => runner.Source.Name)))}.");
    }

    /// <summary>Commits an event that tells of a change which is made in another way, and returns the checkpoint it was committed with.</summary>
    public static async Task<Checkpoint> AuditAsync(Collector collector, AuditEvent audit, CancellationToken cancellationToken) =>
        (await collector.ChangeAsync(checkpoint => checkpoint, (_, _) => [audit.ToEvent()], cancellationToken)).After;

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
        var (caller, now) = (Caller.Of(context), time.GetUtcNow());
        return SetPausedAsync(name, connector, new Pause(caller.Name, now), source => caller.Audit(
            connector, now, "source-paused", source, $"{caller.Name} paused {source}.", "running", "paused"), cancellationToken);
    }

    private static Task<SourceState> ResumeAsync(
        string name, HttpContext context, ConnectorHost connector, TimeProvider time, CancellationToken cancellationToken)
    {
        var (caller, now) = (Caller.Of(context), time.GetUtcNow());
        return SetPausedAsync(name, connector, null, source => caller.Audit(
            connector, now, "source-resumed", source, $"{caller.Name} resumed {source}.", "paused", "running"), cancellationToken);
    }

    /// <summary>Sets the pause and tells of it in one commit; does nothing when it is so already.</summary>
    private static Task<SourceState> SetPausedAsync(
        string name, ConnectorHost connector, Pause? pause, Func<string, AuditEvent> audit, CancellationToken cancellationToken) => ChangeAsync(
        name,
        connector,
        async (collector, token) =>
        {
            if (collector.Checkpoint is { } current && current.Paused is null == pause is null) return;

            await collector.ChangeAsync(
                checkpoint => checkpoint with { Paused = pause }, (_, after) => [audit(after.Source.ToString()).ToEvent()], token);
        },
        cancellationToken);

    private static Task<SourceState> MoveAsync(
        string name, CheckpointMove move, HttpContext context, ConnectorHost connector, RunningJournal journal, TimeProvider time,
        CancellationToken cancellationToken) => ChangePausedAsync(
        name,
        connector,
        async (collector, old, token) =>
        {
            var (caller, now) = (Caller.Of(context), time.GetUtcNow());
            var moved = MovedCheckpoint.Of(old, move.Watermark, move.Cursor, now);
            var (source, message) = (old.Source.ToString(), $"{caller.Name} moved {old.Source} to {moved.To}.");
            var current = await AuditAsync(collector, caller.Audit(connector, now, "checkpoint-moved", source, message, PlaceOf(old), moved.To), token);

            // Of what is in the journal now, because another program may have changed it.
            moved = MovedCheckpoint.Of(current, move.Watermark, move.Cursor, now);
            var written = moved.Checkpoint with { CommittedAt = now, Writer = new CheckpointWriter(ConnectorHost.Version, caller.Name) };
            await collector.ReleaseAsync(() => journal.SetAsync(old.Source, written, token), token);
        },
        cancellationToken);

    private static Task<SourceState> ResetAsync(
        string name, HttpContext context, ConnectorHost connector, RunningJournal journal, TimeProvider time, CancellationToken cancellationToken) =>
        ChangePausedAsync(
            name,
            connector,
            async (collector, old, token) =>
            {
                var (caller, now) = (Caller.Of(context), time.GetUtcNow());
                var (source, message) = (old.Source.ToString(), $"{caller.Name} reset {old.Source}: it is read from its start again.");
                await AuditAsync(collector, caller.Audit(connector, now, "checkpoint-reset", source, message, PlaceOf(old), "the start"), token);
                await collector.ReleaseAsync(() => journal.ResetAsync(old.Source, token), token);
            },
            cancellationToken);

    private static Task<SourceState> ChangePausedAsync(
        string name, ConnectorHost connector, Func<Collector, Checkpoint, CancellationToken, Task> change, CancellationToken cancellationToken) => ChangeAsync(
        name,
        connector,
        (collector, token) => CheckpointOf(Find(connector, name)) is { Paused: not null } checkpoint
            ? change(collector, checkpoint, token)
            : throw new ChangeRefusedException($"{Find(connector, name).Source.Name} is not paused.", "Pause it first, so that nothing is read meanwhile."),
        cancellationToken);

    /// <summary>Makes a change while no run is under way, then reads on.</summary>
    private static async Task<SourceState> ChangeAsync(
        string name, ConnectorHost connector, Func<Collector, CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        var runner = Find(connector, name);
        try
        {
            await runner.ChangeAsync(change, cancellationToken);
        }
        finally
        {
            // Also when it is refused: the run that was under way has ended for it.
            await connector.RunNowAsync(runner.Source.Name);
        }

        return runner.State;
    }

    private static Checkpoint CheckpointOf(SourceRunner runner) => runner.Collector.Checkpoint
        ?? throw new ChangeRefusedException($"{runner.Source.Name} has not been read yet: it has no checkpoint.", "Wait for its first commit.");

    /// <summary>Where it stands, without a cursor.</summary>
    private static string PlaceOf(Checkpoint checkpoint) =>
        $"number {checkpoint.Sequence}, read up to {(checkpoint.Position.Reached is { } reached ? UtcText.Of(reached) : "nothing")}";
}

/// <summary>Where a source is to resume; one of the two.</summary>
/// <param name="Watermark">For a source read by time (Intercom).</param>
/// <param name="Cursor">For a source read by cursor (Sequence).</param>
internal sealed record CheckpointMove(DateTimeOffset? Watermark, string? Cursor);
