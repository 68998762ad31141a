using System.Runtime.InteropServices;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Commands;

/// <summary>What <c>run</c> does once the configuration is known to be right.</summary>
internal static class RunVerb
{
    /// <summary>A run that is to end does not wait for ever for a cluster that is away: the next one goes on.</summary>
    private static readonly TimeSpan SinkPatience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The service: until the token is cancelled, which is its normal end. SIGHUP polls every source now. With <paramref name="once"/>:
    /// every source up to the present, then the sink drained, a summary, and the code of the first failure.
    /// </summary>
    public static async Task<int> ExecuteAsync(
        ConnectorOptions options, Role role, bool once, TimeSpan timeout, Terminal terminal, OutputFormat format, CancellationToken cancellationToken)
    {
        using var logs = OperatorLog.Create(terminal.Clock);
        await using var connector = await ConnectorHost.OpenAsync(options, role, once ? SinkPatience : null, terminal.Clock, logs, cancellationToken);
        if (once)
        {
            var started = terminal.Clock.GetTimestamp();
            using var deadline = new CancellationTokenSource(timeout, terminal.Clock);
            var outcomes = await connector.RunOnceAsync(deadline.Token, cancellationToken);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var sink = connector.Sink is null ? null : await connector.Sink.DrainAsync(stop.Token);
            cancellationToken.ThrowIfCancellationRequested();
            RunSummary.Write(terminal, format, connector, sink, terminal.Clock.GetElapsedTime(started));
            if (!outcomes.Any(o => o.Failure is JournalException))
            {
                await using var view = await ConfiguredJournal.ViewAsync(options, terminal.Clock, cancellationToken);
                await OpenDeadLetters.SayAsync(view, terminal, cancellationToken);
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
