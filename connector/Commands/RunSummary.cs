using System.Diagnostics;
using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>What <c>run --once</c> prints at its end: a row a source, what went into the sink, and what it cost.</summary>
internal static class RunSummary
{
    public static void Write(Terminal terminal, OutputFormat format, ConnectorHost connector, Exception? sinkFailure, TimeSpan elapsed)
    {
        var table = new ResultTable("source", "outcome", "published", "known", "revised", "dead_letters", "empty", "commits", "up_to");
        foreach (var runner in connector.Runners)
        {
            var (outcome, counts) = (runner.Last!, runner.Last!.Result.Counts);
            table.Add(
                runner.Source.Name, RunOutcome.Name(outcome.End), counts.Published, counts.Known, counts.Revised, counts.DeadLetters, counts.Empty,
                outcome.Result.Commits, runner.Collector.Checkpoint?.Position.Reached);
        }

        table.Write(terminal, format);
        foreach (var outcome in connector.Runners.Select(r => r.Last!).Where(o => o.End != RunEnd.UpToDate))
        {
            var fix = outcome.Failure is SourceException { Fix: var wanted } ? " " + wanted : "";
            terminal.WriteError($"{outcome.Source}: {outcome}{fix}");
        }

        if (connector.Sink is { Totals: var totals } sink)
        {
            terminal.WriteError(string.Create(
                CultureInfo.InvariantCulture,
                $"{sink.Name}: {totals.Stored} stored, {totals.Known} there already, {totals.LeftOut} left out, {totals.Refused} refused."
                + $"{(sinkFailure is null ? "" : " Not all events are delivered; the rest waits in the journal.")}"));
        }

        using var process = Process.GetCurrentProcess();
        terminal.WriteError(string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed.TotalSeconds:F1} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F1} s of CPU, "
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
}
