using System.Text;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Admin;

/// <summary>The dead letters: records that could not be delivered, each with its reason. Each change is in the journal as an audit event.</summary>
internal static class DeadLetterEndpoints
{
    private const int MostListed = 1_000;

    public static void MapDeadLetters(this IEndpointRouteBuilder api)
    {
        var letters = api.MapGroup("/dead-letters").WithTags("dead letters").ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .RequireRateLimiting(AdminServer.JournalReads);
        letters.MapGet("", ListAsync).WithSummary("The open ones, newest first; without the records themselves.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        letters.MapPost("/replay", ReplayAllAsync).WithSummary("Sends all that a sink refused to it again.").ProducesProblem(StatusCodes.Status409Conflict);

        letters.MapPost("/discard", DiscardAllAsync).WithSummary("Deletes all permanently, and says how many there were.");

        var one = letters.MapGroup("/{id}").ProducesProblem(StatusCodes.Status404NotFound);
        one.MapGet("", ShowAsync).WithSummary("All of one, with the record as it came.");
        one.MapPost("/replay", ReplayOneAsync).WithSummary("Sends it to the sink again.").ProducesProblem(StatusCodes.Status409Conflict);
        one.MapDelete("", DiscardOneAsync).WithSummary("Deletes it permanently.");
    }

    private static async Task<DeadLetterList> ListAsync(
        RunningJournal journal, CancellationToken cancellationToken,
        string? stage = null, string? source = null, int limit = 100)
    {
        var wanted = DeadLetterStages.Parse(stage);
        if (stage is not null && wanted is null)
        {
            var stages = string.Join(", ", Enum.GetValues<DeadLetterStage>().Select(s => s.Name()));
            throw new BadHttpRequestException($"There is no stage {stage}. There are: {stages}.");
        }

        await using var view = await journal.ViewAsync(cancellationToken);
        var filter = new EventFilter { Source = await journal.FilterAsync(view, source, cancellationToken) };
        var letters = await view.DeadLettersAsync(cancellationToken)
            .Where(letter => (wanted is null || letter.Stage == wanted) && filter.AcceptsSourceOf(letter))
            .Take(Math.Clamp(limit, 1, MostListed))
            .Select(letter => new ListedLetter(
                letter.Id, letter.Stage.Name(), letter.At, letter.Origin, letter.Reason, letter.OriginalLength))
            .ToListAsync(cancellationToken);
        return new DeadLetterList(letters);
    }

    private static async Task<ShownLetter> ShowAsync(
        string id, RunningJournal journal, CancellationToken cancellationToken)
    {
        await using var view = await journal.ViewAsync(cancellationToken);
        var letter = await FindAsync(view, id, cancellationToken);
        return new ShownLetter(
            letter.Id, letter.Stage.Name(), letter.At, letter.Origin, letter.Reason, letter.OriginalLength,
            Encoding.UTF8.GetString(letter.Body.Span));
    }

    private static Task<IReadOnlyList<ReplayedLetter>> ReplayAllAsync(
        HttpContext context, ConnectorHost connector, RunningJournal journal, TimeProvider time, CancellationToken cancellationToken) =>
        journal.ReplayAsync(null, Caller.Of(context, connector, time), cancellationToken);

    private static async Task<ReplayedLetter> ReplayOneAsync(
        string id, HttpContext context, ConnectorHost connector, RunningJournal journal, TimeProvider time, CancellationToken cancellationToken) =>
        (await journal.ReplayAsync(id, Caller.Of(context, connector, time), cancellationToken))[0];

    private static async Task<DiscardedLetters> DiscardAllAsync(
        HttpContext context, ConnectorHost connector, RunningJournal journal, TimeProvider time, CancellationToken cancellationToken) =>
        new(await journal.DiscardAsync(null, Caller.Of(context, connector, time), cancellationToken));

    private static async Task DiscardOneAsync(
        string id, HttpContext context, ConnectorHost connector, RunningJournal journal, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await journal.DiscardAsync(id, Caller.Of(context, connector, time), cancellationToken) == 0) throw None(id);
    }

    private static async Task<DeadLetter> FindAsync(IJournalView view, string id, CancellationToken cancellationToken) =>
        await view.DeadLetterAsync(id, cancellationToken)
        ?? throw None(id);

    private static NotFoundException None(string id) =>
        new($"There is no dead letter {id}.", "GET /api/v1/dead-letters lists those that are open.");
}

/// <param name="Count">How many were deleted.</param>
internal sealed record DiscardedLetters(int Count);

/// <summary>Some of the open dead letters.</summary>
internal sealed record DeadLetterList(IReadOnlyList<ListedLetter> DeadLetters);

/// <summary>A dead letter without its record.</summary>
/// <param name="Bytes">The length of the original.</param>
internal sealed record ListedLetter(string Id, string Stage, DateTimeOffset At, string Origin, string Reason, long Bytes);

/// <summary>A dead letter with its record.</summary>
/// <param name="Bytes">The length of the original.</param>
/// <param name="Record">The record as it came, at most its first 64 KiB.</param>
internal sealed record ShownLetter(string Id, string Stage, DateTimeOffset At, string Origin, string Reason, long Bytes, string Record);
