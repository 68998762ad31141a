using System.Diagnostics;
using System.Globalization;

namespace ActivityConnector.Commands;

/// <summary>What <c>run --once</c> says at its end: a row a source, what went into the sink, and what it cost.</summary>
internal static class RunSummary
{
    public static void Write(Terminal terminal, OutputFormat format, ConnectorHost connector, Exception? sinkFailure, TimeSpan elapsed)
    {
        var table = new ResultTable("source", "outcome", "published", "known", "revised", "dead_letters", "empty", "commits", "up_to");
        foreach (var runner in connector.Runners)
        {
            var (outcome, checkpoint) = (runner.Last!, runner.Collector.Checkpoint);
            table.Add(
                runner.Source.Name, outcome.Failure is null ? "up to date" : "failed", outcome.Result.Published, outcome.Result.Duplicates,
                outcome.Result.Mutated, outcome.Result.DeadLetters, outcome.Result.Invalid, outcome.Result.Commits, checkpoint?.Position.Reached);
        }

        table.Write(terminal, format);
        if (connector.Sink is { Totals: var totals } sink)
        {
            terminal.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{sink.Name}: {totals.Stored} stored, {totals.Known} there already, {totals.LeftOut} left out, {totals.Refused} refused.{(sinkFailure is null ? "" : " It has not everything: the rest waits in the journal.")}"));
        }

        using var process = Process.GetCurrentProcess();
        terminal.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed.TotalSeconds:F1} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F1} s of CPU, at most {process.PeakWorkingSet64 / (1024 * 1024)} MB of memory."));
    }
}
