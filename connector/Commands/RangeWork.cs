using System.CommandLine;
using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary>Reads a range that was asked for in the foreground, where no service runs that would do it.</summary>
internal static class RangeWork
{
    /// <summary>On a terminal; elsewhere a line a minute.</summary>
    private static readonly TimeSpan ShowEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan WriteEvery = TimeSpan.FromMinutes(1);

    /// <summary>Reads it to its end.</summary>
    /// <returns>0 when it was read to its end and all of it is shown to be complete, else 1.</returns>
    public static async Task<int> RunAsync(Shell shell, ParseResult parse, string source, RangeRequest request, CancellationToken cancellationToken)
    {
        var terminal = shell.Terminal;
        var options = shell.ValidOptions(parse);
        using var logs = OperatorLog.Create(terminal.Clock);
        await using var connector = await ConnectorHost.OpenAsync(options, Role.Collect, sinkWaits: null, terminal.Clock, logs, cancellationToken);
        var runner = Runner(connector.Runners, source);
        var asked = await AskAsync(runner, request, cancellationToken);
        terminal.WriteError($"{runner.Source.Name}: {Word(request.Kind)} {asked.Id} of {asked.Span}.");

        var outcome = default(RunOutcome);
        var range = asked;
        try
        {
            outcome = await FollowAsync(runner, asked.Id, terminal, cancellationToken);
        }
        finally
        {
            range = runner.Ranges.FirstOrDefault(r => r.Id == asked.Id) ?? asked;
            if (outcome is null) terminal.WriteError($"Interrupted. {Summary(range)} {Continues(range, runner.Source.Name)}");
        }

        terminal.WriteLine(Summary(range));
        var gaps = runner.Collector.Checkpoint?.Suspects.Where(s => !s.Accepted && s.From <= range.Run.To && s.To >= range.Run.From).ToList() ?? [];
        foreach (var gap in gaps) terminal.WriteError($"{gap} could not be shown to be complete: {gap.Cause} Every poll tries it again when it is due.");

        if (outcome.End != RunEnd.UpToDate)
        {
            var fix = outcome.Failure is SourceException { Fix: var wanted } ? " " + wanted : "";
            terminal.WriteError($"{runner.Source.Name}: {outcome}{fix} {Continues(range, runner.Source.Name)}");
        }

        return range.State == RangeState.Done && gaps.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <summary>Only checks it, by what the journal holds.</summary>
    public static async Task<int> CheckAsync(Shell shell, ParseResult parse, string source, RangeRequest request, CancellationToken cancellationToken)
    {
        var terminal = shell.Terminal;
        var options = shell.ValidOptions(parse);
        await using var view = await ConfiguredJournal.ViewAsync(options, terminal.Clock, cancellationToken);
        var key = await CommandJournal.SourceAsync(view, source, cancellationToken);
        var checkpoint = CheckpointText.Parse(await view.CheckpointAsync(key, cancellationToken));
        var account = Vendor.Named(key.Source).Accounts(options.Sources).FirstOrDefault(a => a.IsOn && (a.Options.Account ?? key.Account) == key.Account)
            ?? throw new CommandFailedException(ExitCodes.Failed, $"{key} is in the journal, but it is not on: give its credentials.");
        var (_, asked) = request.AddTo(checkpoint, RangeBounds.Of(account.Options, terminal.Clock.GetUtcNow()));
        terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{key}: {(asked.To - asked.From).TotalDays:0.##} days would be read ({asked.Span}). Nothing was changed, and the vendor was not asked."));
        return ExitCodes.Done;
    }

    /// <summary>What it came to so far.</summary>
    public static string Summary(RequestedRange range)
    {
        var (counts, reached) = (range.Counts, range.IsOpen ? $", up to {RequestedRange.Text(range.Reached)}" : "");
        var brought = range.Kind == RangeKind.Backfill
            ? $"{counts.Published} events published, {counts.Known} were known."
            : $"{counts.Late} events were missing and are delivered now, {counts.Revised} had changed, {counts.Known} were known.";
        return $"{Percent(range)} of {range.Span} is read{reached}: {brought}";
    }

    public static string Percent(RequestedRange range) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(range.Share * 100):0} %");

    /// <summary>How long something takes, as <c>2 h 5 min</c>; null when that is not known.</summary>
    public static string? Duration(TimeSpan? time) => time switch
    {
        null => null,
        { TotalHours: >= 1 } t => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(t.TotalHours):0} h {t.Minutes} min"),
        { TotalMinutes: >= 1 } t => string.Create(CultureInfo.InvariantCulture, $"{t.Minutes} min {t.Seconds} s"),
        { } t => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(t.TotalSeconds):0} s"),
    };

    private static string Continues(RequestedRange range, string source) =>
        $"The running service continues it, and so does '{(range.Kind == RangeKind.Backfill ? "backfill start" : "sweep")} --source {source} "
        + $"--from {RequestedRange.Text(range.From)} --to {RequestedRange.Text(range.To)}'; 'backfill cancel {range.Id}' ends it.";

    private static string Word(RangeKind kind) => kind == RangeKind.Backfill ? "backfill" : "sweep";

    private static SourceRunner Runner(IReadOnlyList<SourceRunner> runners, string source)
    {
        var matches = runners.Where(r => r.Source.Name == source).ToList();
        if (matches.Count == 0) matches = [.. runners.Where(r => r.Source.Source.Name == source)];

        var names = string.Join(", ", runners.Select(r => r.Source.Name));
        return matches switch
        {
            [var one] => one,
            [] => throw new CommandFailedException(
                ExitCodes.Failed, $"There is no source {source} that is on. On are: {(names.Length == 0 ? "none" : names)}."),
            _ => throw new CommandFailedException(ExitCodes.WrongUsage, $"{source} is more than one source: {names}. Name one of them."),
        };
    }

    private static async Task<RequestedRange> AskAsync(SourceRunner runner, RangeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await runner.AskAsync(request, (_, _) => [], cancellationToken);
        }
        catch (InvalidOperationException) when (runner.Collector.Checkpoint is null)
        {
            throw new CommandFailedException(
                ExitCodes.Failed, $"{runner.Source.Name} has not been read yet, so there is nothing beside which a range could be read. Run 'run --once' first.");
        }
    }

    private static async Task<RunOutcome> FollowAsync(SourceRunner runner, string id, Terminal terminal, CancellationToken cancellationToken)
    {
        var work = runner.RunRangesAsync(cancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(terminal.IsInteractive ? ShowEvery : WriteEvery, terminal.Clock, ended.Token));
            if (work.IsCompleted || runner.Ranges.FirstOrDefault(r => r.Id == id) is not { } range) continue;

            var left = Duration(range.Left) is { } time ? $", about {time} left" : "";
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"{Percent(range)}, up to {RequestedRange.Text(range.Reached)}: {range.Counts.Published} published, {range.Counts.Known} known, "
                + $"{Rate(range):0} a second{left}");
            if (terminal.IsInteractive) terminal.Error.Write("\r" + line + "   ");
            else terminal.WriteError(line + ".");
        }

        await ended.CancelAsync();
        if (terminal.IsInteractive) terminal.Error.WriteLine();
        return await work;
    }

    private static double Rate(RequestedRange range) =>
        range.WorkedMilliseconds > 0 ? (range.Counts.Published + range.Counts.Known) * 1000.0 / range.WorkedMilliseconds : 0;
}
