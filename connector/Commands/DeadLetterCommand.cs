using System.CommandLine;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>dlq</c>: the records that could not be delivered.</summary>
internal static class DeadLetterCommand
{
    public static Command Create(Shell shell) => new("dlq", "The dead letters: records that could not be delivered, each with its reason.")
    {
        List(shell), Show(shell), DeadLetterReplayCommand.Create(shell), Discard(shell),
    };

    private static Command List(Shell shell)
    {
        var command = new Command("list", "One line for each, newest first.");
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            var table = new ResultTable("id", "stage", "at", "origin", "bytes", "reason")
            {
                GiveWay = ["bytes", "origin", "at"],
                WhenEmpty = "There are no dead letters.",
            };
            await foreach (var letter in journal.DeadLettersAsync(cancellationToken))
            {
                table.Add(letter.Id, Stage(letter), letter.At, letter.Origin, letter.OriginalLength, letter.Reason);
            }

            table.Write(shell.Terminal, shell.Output(parse));
            LeftOut.Write(journal, shell.Terminal);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Shell shell)
    {
        var id = new Argument<string>("ID");
        var command = new Command("show", "All of one, with the record as it came.") { id };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            var letter = await journal.DeadLetterAsync(parse.GetRequiredValue(id), cancellationToken) ?? throw None(parse.GetRequiredValue(id));
            var table = new ResultTable("field", "value") { MostOfCell = 128 * 1024 };
            table.Add("id", letter.Id);
            table.Add("stage", Stage(letter));
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
            await using var journal = await CommandJournal.OperateAsync(shell, parse, cancellationToken);
            if (parse.GetValue(id) is { } one)
            {
                Question.Ask(shell.Terminal, $"Delete dead letter {one} permanently?", parse.GetValue(yes));
                if (!await journal.DiscardDeadLetterAsync(one, cancellationToken)) throw None(one);

                shell.Terminal.WriteLine("1 deleted.");
            }
            else
            {
                Question.Ask(shell.Terminal, "Delete all dead letters permanently?", parse.GetValue(yes));
                shell.Terminal.WriteLine($"{await journal.DiscardDeadLettersAsync(cancellationToken)} deleted.");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static string Stage(DeadLetter letter) => letter.Stage.Text().ToLowerInvariant();

    private static CommandFailedException None(string id) => new(ExitCodes.Failed, $"There is no dead letter {id}.");
}
