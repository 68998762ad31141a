using System.CommandLine;

namespace ActivityConnector.Commands;

/// <summary><c>run</c>: the service.</summary>
internal static class RunCommand
{
    public static Command Create(Shell shell)
    {
        var role = ChoiceOption.Create("--role", "all, or collect: from the sources to the journal only.", "all", "collect");
        var once = new Option<bool>("--once") { Description = "Every source up to the present, then exit: for a CronJob, a test, a person." };
        var command = new Command("run", "Collects every source that is on, until it is stopped.") { role, once };
        command.SetAction((parse, cancellationToken) =>
            RunVerb.ExecuteAsync(shell.ValidOptions(parse), parse.GetValue(once), shell.Terminal, shell.Output(parse), cancellationToken));
        return command;
    }
}
