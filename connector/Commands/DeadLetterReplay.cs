using System.CommandLine;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary><c>dlq replay</c>: sends events that Elasticsearch refused again, after the cause was fixed.</summary>
internal static class DeadLetterReplay
{
    private const int IdDigits = 40;

    public static Command Create(Shell shell)
    {
        var id = new Argument<string?>("ID") { Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All that Elasticsearch refused." };
        var command = new Command("replay", "Sends one or all that Elasticsearch refused to it again; what it takes is a dead letter no more.") { id, all };
        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is null == !result.GetValue(all)) result.AddError("Give an ID, or --all.");
        });
        command.SetAction((parse, cancellationToken) => RunAsync(shell, parse, parse.GetValue(id), cancellationToken));
        return shell.WithoutResults(command);
    }

    private static async Task<int> RunAsync(Shell shell, ParseResult parse, string? id, CancellationToken cancellationToken)
    {
        SetupElasticsearch.Options(shell, parse);
        var options = shell.ValidOptions(parse, "Journal", "Kafka", "Elasticsearch", "Transform");
        await using var journal = await ConfiguredJournal.OperateAsync(options, make: false, shell.Terminal.Clock, cancellationToken);
        await using var view = await ConfiguredJournal.ViewAsync(options, shell.Terminal.Clock, cancellationToken);
        var events = await EventsAsync(view, await LettersAsync(view, id, cancellationToken), shell.Terminal, cancellationToken);

        using var logs = OperatorLog.Create(shell.Terminal.Clock);
        await using var sink = ConfiguredSink.Open(options, ConfiguredSink.Patience, shell.Terminal.Clock, logs);
        await sink.PrepareAsync(cancellationToken);
        var (taken, kept) = (0, 0);
        foreach (var batch in events.Chunk(sink.BatchSize))
        {
            var result = await sink.WriteAsync(batch, cancellationToken);
            var notTaken = result.Refused.ToDictionary(r => r.Event.Id, r => r.Reason);
            foreach (var waiting in result.Waiting?.Events ?? []) notTaken[waiting.Id] = result.Waiting!.Cause;

            foreach (var e in batch)
            {
                // What was left out is somewhere among them: none of them is given up for it.
                if (notTaken.TryGetValue(e.Id, out var reason) || result.LeftOut > 0)
                {
                    shell.Terminal.WriteError($"{e.Id} stays: {reason ?? "it, or another one sent with it, was left out"}.");
                    kept++;
                }
                else
                {
                    await journal.DiscardDeadLetterAsync(e.Id, cancellationToken);
                    taken++;
                }
            }
        }

        shell.Terminal.WriteLine($"{taken} taken, {kept} not taken.");
        return kept == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static async Task<List<DeadLetter>> LettersAsync(IJournalView view, string? id, CancellationToken cancellationToken)
    {
        if (id is not null)
        {
            var one = await view.DeadLetterAsync(id, cancellationToken) ?? throw new CommandFailedException(ExitCodes.Failed, $"There is no dead letter {id}.");
            return one.Stage == DeadLetterStage.Index
                ? [one]
                : throw new CommandFailedException(ExitCodes.Failed, $"{id} never became an event, so it cannot be sent again: {one.Reason}.");
        }

        return await view.DeadLettersAsync(cancellationToken).Where(l => l.Stage == DeadLetterStage.Index).ToListAsync(cancellationToken);
    }

    /// <summary>The events: out of the letters, or, where a letter holds only their beginning, out of the journal as long as it still has them.</summary>
    private static async Task<List<JournalEvent>> EventsAsync(
        IJournalView view, List<DeadLetter> letters, Terminal terminal, CancellationToken cancellationToken)
    {
        var whole = new List<JournalEvent>();
        foreach (var letter in letters.Where(l => l.OriginalLength == l.Body.Length))
        {
            if (Event(letter) is { } e)
            {
                whole.Add(e);
            }
            else
            {
                terminal.WriteError($"{letter.Id} stays: it is no event.");
            }
        }

        var cut = letters.Where(l => l.OriginalLength != l.Body.Length).Select(l => l.Id).ToHashSet();
        if (cut.Count > 0)
        {
            await foreach (var e in view.EventsAsync(new EventFilter(), follow: null, cancellationToken))
            {
                if (cut.Remove(e.Id)) whole.Add(e);
            }
        }

        LeftOut.Write(view, terminal);
        foreach (var lost in cut)
        {
            terminal.WriteError($"{lost} stays: it is too large for its dead letter, and the journal has the event no more (Journal:Retention).");
        }

        return whole;
    }

    /// <summary>Null for what a stranger wrote where events or dead letters are kept.</summary>
    private static JournalEvent? Event(DeadLetter letter)
    {
        if (letter.Id.Length != IdDigits || !letter.Id.All(char.IsAsciiHexDigitLower) || FlatEvent.Trouble(letter.Body.Span) is not null
            || SourceKey.TryParse(letter.Origin) is not { IsValid: true } source || !Vendor.Names.Contains(source.Source))
        {
            return null;
        }

        using var json = JsonDocument.Parse(letter.Body);
        return json.RootElement.GetProperty("@timestamp").TryGetDateTimeOffset(out var at) ? new(0, source, letter.Id, at, null, letter.At, letter.Body) : null;
    }
}
