using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>validate</c>: the configuration, offline, all problems at once.</summary>
internal static class ValidateCommand
{
    public static Command Create(Shell shell)
    {
        var command = new Command("validate", "Checks the configuration without the network: all problems at once, each with its key, the cause and the fix.");
        command.SetAction(parse => Run(shell.Configuration(parse), shell.Terminal, shell.Output(parse)));
        return command;
    }

    private static int Run(LoadedConfiguration loaded, Terminal terminal, OutputFormat format)
    {
        if (loaded.Problems.Count > 0 || format == OutputFormat.Json)
        {
            var table = new ResultTable("level", "key", "cause", "fix", "set_by");
            foreach (var problem in loaded.Problems)
            {
                table.Add(problem.IsWarning ? "warning" : "error", problem.Key, problem.Cause, problem.Fix, problem.SetBy);
            }

            table.Write(terminal, format);
        }
        else
        {
            terminal.WriteLine($"The configuration is valid ({loaded.File ?? "no file, only defaults, environment and --set"}).");
        }

        return loaded.CanRun ? ExitCodes.Done : ExitCodes.Configuration;
    }
}
