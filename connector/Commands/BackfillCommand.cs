using System.CommandLine;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Status;
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
                ? RangeStart.CheckAsync(shell, parse, options.Source(parse), request, cancellationToken)
                : RangeStart.RunAsync(shell, parse, options.Source(parse), request, options.Here(parse), cancellationToken);
        });
        return shell.WithoutResults(command);
    }

    private static Command Status(Shell shell)
    {
        var command = new Command("status", "The ranges that were asked for, backfills and sweeps: how far each is, what it brought, how long it will take.");
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = shell.ValidOptions(parse, "Journal", "Kafka", "Admin");
            using var running = await RunningConnector.FindAsync(options, shell.Terminal, cancellationToken);
            await using var view = running is null ? await ConfiguredJournal.ViewAsync(options, shell.Terminal.Clock, cancellationToken) : null;
            var ranges = running is not null ? await running.RangesAsync(cancellationToken) : await StoredAsync(view!, cancellationToken);
            var table = new ResultTable("id", "source", "kind", "state", "from", "to", "percent", "published", "known", "late", "left")
            {
                GiveWay = ["known", "late", "left", "kind", "to", "from"],
                WhenEmpty = "No range was asked for. 'backfill start' and 'sweep' do that.",
            };
            foreach (var range in ranges)
            {
                table.Add(
                    range.Id, range.Source, range.Kind.Name(), Words.Of(range.State), range.From, range.To, (int)Math.Floor(range.Share * 100),
                    range.Published, range.Known, range.Late, range.SecondsLeft is { } left ? TimeSpan.FromSeconds(Math.Ceiling(left)) : null);
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
            var (name, options) = (parse.GetRequiredValue(id), shell.ValidOptions(parse, "Journal", "Kafka", "Admin"));
            using var running = await RunningConnector.FindAsync(options, shell.Terminal, cancellationToken);
            if (running is not null)
            {
                var range = (await running.RangesAsync(cancellationToken)).FirstOrDefault(r => r.Id == name) ?? throw NotThere(name);
                range = await running.CancelRangeAsync(range, cancellationToken);
                shell.Terminal.WriteLine($"{RangeText.Name(range)} is cancelled. {RangeText.Result(range)}");
                return ExitCodes.Done;
            }

            await using var view = await ConfiguredJournal.ViewAsync(options, shell.Terminal.Clock, cancellationToken);
            await using var journal = await ConfiguredJournal.OperateAsync(options, make: false, shell.Terminal.Clock, cancellationToken);
            foreach (var source in await view.SourcesAsync(cancellationToken))
            {
                if (await view.CheckpointAsync(source, cancellationToken) is not { } text) continue;

                if (CheckpointText.Parse(text).Ranges?.Any(range => range.Id == name) != true) continue;

                var audit = CommandJournal.Audit(options, journal, shell.Terminal.Clock);
                var cancelled = default(RequestedRange);
                await journal.ChangeAsync(
                    source,
                    (stored, _) =>
                    {
                        var checkpoint = CheckpointText.Parse(stored ?? throw NotThere(name));
                        (var next, cancelled) = RequestedRange.CancelIn(checkpoint, name, audit.Now);
                        return new(CommandJournal.ByHand(next, audit.Now), audit.Cancelled(checkpoint, name));
                    },
                    cancellationToken);
                var ended = RangeProgress.Of(source.ToString(), cancelled!);
                shell.Terminal.WriteLine($"{RangeText.Name(ended)} is cancelled. {RangeText.Result(ended)}");
                return ExitCodes.Done;
            }

            throw NotThere(name);
        });
        return shell.WithoutResults(command);
    }

    private static CommandFailedException NotThere(string id) =>
        new(ExitCodes.Failed, $"No range has the id {id}. 'backfill status' shows all of them.");

    private static async Task<IReadOnlyList<RangeProgress>> StoredAsync(IJournalView journal, CancellationToken cancellationToken)
    {
        var ranges = new List<RangeProgress>();
        foreach (var source in await journal.SourcesAsync(cancellationToken))
        {
            if (await journal.CheckpointAsync(source, cancellationToken) is not { } text) continue;

            ranges.AddRange((CheckpointText.Parse(text).Ranges ?? []).Select(range => RangeProgress.Of(source.ToString(), range)));
        }

        return ranges;
    }
}
