using System.CommandLine;
using System.Globalization;
using ActivityConnector.Configuration;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Status;
using ActivityConnector.Telemetry;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary>Has a range read that was asked for: by the running connector, or in the foreground where none runs.</summary>
internal static class RangeStart
{
    /// <summary>The running connector reads it beside its polls; else it is read to its end here.</summary>
    /// <param name="shell">The command's.</param>
    /// <param name="parse">Its options.</param>
    /// <param name="source">As a person names it.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="here">Whether a journal that lets any process take a source over may be written by this one.</param>
    /// <param name="cancellationToken">Ends it where it stands.</param>
    /// <returns>0 when the running connector has taken it, or it was read to its end and all of it is shown to be complete; else 1.</returns>
    public static async Task<int> RunAsync(
        Shell shell, ParseResult parse, string source, RangeRequest request, bool here, CancellationToken cancellationToken)
    {
        var (terminal, options) = (shell.Terminal, shell.ValidOptions(parse));
        using var running = await RunningConnector.FindAsync(options, terminal, cancellationToken);
        if (running is null)
        {
            // SQLite lets no second process in.
            if (options.Journal.Kind == JournalKind.Kafka && !here) throw NotHere(options);

            return await ReadAsync(options, terminal, source, request, cancellationToken);
        }

        var taken = await running.StartRangeAsync(source, request, cancellationToken);
        terminal.WriteLine(
            $"The running connector reads {RangeText.Name(taken)} beside its polls. 'backfill status' shows how far it is, "
            + $"'backfill cancel {taken.Id}' ends it.");
        return ExitCodes.Done;
    }

    /// <summary>Only checks it, by what the journal holds.</summary>
    public static async Task<int> CheckAsync(Shell shell, ParseResult parse, string source, RangeRequest request, CancellationToken cancellationToken)
    {
        var (terminal, options) = (shell.Terminal, shell.ValidOptions(parse));
        await using var view = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
        var key = CommandJournal.Source(await CommandJournal.NamesAsync(shell, parse, cancellationToken), source);
        var checkpoint = CheckpointText.Parse(await view.CheckpointAsync(key, cancellationToken));
        var account = Vendor.Named(key.Source).Accounts(options.Sources).FirstOrDefault(a => a.IsOn && (a.Options.Account ?? key.Account) == key.Account)
            ?? throw new CommandFailedException(ExitCodes.Failed, $"{key} is in the journal, but it is not on: give its credentials.");
        var (_, asked) = request.AddTo(checkpoint, RangeBounds.Of(account.Options, terminal.Clock.GetUtcNow()));
        terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{key}: {Days((asked.To - asked.From).TotalDays)} would be read ({asked.Span}). Nothing was changed, and the vendor was not asked."));
        return ExitCodes.Done;
    }

    private static async Task<int> ReadAsync(
        ConnectorOptions options, Terminal terminal, string source, RangeRequest request, CancellationToken cancellationToken)
    {
        await using var telemetry = ConnectorTelemetry.Start(options.Telemetry, terminal);
        await using var connector = await ConnectorHost.OpenAsync(options, Role.Collect, sinkWaits: null, terminal.Clock, telemetry.Logs, cancellationToken);
        telemetry.Observe(connector, new StatusReader(options, terminal.Clock));
        var runner = SourceNames.One(connector.Runners, source, SourceNames.NameOf);
        var audit = new OperatorAudit(RunningConnector.OperatorName() ?? OperatorAudit.Unnamed, null, connector.Agent, terminal.Clock.GetUtcNow());
        var range = await runner.AskAsync(request, (_, after) => audit.Started(request, after), cancellationToken);
        terminal.WriteError($"{RangeText.Name(RangeProgress.Of(runner.Source.Name, range))}, by this command.");
        var outcome = default(RunOutcome);
        try
        {
            outcome = await FollowAsync(runner, range.Id, terminal, cancellationToken);
        }
        finally
        {
            range = runner.Ranges.FirstOrDefault(r => r.Id == range.Id) ?? range;
            if (outcome is null) terminal.WriteError($"Interrupted. {Result()} {Continues(range, runner.Source.Name)}");
        }

        terminal.WriteLine(Result());
        var gaps = runner.Collector.Checkpoint?.Suspects.Where(s => !s.Accepted && s.From <= range.Run.To && s.To >= range.Run.From).ToList() ?? [];
        foreach (var gap in gaps) terminal.WriteError($"{gap} could not be shown to be complete: {gap.Cause} Polls try it again when it is due.");

        if (outcome.End != RunEnd.UpToDate)
        {
            var fix = outcome.Failure is SourceException { Fix: var wanted } ? " " + wanted : "";
            terminal.WriteError($"{runner.Source.Name}: {outcome}{fix} {(range.IsOpen ? Continues(range, runner.Source.Name) : "")}".TrimEnd());
        }

        return range.State == RangeState.Done && gaps.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;

        string Result() => RangeText.Result(RangeProgress.Of(runner.Source.Name, range));
    }

    private static CommandFailedException NotHere(ConnectorOptions options) => new(
        ExitCodes.Failed,
        $"No connector with this journal answers at {(options.Admin.Enabled ? options.Admin.Url : "Admin:Url, which is switched off")}, "
        + "and to read the range here would take the source over from one that runs elsewhere: the journal is in Kafka. "
        + "Set Admin:Url and Admin:Token to those of the running connector; or, where none runs, add --here.");

    private static string Days(double days) => string.Create(CultureInfo.InvariantCulture, $"{days:0.##} {(days == 1 ? "day" : "days")}");

    private static string Continues(RequestedRange range, string source) =>
        $"The running service continues it, and so does '{(range.Kind == RangeKind.Backfill ? "backfill start" : "sweep")} --source {source} "
        + $"--from {UtcText.Of(range.From)} --to {UtcText.Of(range.To)}'; 'backfill cancel {range.Id}' ends it.";

    private static async Task<RunOutcome> FollowAsync(SourceRunner runner, string id, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var progress = Progress.Start(terminal, "events", () => runner.Ranges.FirstOrDefault(r => r.Id == id) is { } range
            ? new ProgressState(range.Counts.Published + range.Counts.Known, range.Share)
            : default);
        return await runner.RunRangesAsync(cancellationToken);
    }
}
