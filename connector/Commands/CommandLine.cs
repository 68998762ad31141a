using System.CommandLine;
using System.CommandLine.Help;
using ActivityConnector.Configuration;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>From arguments to an exit code: parsing, dispatch, and the one place that knows what each failure means to the caller.</summary>
internal static class CommandLine
{
    public const string Name = "activity-connector";

    private const string Description = """
        Reads the audit logs of Intercom and Sequence, maps every record to one flat ECS event, and keeps each exactly once.

        Exit codes: 0 done, 1 failed, 2 wrong usage, 64 configuration, 65 a needed part is missing, 70 internal error,
        75 another instance owns the journal, 130 and 143 interrupted.
        """;

    /// <exception cref="OperationCanceledException">The token was cancelled before the command had finished.</exception>
    public static async Task<int> InvokeAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var shell = new Shell(terminal);
        var root = Root(shell);

        // No response files: a value of --set may begin with @.
        var parse = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        shell.FollowLogOptions(parse);
        terminal = shell.Terminal;
        if (parse.Errors.Count > 0 && parse.Action is not HelpAction) return WrongUsage(parse, terminal);

        if (parse.Action is HelpAction) shell.HideWhatMeansNothingTo(parse.CommandResult.Command);

        try
        {
            var streams = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parse.InvokeAsync(streams, cancellationToken);
        }
#pragma warning disable CA1031 // The edge of the process: every failure becomes one line and a code.
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return Failed(e, shell.Verbose(parse), terminal);
        }
    }

    /// <summary>The tree of all commands.</summary>
    public static RootCommand Root(Shell shell)
    {
        var root = new RootCommand(Description) { HelpName = Name };
        foreach (var option in shell.Options) root.Add(option);

        foreach (var command in Program.Commands) root.Add(command(shell));

        return root;
    }

    private static int WrongUsage(ParseResult parse, Terminal terminal)
    {
        var command = parse.CommandResult.Command;
        if (parse.UnmatchedTokens is [var word, ..])
        {
            var near = Suggestion.For(word, Names(command));
            terminal.WriteError(
                near is null && MayBeSecret(word, parse)
                    ? "Unknown: a word, which is not shown because beside --set it may be a secret. Write --set Key:Sub=value without a space."
                    : $"Unknown: {word}.{(near is null ? "" : $" Did you mean {near}?")}",
                LogLevel.Error);
        }
        else
        {
            foreach (var error in parse.Errors) terminal.WriteError(error.Message, LogLevel.Error);
        }

        terminal.WriteError($"Try: {string.Join(' ', Path(command).Reverse().Select(c => c is RootCommand ? Name : c.Name))} --help", LogLevel.Error);
        return ExitCodes.WrongUsage;
    }

    /// <summary>As in <c>--set Sources:Intercom:AccessToken= abc</c>.</summary>
    private static bool MayBeSecret(string word, ParseResult parse) =>
        !word.StartsWith('-') && parse.Tokens.Any(token => token.Value.StartsWith("--set", StringComparison.Ordinal));

    private static IEnumerable<string> Names(Command command) =>
        command.Subcommands.Select(c => c.Name).Concat(Path(command).SelectMany(c => c.Options).Select(o => o.Name));

    /// <summary>The command and those it stands below, up to the root.</summary>
    private static IEnumerable<Command> Path(Command command)
    {
        for (Command? at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault()) yield return at;
    }

    private static int Failed(Exception exception, bool verbose, Terminal terminal)
    {
        var failure = CommandError.Of(exception);
        var hint = failure.ExitCode == ExitCodes.InternalError && !verbose ? " (details: --verbose)" : "";
        var details = (verbose || failure.ExitCode == ExitCodes.InternalError) && exception is not CommandFailedException ? exception : null;
        foreach (var line in failure.Lines) terminal.WriteError(line + hint, LogLevel.Critical, details);

        if (verbose && details is not null && !terminal.Log.IsJson)
        {
            foreach (var line in PlainText.Indented(exception)) terminal.WriteError(line);
        }

        return failure.ExitCode;
    }
}
