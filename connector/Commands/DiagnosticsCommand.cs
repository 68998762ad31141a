using System.CommandLine;
using System.Globalization;
using ActivityConnector.Configuration;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>diagnostics</c>: one file for a bug report, without a secret and without a record.</summary>
internal static class DiagnosticsCommand
{
    public static Command Create(Shell shell)
    {
        var file = new Option<string?>("--file")
        {
            Description = "Where the bundle is written; it must not be there yet. Default: activity-connector-diagnostics-TIME.zip in the working directory.",
            HelpName = "FILE",
        };
        var log = new Option<string?>("--log")
        {
            Description = $"The connector's log: its last {DiagnosticsBundle.MostLogLines} lines are put in.",
            HelpName = "FILE",
        };
        var command = new Command(
            "diagnostics",
            "Writes one zip file for a bug report: versions, system, configuration, positions, counts of dead letters, and the state of a connector that runs. "
            + "Never a secret, a cursor or a record; its manifest.txt says what is in it and what was left out.")
        {
            file, log,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var terminal = shell.Terminal;
            var time = terminal.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
            var path = Path.GetFullPath(parse.GetValue(file) ?? $"activity-connector-diagnostics-{time}.zip", terminal.WorkingDirectory);
            var bundle = await DiagnosticsBundle.CollectAsync(shell.Configuration(parse), parse.GetValue(log), terminal, cancellationToken);
            try
            {
                bundle.Write(path, terminal.Clock.GetUtcNow());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandFailedException(
                    ExitCodes.Failed,
                    $"{path} cannot be written: {(File.Exists(path) ? "it is there already" : FileProblem.Describe(e))}. Give another --file.");
            }

            terminal.WriteLine(path);
            foreach (var line in bundle.Manifest()) terminal.WriteError(line);

            return ExitCodes.Done;
        });
        return shell.WithoutResults(command);
    }
}
