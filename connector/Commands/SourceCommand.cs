using System.CommandLine;
using ActivityConnector.Scheduling;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>source</c>: pauses, resumes and polls a source of the running connector.</summary>
internal static class SourceCommand
{
    public static Command Create(Shell shell) => new("source", "Pauses, resumes and polls a source of the running connector.")
    {
        Change(shell, "pause", "Reads nothing of a source until it is resumed, also after a restart. Nothing is lost: it resumes from its checkpoint."),
        Change(shell, "resume", "Reads a paused source again, from its checkpoint."),
        Change(shell, "run", "Polls a source now, also where the vendor has refused."),
    };

    private static Command Change(Shell shell, string name, string description)
    {
        var source = new Argument<string>("SOURCE") { Description = "The source's name, as status shows it." };
        var command = new Command(name, description) { source };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = shell.ValidOptions(parse, "Journal", "Kafka", "Admin");
            using var running = await RunningConnector.FindAsync(options, shell.Terminal, cancellationToken)
                ?? throw new CommandFailedException(
                    ExitCodes.Failed, $"No connector answers at {options.Admin.Url}. Start one with 'run', or set Admin:Url to where it listens.");
            var state = await running.ChangeSourceAsync(parse.GetRequiredValue(source), name, cancellationToken);
            if (name == "run" && state.Paused is not null)
            {
                throw new CommandFailedException(ExitCodes.Failed, $"{state.Name} is paused, and nothing is read. 'source resume {state.Name}' ends that.");
            }

            shell.Terminal.WriteLine(name switch
            {
                "pause" => $"{state.Name} is paused. What happens meanwhile is read when it is resumed.",
                "resume" => $"{state.Name} is not paused any more, and is being polled now; 'status' shows what comes of it.",
                _ => $"{state.Name} is being polled now; 'status' shows what comes of it.",
            });
            return ExitCodes.Done;
        });
        return shell.WithoutResults(command);
    }
}
