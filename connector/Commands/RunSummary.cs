using System.Diagnostics;
using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>What <c>run --once</c> prints at its end: a row a source, what went into the sink, how it ended, and what it cost.</summary>
internal static class RunSummary
{
    /// <param name="isDelivered">Whether the sink has everything, where there is one.</param>
    public static void Write(Terminal terminal, OutputFormat format, ConnectorHost connector, bool isDelivered, TimeSpan elapsed)
    {
        var table = new ResultTable("source", "outcome", "published", "known", "revised", "dead_letters", "empty", "commits", "up_to")
        {
            GiveWay = ["commits", "empty", "revised", "known"],
            WhenEmpty = "This run had no source to read.",
        };
        var ended = connector.Runners.Select(runner => (Runner: runner, Outcome: OutcomeOf(runner))).ToList();
        foreach (var (runner, outcome) in ended)
        {
            var counts = outcome.Result.Counts;
            table.Add(
                runner.Source.Name, RunOutcome.Name(outcome.End), counts.Published, counts.Known, counts.Revised, counts.DeadLetters, counts.Empty,
                outcome.Result.Commits, runner.Collector.Checkpoint?.Position.Reached);
        }

        table.Write(terminal, format);
        foreach (var outcome in ended.Select(e => e.Outcome).Where(o => o.End != RunEnd.UpToDate))
        {
            var fix = outcome.Failure is SourceException { Fix: var wanted } ? " " + wanted : "";
            terminal.WriteError($"{outcome.Source}: {outcome}{fix}");
        }

        if (connector.Sink is { Totals: var totals } sink)
        {
            terminal.WriteError(string.Create(
                CultureInfo.InvariantCulture,
                $"{sink.Name}: {totals.Stored} stored, {totals.Known} there already, {totals.LeftOut} left out, {totals.Refused} refused."
                + $"{(isDelivered ? "" : " Not all events are delivered; the rest waits in the journal.")}"));
        }

        var behind = ended.Count(e => e.Outcome.End != RunEnd.UpToDate);
        var end = terminal.StopSignal() is { } signal ? $"Stopped by {signal}: what was committed stays, and the next run resumes from there"
            : behind > 0 ? $"Ended: {behind} of {ended.Count} sources are not up to date"
            : connector.Sink is not null && !isDelivered ? $"Ended: {connector.Sink.Name} does not have everything"
            : "Done";
        using var process = Process.GetCurrentProcess();
        terminal.WriteError(string.Create(
            CultureInfo.InvariantCulture,
            $"{end}. {elapsed.TotalSeconds:F1} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F1} s of CPU, "
            + $"at most {process.PeakWorkingSet64 / (1024 * 1024)} MB of memory."));
    }

    /// <summary>0 when every source is up to date and the sink has everything; else that of the first failure, 1 where it has none of its own.</summary>
    public static int ExitCode(IReadOnlyList<RunOutcome> outcomes, Exception? sinkFailure)
    {
        var failure = outcomes.Where(o => o.End == RunEnd.Failed).Select(o => o.Failure).Append(sinkFailure).FirstOrDefault(f => f is not null);
        return failure is not (null or OperationCanceledException) ? CommandError.Of(failure).ExitCode
            : failure is not null || outcomes.Any(o => o.End != RunEnd.UpToDate) ? ExitCodes.Failed
            : ExitCodes.Done;
    }

    /// <summary>Of a source that was stopped before its first step: that it was.</summary>
    private static RunOutcome OutcomeOf(SourceRunner runner) =>
        runner.Last ?? new RunOutcome(runner.Source.Name, PollResult.None, RunEnd.Interrupted, "it was asked to stop before it began.", null);
}
