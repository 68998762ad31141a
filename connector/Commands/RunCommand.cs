using System.CommandLine;
using System.Runtime.InteropServices;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
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
        command.SetAction(async (parse, cancellationToken) =>
        {
            var part = Enum.Parse<Role>(parse.GetRequiredValue(role), ignoreCase: true);
            var valid = part == Role.Index
                ? shell.Valid(parse, "Journal", "Kafka", "Elasticsearch", "Transform", "Admin", "Telemetry")
                : shell.Valid(parse);
            Check(part, valid.Options);
            var isOnce = parse.GetValue(once);
            await using var telemetry = ConnectorTelemetry.Start(
                valid.Options.Telemetry, shell.Terminal, isScraped: !isOnce && valid.Options.Admin.Enabled);
            try
            {
                return isOnce
                    ? await OnceAsync(valid, part, parse.GetValue(timeout), shell.Terminal, shell.Output(parse), telemetry, cancellationToken)
                    : await ServeAsync(valid, part, shell.Terminal, telemetry, cancellationToken);
            }
#pragma warning disable CA1031 // The edge of the service: what ends it is a line of its log, with time and level.
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                var failure = CommandError.Of(e);
                var showsDetails = failure.ExitCode == ExitCodes.InternalError || shell.Verbose(parse);
                ServiceReport.Fails(telemetry.Logs.CreateLogger<ServiceReport>(), string.Join(' ', failure.Lines), showsDetails ? e : null);
                return failure.ExitCode;
            }
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
    /// Every source up to the present, then the sink drained, a summary, and the code of the first failure. The summary comes also when it is stopped.
    /// </summary>
    private static async Task<int> OnceAsync(
        LoadedConfiguration configuration,
        Role role,
        TimeSpan timeout,
        Terminal terminal,
        OutputFormat format,
        ConnectorTelemetry telemetry,
        CancellationToken cancellationToken)
    {
        var options = configuration.Options;
        await using var connector = await ConnectorHost.OpenAsync(options, role, ConfiguredSink.Patience, terminal.Clock, telemetry.Logs, cancellationToken);
        telemetry.Observe(connector, new StatusReader(options, terminal.Clock));
        var log = telemetry.Logs.CreateLogger<ServiceReport>();
        var started = terminal.Clock.GetTimestamp();
        using var deadline = new CancellationTokenSource(timeout, terminal.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        RunOutcome[] outcomes = [];
        Exception? sink = null;
        try
        {
            var collected = new CollectingProgress(connector.Runners, terminal.Clock);
            await using (Progress.Start(terminal, "events committed", collected.State, log))
            {
                outcomes = await connector.RunOnceAsync(deadline.Token, cancellationToken);
            }

            if (connector.Sink is not null)
            {
                await using var progress = Progress.Start(terminal, "events delivered", () => new(connector.Sink.Totals.Settled), log);

                // A journal that gave no source an answer is not waited for once more.
                sink = outcomes is [{ Failure: JournalUnavailableException failure }, ..] && outcomes.All(o => o.Failure is JournalUnavailableException)
                    ? failure
                    : await connector.Sink.DrainAsync(stop.Token);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            RunSummary.Write(terminal, format, connector, isDelivered: false, terminal.Clock.GetElapsedTime(started));
            throw;
        }

        RunSummary.Write(terminal, format, connector, isDelivered: sink is null, terminal.Clock.GetElapsedTime(started));
        if (!outcomes.Any(o => o.Failure is JournalException))
        {
            await using var view = await ConfiguredJournal.ViewAsync(options, terminal.Clock, cancellationToken);
            await OpenDeadLetters.WriteAsync(view, terminal, cancellationToken);
        }

        return RunSummary.ExitCode(outcomes, sink);
    }

    /// <summary>The service: until the token is cancelled, which is its normal end. SIGHUP polls every source now.</summary>
    private static async Task<int> ServeAsync(
        LoadedConfiguration configuration, Role role, Terminal terminal, ConnectorTelemetry telemetry, CancellationToken cancellationToken)
    {
        await using var connector = await ConnectorHost.OpenAsync(configuration.Options, role, null, terminal.Clock, telemetry.Logs, cancellationToken);
        telemetry.Observe(connector, new StatusReader(configuration.Options, terminal.Clock));
        var report = new ServiceReport(connector.Runners, connector.Sink, terminal.Clock, telemetry.Logs.CreateLogger<ServiceReport>());
        report.Starts(configuration.Options, role, configuration.File);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var living = report.RepeatAsync(stop.Token);
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
            await stop.CancelAsync();
            await living;
        }

        report.Ends(terminal.StopSignal() ?? "its caller");
        return ExitCodes.Done;
    }
}
