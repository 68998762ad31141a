using System.CommandLine;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Commands;

/// <summary><c>sweep</c>: the completeness check of a range of time, now.</summary>
internal static class SweepCommand
{
    public static Command Create(Shell shell)
    {
        var options = new RangeOptions(shell);
        var command = new Command(
            "sweep",
            "Reads a range of time that was collected again, and brings what is missing from the journal: counted as late. Whatever interrupts it, the same "
            + "command, or the running service, continues it; 'backfill status' and 'backfill cancel' are for sweeps, too.");
        options.AddTo(command);
        command.SetAction((parse, cancellationToken) =>
            RangeStart.RunAsync(shell, parse, options.Source(parse), options.Request(parse, RangeKind.Sweep), options.Here(parse), cancellationToken));
        return shell.WithoutResults(command);
    }
}
