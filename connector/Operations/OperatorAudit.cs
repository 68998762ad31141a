using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Operations;

/// <summary>
/// Tells of the changes that an operator makes, an audit event each: the same over the API and on the command line. No text holds a cursor.
/// </summary>
/// <param name="User">Who says they do it.</param>
/// <param name="Address">From where; null = from this machine.</param>
/// <param name="Agent">The connector whose journal is changed.</param>
/// <param name="Now">When, by the host's clock.</param>
internal sealed record OperatorAudit(string User, string? Address, AgentIdentity Agent, DateTimeOffset Now)
{
    /// <summary>Who is meant where no name is given.</summary>
    public const string Unnamed = "unnamed";

    private const int MostNamed = 20;

    public EcsEvent Paused(SourceKey source) => Event("source-paused", $"{source}", $"{User} paused {source}.", "running", "paused");

    public EcsEvent Resumed(SourceKey source) => Event("source-resumed", $"{source}", $"{User} resumed {source}.", "paused", "running");

    /// <param name="to">Where it then stands, without a cursor.</param>
    public EcsEvent Moved(Checkpoint old, string to) =>
        Event("checkpoint-moved", $"{old.Source}", $"{User} moved {old.Source} to {to}.", PlaceOf(old), to);

    /// <param name="old">Null when it had none that can be read.</param>
    public EcsEvent Reset(SourceKey source, Checkpoint? old) => Event(
        "checkpoint-reset", $"{source}", $"{User} reset {source}: it is read from its start again.", old is null ? null : PlaceOf(old), "the start");

    public EcsEvent Imported(Checkpoint imported) => Event(
        "checkpoint-imported", $"{imported.Source}", $"{User} imported the checkpoint of {imported.Source}.", null, PlaceOf(imported));

    public EcsEvent Accepted(SourceKey source, SuspectRange gap) => Event(
        "gap-accepted", $"{source}", $"{User} accepted that {gap} of {source} may stay incomplete.", "tried again", $"{gap}");

    /// <summary>Nothing when the range was asked for before: then nothing is changed.</summary>
    public IReadOnlyList<EcsEvent> Started(RangeRequest request, Checkpoint after) => after.Ranges?.Any(range => range.Id == request.Id) == true
        ? [Event($"{request.Kind.Name()}-started", $"{after.Source}", $"{User} asked for a {request.Kind.Name()} of {after.Source}.", null, request.Span)]
        : [];

    public EcsEvent Cancelled(Checkpoint before, string id)
    {
        var (source, range) = (before.Source, before.OpenRanges.First(range => range.Id == id));
        return Event($"{range.Kind.Name()}-cancelled", $"{source}", $"{User} cancelled the {range.Kind.Name()} {id} of {source}.", range.Span, null);
    }

    /// <param name="origin">What they are of, as they say it themselves.</param>
    public EcsEvent Replayed(string origin, IReadOnlyList<string> ids) => OfLetters("dead-letters-replayed", "sent", "to the sink again", origin, ids);

    /// <inheritdoc cref="Replayed"/>
    public EcsEvent Discarded(string origin, IReadOnlyList<string> ids) => OfLetters("dead-letter-discarded", "deleted", "permanently", origin, ids);

    private static string PlaceOf(Checkpoint checkpoint) =>
        $"number {checkpoint.Sequence}, read up to {(checkpoint.Position.Reached is { } reached ? UtcText.Of(reached) : "nothing")}";

    private EcsEvent OfLetters(string action, string done, string how, string origin, IReadOnlyList<string> ids) => Event(
        action,
        origin,
        $"{User} {done} {CountText.Of(ids.Count, "dead letter")} of {origin} {how}.",
        string.Join(", ", ids.Take(MostNamed)) + (ids.Count > MostNamed ? $" and {ids.Count - MostNamed} more" : ""),
        null);

    private EcsEvent Event(string action, string target, string message, string? before, string? after) => new AuditEvent
    {
        Id = Guid.NewGuid(),
        Time = Now,
        Action = action,
        Message = message,
        Target = target,
        User = User,
        Address = Address,
        Before = before,
        After = after,
        Agent = Agent,
    }.ToEvent();
}
