using System.CommandLine;
using System.Runtime.Versioning;
using ActivityConnector.Commands;
using ActivityConnector.Tests.Commands;
using Xunit.Abstractions;

namespace ActivityConnector.Tests.Documents;

/// <summary>
/// Every command of the documents is one of the program, and each that needs nothing but the vendors is run. What needs more is marked in the document by a
/// comment before the block, as <c>&lt;!-- needs Kafka --&gt;</c>, or is called by another program there, as <c>kubectl</c>.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class DocumentedCommandsTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_command_of_the_documents_is_one_of_the_program()
    {
        Assert.Contains(Document.Commands, command => command.Text.StartsWith("./run run --once", StringComparison.Ordinal));
        Assert.Empty(Document.Commands.SelectMany(Problems));
    }

    [Fact]
    public void Every_command_that_the_text_names_has_a_verb_and_options_of_the_program()
    {
        var named = Document.All.SelectMany(d => DocumentedCommand.NamedIn(d.Name, d.Text)).ToList();

        Assert.Contains(named, n => n.Words is ["dlq", "list", ..]);
        Assert.Empty(named.SelectMany(n => Unknown(n.Words).Select(word => $"{n.Place}: {string.Join(' ', n.Words)}: {word}")));
    }

    [Fact]
    public async Task Every_command_that_needs_nothing_but_the_vendors_succeeds()
    {
        await using var scene = await DocumentScene.OpenAsync();
        await scene.AssertAllSucceedAsync(needs: null, output);

        foreach (var command in Document.Commands.Where(c => c.Needs is not null))
        {
            output.WriteLine($"not run here, it needs {command.Needs}: {command.Place}: {command.Text}");
        }
    }

    [Fact]
    public void Every_mark_stands_before_a_command() => Assert.Empty(
        from document in Document.All
        from block in DocumentBlock.Of(document.Text)
        where block.Needs is not null && !Document.Commands.Any(c => c.Needs == block.Needs && IsWithin(c, document.Name, block))
        select $"{document.Name}:{block.Line}: {block.Needs}");

    [Theory]
    [InlineData("    ./run dlq lst", "'lst'")]
    [InlineData("```\nSome=x activity-connector run --ones  # the service\n```", "'--ones'")]
    [InlineData("Then `./run check --fast`.", "'--fast'")]
    [InlineData("    ./run export --since yesterday | wc -l", "yesterday")]
    [InlineData("    docker compose run --rm connector check --nothing", "'--nothing'")]
    [InlineData("    kubectl -n audit exec deployment/activity-connector -- \\\n      /app/activity-connector status --nothing", "'--nothing'")]
    [InlineData("| `source <(activity-connector completion tcsh)` | |", "tcsh")]
    [InlineData("    ./run export --since -1d | wc -l\n    helm upgrade activity-connector charts/activity-connector --wait\n    ./test fast", null)]
    [InlineData("    ./run\n    export A__B=c\n    ./run transform --source intercom < records.json  # with '", null)]
    public void A_command_that_the_program_does_not_know_is_found(string markdown, string? problem)
    {
        var problems = DocumentedCommand.In("a.md", markdown).SelectMany(Problems).ToList();
        if (problem is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(problem, Assert.Single(problems), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Then `dlq lst`.", "lst")]
    [InlineData("`dlq show ID` and `dlq list --by-reason`", "--by-reason")]
    [InlineData("`checkpoint set intercom --watermark TIME`, `export A__B=c`, `run --once`, `status`, `version 7; too new`, `sweep {source}`", null)]
    public void A_name_that_the_program_does_not_know_is_found(string markdown, string? unknown)
    {
        string[] expected = unknown is null ? [] : [unknown];
        Assert.Equal(expected, DocumentedCommand.NamedIn("a.md", markdown).SelectMany(named => Unknown(named.Words)));
    }

    [Fact]
    public void A_mark_holds_for_the_block_after_it()
    {
        const string Marked = "<!-- needs Kafka -->\n\n    ./run setup kafka\n\n    ./run run\n\nAnd `./run check`.\n<!-- needs a vendor -->\n`./run check`\n";

        Assert.Equal(
            ["./run setup kafka: Kafka", "./run run: Kafka", "./run check: ", "./run check: a vendor"],
            DocumentedCommand.In("a.md", Marked).Select(c => $"{c.Text}: {c.Needs}"));
    }

    private static IEnumerable<string> Problems(DocumentedCommand command) =>
        from arguments in command.Arguments
        let parse = Parse(arguments)
        from error in parse.UnmatchedTokens.Select(token => $"'{token}'").Concat(parse.Errors.Select(error => error.Message)).Take(1)
        select $"{command.Place}: {command.Text}: {error}";

    /// <summary>Options that the command does not have, and words that it has no place for.</summary>
    private static IEnumerable<string> Unknown(IReadOnlyList<string> words)
    {
        var parse = Parse(words);
        var options = Upwards(parse.CommandResult.Command)
            .SelectMany(command => command.Options)
            .SelectMany(option => option.Aliases.Append(option.Name))
            .ToHashSet();
        return words.Where(word => word.StartsWith("--", StringComparison.Ordinal) && !options.Contains(word)).Union(parse.UnmatchedTokens);
    }

    private static ParseResult Parse(IReadOnlyList<string> words) =>
        CommandLine.Root(new Shell(Session.Nowhere)).Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });

    private static IEnumerable<Command> Upwards(Command command)
    {
        for (Command? at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault()) yield return at;
    }

    private static bool IsWithin(DocumentedCommand command, string document, DocumentBlock block) =>
        Enumerable.Range(block.Line, block.Lines.Count).Any(line => command.Place == $"{document}:{line}");
}
