using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary><c>dlq</c>: the records that could not be delivered.</summary>
internal static partial class DeadLetterCommand
{
    private const string WhenEmpty = "There are no such dead letters.";

    private static readonly string[] Stages = [.. Enum.GetValues<DeadLetterStage>().Select(stage => stage.Name())];

    public static Command Create(Shell shell) => new("dlq", "The dead letters: records that could not be delivered, each with its reason.")
    {
        List(shell), Show(shell), DeadLetterReplayCommand.Create(shell), Discard(shell),
    };

    private static Command List(Shell shell)
    {
        var source = new Option<string?>("--source") { Description = "Only those of a source: its name, or vendor/account.", HelpName = "SOURCE" };
        var stage = ChoiceOption.CreateOptional(
            "--stage",
            "Only those of a stage: page, of a vendor's text that is no record; size, too large for the journal; index, refused by the sink.",
            Stages);
        var since = TimeOption.Create("--since", "Only those of this time or later.", shell.Terminal.Clock);
        var limit = NumberOption.Create("--limit", "The most lines; 0 = all.", 0, int.MaxValue);
        var by = ChoiceOption.CreateOptional("--by", "One line for each of these, with how many there are, instead of one for each dead letter.",
            "reason", "stage", "source", "day");
        var command = new Command("list", "One line for each, newest first; or, with --by, one for each group.") { source, stage, since, limit, by };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            var names = await CommandJournal.NamesAsync(shell, parse, cancellationToken);
            var filter = new EventFilter { Source = names.Filter(parse.GetValue(source)) };
            var letters = journal.DeadLettersAsync(cancellationToken).Where(letter =>
                filter.AcceptsSourceOf(letter)
                && (parse.GetValue(stage) is not { } wanted || StageOf(letter) == wanted)
                && !(letter.At < parse.GetValue(since)));
            var most = parse.GetValue(limit) is > 0 and var given ? given : int.MaxValue;
            if (parse.GetValue(by) is { } group)
            {
                await WriteGroupsAsync(letters, group, names, most, shell, parse, cancellationToken);
            }
            else
            {
                var table = new ResultTable("id", "stage", "at", "origin", "bytes", "reason") { GiveWay = ["bytes", "at", "origin"], WhenEmpty = WhenEmpty };
                await foreach (var letter in letters.Take(most).WithCancellation(cancellationToken))
                {
                    table.Add(letter.Id, StageOf(letter), letter.At, OriginOf(letter, names), letter.OriginalLength, letter.Reason);
                }

                table.Write(shell.Terminal, shell.Output(parse));
            }

            LeftOut.Write(journal, shell.Terminal);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task WriteGroupsAsync(
        IAsyncEnumerable<DeadLetter> letters, string by, SourceNames names, int most, Shell shell, ParseResult parse, CancellationToken cancellationToken)
    {
        var groups = new Dictionary<string, (long Count, DateTimeOffset First, DateTimeOffset Last, string Example)>();
        await foreach (var letter in letters.WithCancellation(cancellationToken))
        {
            var name = by switch
            {
                "reason" => TooMany().Replace(Place().Replace(letter.Reason, ""), "too many"),
                "stage" => StageOf(letter),
                "source" => letter.Source is { } of ? names.Of(of) : letter.SourceText,
                _ => letter.At.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            };
            var group = groups.GetValueOrDefault(name, (0, letter.At, letter.At, letter.Id));
            groups[name] = (group.Count + 1, letter.At < group.First ? letter.At : group.First, letter.At > group.Last ? letter.At : group.Last, group.Example);
        }

        var table = new ResultTable(by, "count", "first", "last", "example") { GiveWay = ["example", "first", "last"], WhenEmpty = WhenEmpty };
        var ordered = by == "day" ? groups.OrderByDescending(g => g.Key, StringComparer.Ordinal) : groups.OrderByDescending(g => g.Value.Count);
        foreach (var (name, (count, first, last, example)) in ordered.Take(most)) table.Add(name, count, first, last, example);

        table.Write(shell.Terminal, shell.Output(parse));
    }

    private static Command Show(Shell shell)
    {
        var id = new Argument<string>("ID") { Description = "Its id, as 'dlq list' prints it." };
        var command = new Command("show", "All of one, with the record as it came.") { id };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            var letter = await journal.DeadLetterAsync(parse.GetRequiredValue(id), cancellationToken) ?? throw None(parse.GetRequiredValue(id));
            var table = new ResultTable("field", "value") { MostOfCell = 128 * 1024 };
            table.Add("id", letter.Id);
            table.Add("stage", StageOf(letter));
            table.Add("reason", letter.Reason);
            table.Add("origin", letter.Origin);
            table.Add("at", letter.At);
            table.Add("bytes", letter.OriginalLength);
            table.Add("record", Encoding.UTF8.GetString(letter.Body.Span));
            table.Write(shell.Terminal, shell.Output(parse));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Discard(Shell shell)
    {
        var id = new Argument<string?>("ID") { Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All of them." };
        var yes = Question.YesOption();
        var command = new Command("discard", "Deletes one or all permanently.") { id, all, yes };
        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is null == !result.GetValue(all)) result.AddError("Give an ID, or --all.");
        });
        command.SetAction(async (parse, cancellationToken) =>
        {
            var one = parse.GetValue(id);
            Question.Ask(shell.Terminal, one is null ? "Delete all dead letters permanently?" : $"Delete dead letter {one} permanently?", parse.GetValue(yes));
            var options = shell.ValidOptions(parse, "Journal", "Kafka", "Admin");
            using var running = await RunningConnector.FindAsync(options, shell.Terminal, cancellationToken);
            var count = running is not null
                ? await running.DiscardDeadLettersAsync(one, cancellationToken)
                : await DiscardAsync(shell, parse, one, cancellationToken);
            if (one is not null && count == 0) throw None(one);

            shell.Terminal.WriteLine($"{count} deleted.");
            return ExitCodes.Done;
        });
        return shell.WithoutResults(command);
    }

    private static async Task<int> DiscardAsync(Shell shell, ParseResult parse, string? id, CancellationToken cancellationToken)
    {
        await using var journal = await CommandJournal.OperateAsync(shell, parse, cancellationToken);
        await using var view = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
        var audit = CommandJournal.Audit(shell.Configuration(parse).Options, journal, shell.Terminal.Clock);
        return await DeadLetterDiscard.RunAsync(id, view, new(view, journal, audit.Discarded), cancellationToken);
    }

    private static string StageOf(DeadLetter letter) => letter.Stage.Name();

    /// <summary>Where it came from, with the source's name as everywhere.</summary>
    private static string OriginOf(DeadLetter letter, SourceNames names) =>
        letter.Source is { } source ? names.Of(source) + letter.Origin[source.ToString().Length..] : letter.Origin;

    private static CommandFailedException None(string id) => new(ExitCodes.Failed, $"There is no dead letter {id}.");

    /// <summary>Where in a text the reason is: not the same for two letters of one reason.</summary>
    [GeneratedRegex(@": line \d+, byte \d+")]
    private static partial Regex Place();

    [GeneratedRegex(@"(?<= has )\d+(?= bytes)")]
    private static partial Regex TooMany();
}
