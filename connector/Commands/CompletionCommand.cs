using System.CommandLine;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>completion</c>: a script for a shell, made from the tree of commands.</summary>
internal static class CompletionCommand
{
    public static Command Create(Shell shell)
    {
        var name = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh." };
        name.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command(
            "completion",
            """
            Prints a script that completes commands and options in a shell.
              bash   source <(activity-connector completion bash)
              zsh    source <(activity-connector completion zsh)
              fish   activity-connector completion fish | source
              pwsh   activity-connector completion pwsh | Out-String | Invoke-Expression
            """)
        {
            name,
        };
        command.SetAction(parse =>
        {
            var script = new CompletionScript(CommandLine.Root(new Shell(shell.Terminal)));
            shell.Terminal.WriteData(parse.GetRequiredValue(name) switch
            {
                "bash" => script.Bash(),
                "zsh" => script.Zsh(),
                "fish" => script.Fish(),
                _ => script.PowerShell(),
            });
            return ExitCodes.Done;
        });
        return shell.WithoutResults(shell.WithoutConfiguration(command));
    }
}
