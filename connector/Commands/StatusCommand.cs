using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActivityConnector.Admin;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Status;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>status</c>: whether every source and sink is complete and fresh, why not, and what to do.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public static Command Create(Shell shell)
    {
        var watch = new Option<bool>("--watch", "-w") { Description = "Shows it anew every two seconds, until it is interrupted." };
        var command = new Command(
            "status",
            "Whether every source and sink is complete and fresh, why not, and what to do: of the running connector, or of the journal alone when none runs. "
            + "Exit code 1 when an operator must look, also when no connector answers; with Admin:Enabled false it tells only what the journal shows.")
        {
            watch,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = shell.ValidOptions(parse, "Journal", "Kafka", "Elasticsearch", "Transform", "Admin");
            using var running = await RunningConnector.FindAsync(options, shell.Terminal, cancellationToken);
            var reader = new StatusReader(options, shell.Terminal.Clock);
            if (running is null) CommandJournal.CheckIsThere(options, shell.Terminal);

            var status = running?.Status ?? await reader.OfJournalAsync(cancellationToken);
            if (running is null) shell.Terminal.WriteError(NotRunning(options, status), LogLevel.Warning);

            Write(shell.Terminal, shell.Output(parse), status);
            if (!parse.GetValue(watch)) return status.IsHealthy ? ExitCodes.Done : ExitCodes.Failed;

            using var timer = new PeriodicTimer(Every, shell.Terminal.Clock);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                status = running is null ? await reader.OfJournalAsync(cancellationToken) : await running.StatusAsync(cancellationToken);
                shell.Terminal.ClearScreen();
                Write(shell.Terminal, shell.Output(parse), status);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static string NotRunning(ConnectorOptions options, ConnectorStatus status)
    {
        var asked = options.Admin.Enabled
            ? $"No connector answers at {options.Admin.Url}, so none seems to run"
            : "Whether a connector runs cannot be asked, because Admin:Enabled is false";
        var last = status.Sources.Max(source => source.LastCommit) is { } at ? $"nothing was committed since {UtcText.Of(at)}" : "nothing was ever committed";
        return $"{asked}: {last}. This is what the journal alone shows.";
    }

    private static void Write(Terminal terminal, OutputFormat format, ConnectorStatus status)
    {
        if (format == OutputFormat.Json)
        {
            terminal.WriteData(JsonSerializer.Serialize(status, AdminServer.Json));
            return;
        }

        WriteSources(terminal, format, status);
        WriteSinks(terminal, format, status);
        WriteJournal(terminal, status);
        foreach (var source in status.Sources.Where(source => source.Reason is not null))
        {
            terminal.WriteError($"{source.Name}: {Words.Of(source.Condition)}: {source.Reason} {source.Fix}".TrimEnd());
        }

        foreach (var sink in status.Sinks.Where(sink => sink.Reason is not null))
        {
            terminal.WriteError($"{sink.Name}: {Words.Of(sink.Condition)}: {sink.Reason} {sink.Fix}".TrimEnd());
        }

        foreach (var source in status.Sources.Where(source => source.OpenRanges.Count > 0))
        {
            terminal.WriteError($"{source.Name}: not known to be complete, and tried again: {string.Join(", ", source.OpenRanges)}.");
        }

        foreach (var source in status.Sources.Where(source => source.RequestedRanges.Count > 0))
        {
            terminal.WriteError($"{source.Name}: asked for and not at its end: {string.Join("; ", source.RequestedRanges)} ('backfill status').");
        }
    }

    private static void WriteSources(Terminal terminal, OutputFormat format, ConnectorStatus status)
    {
        var table = new ResultTable("source", "state", "lag", "read_to", "events", "per_minute", "quota", "last_error")
        {
            GiveWay = ["quota", "per_minute", "events", "read_to"],
        };
        foreach (var source in status.Sources)
        {
            table.Add(
                source.Name,
                Words.Of(source.Condition),
                Age(source.LagSeconds),
                source.ReadTo,
                source.Totals.Published,
                Rate(source.EventsPerMinute),
                source.Quota is { } quota ? $"{quota.Remaining} of {quota.Limit}" : null,
                source.LastError?.At);
        }

        table.Write(terminal, format);
        if (status.Sources.Count == 0) terminal.WriteError("No source has been read yet.");
    }

    private static void WriteSinks(Terminal terminal, OutputFormat format, ConnectorStatus status)
    {
        if (status.Sinks.Count == 0) return;

        var table = new ResultTable("sink", "state", "lag", "waiting", "stored", "per_minute", "last_success", "last_error")
        {
            GiveWay = ["last_success", "per_minute", "stored"],
        };
        foreach (var sink in status.Sinks)
        {
            table.Add(
                sink.Name, Words.Of(sink.Condition), Age(sink.LagSeconds), sink.Waiting, sink.Totals.Stored, Rate(sink.EventsPerMinute), sink.LastSuccess,
                sink.LastError?.At);
        }

        table.Write(terminal, format);
    }

    private static void WriteJournal(Terminal terminal, ConnectorStatus status)
    {
        var journal = status.Journal;
        var size = journal.Bytes is { } bytes
            ? string.Create(CultureInfo.InvariantCulture, $", {bytes / 1_048_576.0:F1} of {journal.MaxBytes / 1_048_576.0:F1} MiB")
            : "";
        var letters = journal.DeadLetters.Count == 0
            ? "no open dead letters"
            : $"open dead letters: {string.Join(", ", journal.DeadLetters.Select(pair => $"{pair.Key} {pair.Value}"))} (see 'dlq list')";
        terminal.WriteLine($"Journal: {journal.Place}{size}; {letters}.");
        if (journal.Trouble is { } trouble) terminal.WriteError($"journal: {trouble.Cause} {trouble.Fix}");
    }

    private static string? Rate(double? perMinute) => perMinute?.ToString("F1", CultureInfo.InvariantCulture);

    /// <summary>To the second.</summary>
    private static TimeSpan? Age(double? seconds) => seconds is { } lag ? TimeSpan.FromSeconds(Math.Round(lag)) : null;
}
