using System.CommandLine;
using ActivityConnector.Operations;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>dlq replay</c>: sends events that Elasticsearch refused again, after the cause was fixed.</summary>
internal static class DeadLetterReplayCommand
{
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
        return command;
    }

    private static async Task<int> RunAsync(Shell shell, ParseResult parse, string? id, CancellationToken cancellationToken)
    {
        SetupElasticsearch.Options(shell, parse);
        var options = shell.ValidOptions(parse, "Journal", "Kafka", "Elasticsearch", "Transform", "Admin");
        IReadOnlyList<ReplayedLetter> results;
        if (await RunningConnector.FindAsync(options, shell.Terminal, cancellationToken) is { } running)
        {
            using (running) results = await running.ReplayDeadLettersAsync(id, cancellationToken);
        }
        else
        {
            await using var journal = await ConfiguredJournal.OperateAsync(options, make: false, shell.Terminal.Clock, cancellationToken);
            await using var view = await ConfiguredJournal.ViewAsync(options, shell.Terminal.Clock, cancellationToken);
            using var logs = OperatorLog.Create(shell.Terminal.Clock);
            await using var sink = ConfiguredSink.Open(options, ConfiguredSink.Patience, shell.Terminal.Clock, logs);
            var replay = new DeadLetterReplay(view, journal, sink);
            results = id is null ? await replay.AllAsync(cancellationToken) : [await replay.OneAsync(id, cancellationToken)];
            LeftOut.Write(view, shell.Terminal);
        }

        foreach (var letter in results.Where(letter => letter.Reason is not null)) shell.Terminal.WriteError($"{letter.Id} stays: {letter.Reason}.");

        var kept = results.Count(letter => letter.Reason is not null);
        shell.Terminal.WriteLine($"{results.Count - kept} taken, {kept} not taken.");
        return kept == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }
}
