using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary><c>config</c>: what holds, and a file to start from.</summary>
internal static class ConfigCommand
{
    public static Command Create(Shell shell) => new("config", "The effective configuration, and a file to start from.") { Show(shell), New(shell) };

    private static Command Show(Shell shell)
    {
        var changed = new Option<bool>("--changed") { Description = "Only what was set somewhere to another value than the default." };
        var command = new Command(
            "show", "Every option with its value and where it was set. Secrets are masked. Works with a configuration that has problems, too.")
        {
            changed,
        };
        command.SetAction(parse =>
        {
            var loaded = shell.Configuration(parse);
            var table = new ResultTable("key", "value", "set_by");
            foreach (var option in new EffectiveOptions(loaded).All().Where(o => !parse.GetValue(changed) || (o.SetBy is not null && !o.IsDefault)))
            {
                table.Add(option.Key, option.Value, option.SetBy ?? "default");
            }

            table.Write(shell.Terminal, shell.Output(parse));
            if (loaded.Problems.Count > 0)
            {
                shell.Terminal.WriteError(
                    $"The configuration has {loaded.Problems.Count} problems, and where a value cannot be used the default is shown: see 'validate'.");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command New(Shell shell)
    {
        var sources = new Option<string[]>("--source")
        {
            Description = "A vendor to collect from; repeatable. Default: all of them.",
            HelpName = string.Join('|', Vendor.Names),
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        sources.AcceptOnlyFromAmong(Vendor.Names);
        var sink = ChoiceOption.CreateOptional("--sink", "Where events are brought besides the journal.", "elasticsearch");
        var journal = ChoiceOption.Create("--journal", "Where events and checkpoints are kept.", "sqlite", "kafka");
        var command = new Command("new", "Prints a configuration file with comments, to start from: config new --source intercom > connector.json")
        {
            sources, sink, journal,
        };
        command.SetAction(parse =>
        {
            var chosen = parse.GetValue(sources) is { Length: > 0 } given ? Vendor.All.Where(v => given.Contains(v.Name)) : Vendor.All;
            var lines = StartingFile.Lines(chosen, parse.GetValue(sink) is not null, parse.GetValue(journal) == "kafka");
            foreach (var line in lines) shell.Terminal.WriteData(line);

            return ExitCodes.Done;
        });
        return shell.WithoutResults(shell.WithoutConfiguration(command));
    }
}
