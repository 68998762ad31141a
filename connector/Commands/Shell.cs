using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>What every command has: the terminal and the options that stand with any of them.</summary>
internal sealed class Shell(Terminal terminal)
{
    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description = "The configuration file. Default: that of the variable ACTIVITY_CONNECTOR_CONFIG, else the one beside the program.",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<KeyValuePair<string, string>[]> _set = new("--set")
    {
        Description = "Sets one option over file and environment: --set Sources:Intercom:PageSize=50. Repeatable.",
        HelpName = "KEY=VALUE",
        Recursive = true,
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token =>
        {
            var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                // Not the text itself: a secret is as likely there as anything.
                result.AddError("--set: write it as Key:Sub=value, without a space.");
                return default;
            }

            return KeyValuePair.Create(token.Value[..equals], token.Value[(equals + 1)..]);
        })],
    };

    private readonly Option<string?> _output = ChoiceOption
        .CreateOptional(
            "--output",
            "How results are printed. Default: table on a terminal; in a pipe a row a line, with tabs between the values and no head.",
            "table",
            "json")
        .ForEveryCommand("-o");

    private readonly HashSet<Command> _withoutResults = [];
    private readonly HashSet<Command> _withoutConfiguration = [];
    private LoadedConfiguration? _configuration;

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Details of an unexpected error.", Recursive = true };

    private readonly Option<string> _logFormat = ChoiceOption
        .Create("--log-format", "How the log, and all else that is no result, is written: text, or json with ECS fields, an object a line.", "text", "json")
        .ForEveryCommand();

    private readonly Option<string?> _logLevel = ChoiceOption
        .CreateOptional("--log-level", "The least level of log lines. Default: info; demo: warn.", "debug", "info", "warn", "error")
        .ForEveryCommand();

    /// <summary>What the command is run with, the log as its options say.</summary>
    public Terminal Terminal { get; private set; } = terminal;

    /// <summary>To be added to the root: they are known to every command.</summary>
    public IEnumerable<Option> Options => [_config, _set, _output, _logFormat, _logLevel, _verbose];

    /// <summary>Follows the options of the log, before the command begins.</summary>
    public void FollowLogOptions(ParseResult parse)
    {
        LogLevel? least = Valid(_logLevel) switch
        {
            "debug" => LogLevel.Debug,
            "info" => LogLevel.Information,
            "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => null,
        };
        Terminal = Terminal with { Log = new(Valid(_logFormat) == "json", least) };

        // A word that is none of them is reported with the other mistakes.
        string? Valid(Option option) => parse.GetResult(option) is { Tokens: [{ Value: var word }] } ? word : null;
    }

    public OutputFormat Output(ParseResult parse) => parse.GetValue(_output) switch
    {
        "json" => OutputFormat.Json,
        "table" => OutputFormat.Table,
        _ => Terminal.IsInteractive ? OutputFormat.Table : OutputFormat.Lines,
    };

    /// <summary>
    /// Says that the command prints no result, so that its help has no <c>--output</c>. It is still understood: scripts give it to every command.
    /// </summary>
    public Command WithoutResults(Command command)
    {
        _withoutResults.Add(command);
        return command;
    }

    /// <summary>Says that the command reads no configuration, so that its help does not show how to give one.</summary>
    public Command WithoutConfiguration(Command command)
    {
        _withoutConfiguration.Add(command);
        return command;
    }

    /// <summary>Hides from the help of a command what means nothing to it.</summary>
    public void HideWhatMeansNothingTo(Command command)
    {
        var isGroup = command.Subcommands.Count > 0 && command is not RootCommand;
        _output.Hidden = _withoutResults.Contains(command) || (isGroup && command.Subcommands.All(_withoutResults.Contains));
        _config.Hidden = _set.Hidden = _withoutConfiguration.Contains(command);
    }

    public bool Verbose(ParseResult parse) => parse.GetValue(_verbose);

    /// <summary>The configuration with its problems, every layer read; once for each command line.</summary>
    public LoadedConfiguration Configuration(ParseResult parse) => _configuration ??= LoadedConfiguration.Load(
        new ConfigurationInput
        {
            File = parse.GetValue(_config),
            Set = parse.GetValue(_set) ?? [],
            Environment = Terminal.Environment,
            WorkingDirectory = Terminal.WorkingDirectory,
        },
        Terminal.Clock);

    /// <summary>The options for a command that needs the given sections (all when none is given).</summary>
    /// <exception cref="CommandFailedException">There are problems; the message lists all of them.</exception>
    public ConnectorOptions ValidOptions(ParseResult parse, params string[] sections) => Valid(parse, sections).Options;

    /// <summary>As <see cref="ValidOptions"/>, with the file they were read from.</summary>
    public LoadedConfiguration Valid(ParseResult parse, params string[] sections)
    {
        var loaded = Configuration(parse);
        loaded = sections.Length == 0 ? loaded : loaded.For(sections);
        if (!loaded.CanRun)
        {
            throw new CommandFailedException(ExitCodes.Configuration, [.. loaded.Problems.Select(problem => problem.ToString())]);
        }

        foreach (var warning in loaded.Problems) Terminal.WriteError(warning.ToString(), LogLevel.Warning);

        return loaded;
    }
}
