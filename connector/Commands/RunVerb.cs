using System.Runtime.InteropServices;
using ActivityConnector.Configuration;

namespace ActivityConnector.Commands;

/// <summary>What <c>run</c> does once the configuration is known to be right.</summary>
internal static class RunVerb
{
    /// <summary>
    /// The service: until the token is cancelled, which is its normal end. SIGHUP polls every source now. With <paramref name="once"/>:
    /// every source up to the present, a summary, and the code of the first failure.
    /// </summary>
    public static async Task<int> ExecuteAsync(
        ConnectorOptions options, bool once, Terminal terminal, OutputFormat format, CancellationToken cancellationToken)
    {
        using var logs = OperatorLog.Create(terminal.Clock);
        await using var connector = await ConnectorHost.OpenAsync(options, terminal.Clock, logs, cancellationToken);
        if (once)
        {
            var started = terminal.Clock.GetTimestamp();
            var outcomes = await connector.PollOnceAsync(cancellationToken);
            RunSummary.Write(terminal, format, connector.Runners, terminal.Clock.GetElapsedTime(started));
            return outcomes.FirstOrDefault(o => o.Failure is not null) is { Failure: { } failure } ? Failure.Of(failure).ExitCode : ExitCodes.Done;
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
