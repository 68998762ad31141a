using System.CommandLine;
using System.Runtime.InteropServices;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Status;
using ActivityConnector.Telemetry;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>run</c>: the service.</summary>
internal static class RunCommand
{
    public static Command Create(Shell shell)
    {
        var role = ChoiceOption.Create(
            "--role", "all; collect: from the sources to the journal; index: from the journal to Elasticsearch.", "all", "collect", "index");
        var once = new Option<bool>("--once")
        {
            Description = "Every source up to the present, a sweep that is due, every sink drained, then exit: for a CronJob, a test, a person.",
        };
        var timeout = DurationOption.Create(
            "--timeout",
            "With --once: when the run ends although the present is not reached; the next one resumes there.",
            TimeSpan.FromMinutes(30));
        var command = new Command("run", "Collects every source that is on and brings events to Elasticsearch, until it is stopped.") { role, once, timeout };
        command.SetAction((parse, cancellationToken) =>
        {
            var part = Enum.Parse<Role>(parse.GetRequiredValue(role), ignoreCase: true);
            var options = part == Role.Index
                ? shell.ValidOptions(parse, "Journal", "Kafka", "Elasticsearch", "Transform", "Admin", "Telemetry")
                : shell.ValidOptions(parse);
            Check(part, options);
            return ExecuteAsync(options, part, parse.GetValue(once), parse.GetValue(timeout), shell.Terminal, shell.Output(parse), cancellationToken);
        });
        return command;
    }

    /// <summary>A part of the connector alone needs another one for the rest, and the two need a journal that both can reach.</summary>
    private static void Check(Role role, ConnectorOptions options)
    {
        var problem = role switch
        {
            not Role.All when options.Journal.Kind == JournalKind.Sqlite => new ConfigurationProblem(
                "Journal:Kind", "Collecting and indexing can only be apart with a journal in Kafka: one process owns a SQLite file.",
                "Leave --role out, or set Journal:Kind to Kafka."),
            Role.Index when !options.Elasticsearch.IsOn => new ConfigurationProblem(
                "Elasticsearch:Urls", "There is nothing to index into.", "Give the nodes as https://host:9200."),
            _ => null,
        };
        if (problem is not null) throw new CommandFailedException(ExitCodes.Configuration, problem.ToString());
    }

    /// <summary>
    /// The service: until the token is cancelled, which is its normal end. SIGHUP polls every source now. With <paramref name="once"/>:
    /// every source up to the present, then the sink drained, a summary, and the code of the first failure.
    /// </summary>
    private static async Task<int> ExecuteAsync(
        ConnectorOptions options, Role role, bool once, TimeSpan timeout, Terminal terminal, OutputFormat format, CancellationToken cancellationToken)
    {
        await using var telemetry = ConnectorTelemetry.Start(options.Telemetry, terminal, isScraped: !once && options.Admin.Enabled);
        try
        {
            return await ExecuteAsync(options, role, once, timeout, terminal, format, telemetry, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            telemetry.Ended(e, string.Join(' ', CommandError.Of(e).Lines));
            throw;
        }
    }

    private static async Task<int> ExecuteAsync(
        ConnectorOptions options,
        Role role,
        bool once,
        TimeSpan timeout,
        Terminal terminal,
        OutputFormat format,
        ConnectorTelemetry telemetry,
        CancellationToken cancellationToken)
    {
        TimeSpan? patience = once ? ConfiguredSink.Patience : null;
        await using var connector = await ConnectorHost.OpenAsync(options, role, patience, terminal.Clock, telemetry.Logs, cancellationToken);
        connector.Telemetry = telemetry;
        telemetry.Observe(connector, new StatusReader(options, terminal.Clock));
        if (once)
        {
            var started = terminal.Clock.GetTimestamp();
            using var deadline = new CancellationTokenSource(timeout, terminal.Clock);
            var outcomes = await connector.RunOnceAsync(deadline.Token, cancellationToken);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);

            // A journal that gave no source an answer is not waited for once more.
            var sink = connector.Sink is null ? null
                : outcomes is [{ Failure: JournalUnavailableException failure }, ..] && outcomes.All(o => o.Failure is JournalUnavailableException) ? failure
                : await connector.Sink.DrainAsync(stop.Token);
            cancellationToken.ThrowIfCancellationRequested();
            RunSummary.Write(terminal, format, connector, sink, terminal.Clock.GetElapsedTime(started));
            if (!outcomes.Any(o => o.Failure is JournalException))
            {
                await using var view = await ConfiguredJournal.ViewAsync(options, terminal.Clock, cancellationToken);
                await OpenDeadLetters.WriteAsync(view, terminal, cancellationToken);
            }

            return RunSummary.ExitCode(outcomes, sink);
        }

        PosixSignalRegistration? hangUp = null;
        try
        {
            await connector.RunAsync(
                pollNow => hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
                {
                    signal.Cancel = true;
                    _ = pollNow();
                }),
                cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped while it was starting: as good an end as any.
        }
        finally
        {
            hangUp?.Dispose();
        }

        return ExitCodes.Done;
    }
}
