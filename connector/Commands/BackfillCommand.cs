using System.CommandLine;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>backfill</c>: a bounded range of time that was not collected, beside the live records.</summary>
internal static class BackfillCommand
{
    public static Command Create(Shell shell) => new("backfill", "Collects a range of time that was not collected, beside the live records.")
    {
        Start(shell), Status(shell), Cancel(shell),
    };

    private static Command Start(Shell shell)
    {
        var options = new RangeOptions(shell);
        var dryRun = new Option<bool>("--dry-run") { Description = "Only checks the range against the journal, and says what would be read." };
        var command = new Command(
            "start",
            "Collects a range of time: history from before StartAt, or a hole. It is a part of the source's checkpoint: whatever interrupts it, the same "
            + "command, or the running service, continues it.")
        {
            dryRun,
        };
        options.AddTo(command);
        command.SetAction((parse, cancellationToken) =>
        {
            var request = options.Request(parse, RangeKind.Backfill);
            return parse.GetValue(dryRun)
                ? RangeWork.CheckAsync(shell, parse, options.Source(parse), request, cancellationToken)
                : RangeWork.RunAsync(shell, parse, options.Source(parse), request, cancellationToken);
        });
        return command;
    }

    private static Command Status(Shell shell)
    {
        var command = new Command("status", "The ranges that were asked for, backfills and sweeps: how far each is, what it brought, how long it will take.");
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            var table = new ResultTable("id", "source", "kind", "state", "from", "to", "done", "published", "known", "left");
            foreach (var source in await journal.SourcesAsync(cancellationToken))
            {
                if (await journal.CheckpointAsync(source, cancellationToken) is not { } text) continue;

                foreach (var range in CheckpointText.Parse(text).Ranges ?? [])
                {
                    table.Add(
                        range.Id, source.ToString(), Word(range.Kind), Word(range), range.From, range.To, RangeWork.Percent(range), range.Counts.Published,
                        range.Counts.Known, RangeWork.Duration(range.Left));
                }
            }

            table.Write(shell.Terminal, shell.Output(parse));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Cancel(Shell shell)
    {
        var id = new Argument<string>("ID") { Description = "As backfill status shows it; a sweep's, too." };
        var command = new Command("cancel", "Ends a backfill or a sweep where it stands. What it brought stays.") { id };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.OperateAsync(shell, parse, cancellationToken);
            await using var view = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            var name = parse.GetRequiredValue(id);
            foreach (var source in await view.SourcesAsync(cancellationToken))
            {
                if (await view.CheckpointAsync(source, cancellationToken) is not { } text) continue;

                var checkpoint = CheckpointText.Parse(text);
                if (checkpoint.Ranges?.Any(range => range.Id == name) != true) continue;

                var now = shell.Terminal.Clock.GetUtcNow();
                var (next, cancelled) = RequestedRange.CancelIn(checkpoint, name, now);
                next = next with { CommittedAt = now, Writer = new CheckpointWriter(ConnectorHost.Version, "by hand") };
                await journal.SetCheckpointAsync(source, next, [], cancellationToken);
                shell.Terminal.WriteLine($"{name} of {source} is cancelled. {RangeWork.Summary(cancelled)}");
                return ExitCodes.Done;
            }

            throw new CommandFailedException(ExitCodes.Failed, $"The journal has no range {name}. 'backfill status' shows all of them.");
        });
        return command;
    }

    private static string Word(RangeKind kind) => kind == RangeKind.Backfill ? "backfill" : "sweep";

    private static string Word(RequestedRange range) => range.State switch
    {
        RangeState.Done => "done",
        RangeState.Cancelled => "cancelled",
        _ when range.BeganAt is null => "waiting",
        _ => "under way",
    };
}
