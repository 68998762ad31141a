using System.Text.RegularExpressions;
using ActivityConnector.Commands;
using ActivityConnector.Tests.Commands;

namespace ActivityConnector.Tests.Documents;

/// <summary>A line of a document in which the connector is called.</summary>
/// <param name="Place">The document and the line.</param>
/// <param name="Text">The line as a shell would get it.</param>
/// <param name="Arguments">What follows the name of the program, for each call.</param>
/// <param name="NeedsShell">Whether only a shell can run it.</param>
/// <param name="Needs">What is needed that a test does not have; null where it can be run.</param>
internal sealed partial record DocumentedCommand(
    string Place, string Text, IReadOnlyList<IReadOnlyList<string>> Arguments, bool NeedsShell, string? Needs)
{
    /// <summary>The words that may follow the name of the program.</summary>
    public static IReadOnlySet<string> Verbs { get; } =
        CommandLine.Root(new Shell(Session.Nowhere)).Subcommands.Select(command => command.Name).ToHashSet();

    /// <summary>Every call in code, and in the text where it is written with the name of the program.</summary>
    public static IEnumerable<DocumentedCommand> In(string document, string markdown) => DocumentBlock.Of(markdown)
        .SelectMany(block => block.IsCode ? InCode(block) : Spans(block).Where(span => !IsProgram(span.Text)), (block, line) => (block, line))
        .Select(found => Read($"{document}:{found.line.Number}", found.line.Text, found.block.Needs))
        .OfType<DocumentedCommand>();

    /// <summary>Commands that the text names without the program, as <c>dlq list</c>: a verb and what follows.</summary>
    public static IEnumerable<(string Place, IReadOnlyList<string> Words)> NamedIn(string document, string markdown) => DocumentBlock.Of(markdown)
        .Where(block => !block.IsCode)
        .SelectMany(Spans)
        .Select(span => (Place: $"{document}:{span.Number}", Words: ShellLine.Read(span.Text).Commands is [var command] ? command : []))
        .Where(named => named.Words.Count > 1 && Verbs.Contains(named.Words[0]) && !OtherText().IsMatch(named.Words[1]));

    private static DocumentedCommand? Read(string place, string text, string? needs)
    {
        var line = ShellLine.Read(text);
        var calls = line.Commands.Select(Call).Where(call => call.Arguments is not null).ToList();
        if (calls.Count == 0) return null;

        needs ??= calls.Select(call => call.By).FirstOrDefault(by => by is not null);
        var needsShell = line.NeedsShell || !line.IsWhole || Assignment().IsMatch(line.Commands[0][0]);
        return new(place, text.Trim(), [.. calls.Select(call => call.Arguments!)], needsShell, needs);
    }

    /// <summary>What the connector is called with; and the program that calls it, if that is none of a shell's.</summary>
    private static (IReadOnlyList<string>? Arguments, string? By) Call(IReadOnlyList<string> words)
    {
        var command = words.SkipWhile(word => Assignment().IsMatch(word)).ToList();
        if (command is []) return (null, null);

        if (command is ["dotnet", var program, ..] && program.EndsWith("activity-connector.dll", StringComparison.Ordinal)) return (command[2..], null);

        if (IsProgram(command[0])) return (command is [_] ? ["demo"] : command[1..], null);

        // As in: kubectl exec deployment/activity-connector -- /app/activity-connector status; docker compose run --rm connector check.
        var isContainer = command[0] is "docker" or "podman";
        var verb = command.FindIndex(1, word => Verbs.Contains(word) && !isContainer);
        if (isContainer && command.FindIndex(word => word is "run" or "exec") is > 0 and var run)
        {
            verb = command.FindIndex(run + 1, Verbs.Contains);
            return verb < 0 ? (null, null) : (command[verb..], command[0]);
        }

        return verb > 0 && IsProgram(command[verb - 1]) ? (command[verb..], command[0]) : (null, null);
    }

    private static bool IsProgram(string word) =>
        word is "./run" or "activity-connector" || word.EndsWith("/bin/activity-connector", StringComparison.Ordinal) || word == "/app/activity-connector";

    /// <summary>The lines of a shell, those that a backslash joins as one.</summary>
    private static IEnumerable<(int Number, string Text)> InCode(DocumentBlock block)
    {
        var (text, first) = ("", block.Line);
        for (var i = 0; i < block.Lines.Count; i++)
        {
            if (text.Length == 0) first = block.Line + i;

            var goesOn = block.Lines[i].EndsWith('\\');
            text += goesOn ? block.Lines[i][..^1] : block.Lines[i];
            if (goesOn) continue;

            yield return (first, text);
            text = "";
        }
    }

    private static IEnumerable<(int Number, string Text)> Spans(DocumentBlock block)
    {
        var text = string.Join('\n', block.Lines);
        return CodeSpan().Matches(text).Select(span => (
            block.Line + text.AsSpan(0, span.Index).Count('\n'),
            span.Groups[1].Value.Replace('\n', ' ').Replace("\\|", "|", StringComparison.Ordinal)));
    }

    /// <summary>A variable that a shell exports, or the name of a span: <c>export A__B=c</c>, <c>sweep {source}</c>.</summary>
    [GeneratedRegex("__|[{]")]
    private static partial Regex OtherText();

    [GeneratedRegex("(?<!`)`([^`]+)`(?!`)")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*=")]
    private static partial Regex Assignment();
}
