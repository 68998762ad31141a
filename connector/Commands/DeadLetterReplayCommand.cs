using System.CommandLine;
using ActivityConnector.Configuration;
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
        return shell.WithoutResults(command);
    }

    private static async Task<int> RunAsync(Shell shell, ParseResult parse, string? id, CancellationToken cancellationToken)
    {
        var options = shell.ValidOptions(parse, "Journal", "Kafka", "Elasticsearch", "Transform", "Admin");
        if (id is not null) await CheckAsync(options, id, shell.Terminal.Clock, cancellationToken);

        SetupElasticsearch.Options(shell, parse);
        using var running = await RunningConnector.FindAsync(options, shell.Terminal, cancellationToken);
        if (running is not null)
        {
            var results = await running.ReplayDeadLettersAsync(id, cancellationToken);
            return Write(shell.Terminal, results, results.Count);
        }

        await using var journal = await ConfiguredJournal.OperateAsync(options, make: false, shell.Terminal.Clock, cancellationToken);
        await using var view = await ConfiguredJournal.ViewAsync(options, shell.Terminal.Clock, cancellationToken);
        using var logs = OperatorLog.Create(shell.Terminal);
        await using var sink = ConfiguredSink.Open(options, ConfiguredSink.Patience, shell.Terminal.Clock, logs);
        var audit = CommandJournal.Audit(options, journal, shell.Terminal.Clock);
        var replay = new DeadLetterReplay(view, new(view, journal, audit.Replayed), sink);
        try
        {
            await using var progress = Progress.Start(
                shell.Terminal,
                "dead letters sent",
                () => new(replay.Results.Count, replay.Results.Count / (double)Math.Max(1, replay.Total)),
                logs.CreateLogger<Progress>());
            _ = id is null ? await replay.AllAsync(cancellationToken) : [await replay.OneAsync(id, cancellationToken)];
        }
        catch (OperationCanceledException)
        {
            Write(shell.Terminal, replay.Results, replay.Total);
            throw;
        }

        LeftOut.Write(view, shell.Terminal);
        return Write(shell.Terminal, replay.Results, replay.Total);
    }

    /// <summary>Before anything is asked of a sink, which one that cannot be sent does not need.</summary>
    private static async Task CheckAsync(ConnectorOptions options, string id, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var view = await ConfiguredJournal.ViewAsync(options, clock, cancellationToken);
        await DeadLetterReplay.FindAsync(view, id, cancellationToken);
    }

    private static int Write(Terminal terminal, IReadOnlyList<ReplayedLetter> results, long total)
    {
        foreach (var letter in results.Where(letter => letter.Reason is not null)) terminal.WriteError($"{letter.Id} stays: {letter.Reason}.");

        var (kept, rest) = (results.Count(letter => letter.Reason is not null), total - results.Count);
        terminal.WriteLine($"{results.Count - kept} taken, {kept} not taken{(rest > 0 ? $", {rest} not sent: they are still dead letters" : "")}.");
        return kept + rest == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }
}
