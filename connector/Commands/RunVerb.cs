using System.Runtime.InteropServices;
using ActivityConnector.Configuration;

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
        ConnectorOptions options, Role role, bool once, Terminal terminal, OutputFormat format, CancellationToken cancellationToken)
    {
        using var logs = OperatorLog.Create(terminal.Clock);
        await using var connector = await ConnectorHost.OpenAsync(options, role, once ? SinkPatience : null, terminal.Clock, logs, cancellationToken);
        if (once)
        {
            var started = terminal.Clock.GetTimestamp();
            var outcomes = await connector.PollOnceAsync(cancellationToken);
            var sink = connector.Sink is null ? null : await connector.Sink.DrainAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            RunSummary.Write(terminal, format, connector, sink, terminal.Clock.GetElapsedTime(started));
            var failure = outcomes.Select(o => o.Failure).Append(sink).FirstOrDefault(f => f is not null);
            return failure is null ? ExitCodes.Done : Failure.Of(failure).ExitCode;
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
