using System.CommandLine;

namespace ActivityConnector.Commands;

/// <summary><c>demo</c>: the whole connector against both vendor simulators, with no setting.</summary>
internal static class DemoCommand
{
    public static Command Create(Shell shell)
    {
        var once = new Option<bool>("--once") { Description = "Collects what the simulators hold, then exits." };
        var command = new Command("demo", "Runs both vendor simulators and the connector on loopback: no account, no setting, no network needed.") { once };
        command.SetAction((parse, cancellationToken) =>
            DemoVerb.ExecuteAsync(shell.ValidOptions(parse, "Transform"), parse.GetValue(once), shell.Terminal, cancellationToken));
        return command;
    }
}
