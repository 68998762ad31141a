using System.Runtime.InteropServices;

namespace ActivityConnector.Terminals;

/// <summary>SIGINT and SIGTERM as a token. The first asks to stop; a second one ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, ExitCodes.Interrupted)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, ExitCodes.Terminated)),
    ];

    public CancellationToken Token => _stop.Token;

    /// <summary>The code for a command that did not finish because of the signal.</summary>
    public int ExitCode => _exitCode;

    /// <summary>The signal's name; null as long as none came.</summary>
    public string? Signal => _exitCode switch
    {
        ExitCodes.Interrupted => "SIGINT",
        ExitCodes.Terminated => "SIGTERM",
        _ => null,
    };

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();

        _stop.Dispose();
    }

    private void Stop(PosixSignalContext signal, int exitCode)
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) == 0)
        {
            signal.Cancel = true;
            _stop.Cancel();
        }
    }
}
