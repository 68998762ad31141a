using System.CommandLine;
using System.Text;
using ActivityConnector.Admin;
using ActivityConnector.Configuration;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Status;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary><c>checkpoint</c>: where each source stands, and moving it by hand.</summary>
internal static class CheckpointCommand
{
    public static Command Create(Shell shell) => new("checkpoint", "Shows where each source stands, and moves it.")
    {
        Show(shell), Set(shell), Accept(shell), Reset(shell), Export(shell), Import(shell),
    };

    private static Argument<string> SourceArgument() => new("SOURCE") { Description = "The source's name, as 'checkpoint show' prints it; or vendor/account." };

    private static Command Show(Shell shell)
    {
        var command = new Command("show", "One line for each source.");
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            // No cursor: it is like a secret. The command export has it.
            var table = new ResultTable("source", "kind", "read_to", "commits", "committed_at", "published", "known", "late", "gaps")
            {
                GiveWay = ["kind", "commits", "known", "committed_at", "published"],
                WhenEmpty = "The journal has no checkpoint yet: no source has run.",
            };
            var (remarks, isDamaged) = (new List<string>(), false);
            var names = await CommandJournal.NamesAsync(shell, parse, cancellationToken);
            foreach (var (key, text) in await AllAsync(journal, cancellationToken))
            {
                var source = names.Of(key);
                if (Parse(text, out var trouble) is not { } checkpoint)
                {
                    isDamaged = true;
                    table.Add(source, "damaged", null, null, null, null, null, null, null);
                    remarks.Add($"{source}: {trouble!.Message} A start uses the one before it, where the journal still has one. {trouble.Fix}");
                    continue;
                }

                var kind = checkpoint.Position is WindowPosition ? "window" : "cursor";
                var totals = checkpoint.Totals;
                table.Add(
                    source, kind, checkpoint.Position.Reached, checkpoint.Sequence, checkpoint.CommittedAt, totals.Published, totals.Known,
                    totals.Late, checkpoint.Suspects.Count(range => !range.Accepted));
                foreach (var range in checkpoint.Suspects)
                {
                    var state = range.Accepted
                        ? "an accepted gap"
                        : $"not known to be complete (tried {CountText.Of(range.Tries, "time")}, next at {UtcText.Of(range.NextAt)})";
                    remarks.Add($"{source}: {range} is {state}: {range.Cause}");
                }
            }

            table.Write(shell.Terminal, shell.Output(parse));
            remarks.ForEach(shell.Terminal.WriteError);
            await OpenDeadLetters.WriteAsync(journal, shell.Terminal, cancellationToken);
            LeftOut.Write(journal, shell.Terminal);
            return isDamaged ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    private static Command Set(Shell shell)
    {
        var source = SourceArgument();
        var watermark = TimeOption.Create("--watermark", "For a source read by time (Intercom): it resumes from here.", shell.Terminal.Clock);
        var cursor = new Option<string?>("--cursor") { Description = "For a source read by cursor (Sequence): it resumes after here.", HelpName = "CURSOR" };
        var yes = Question.YesOption();
        var command = new Command(
            "set",
            "Moves a source. What the journal still knows is not published twice; what is skipped is not collected.")
        {
            source, watermark, cursor, yes,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var running = await OwnerAsync(shell, parse, cancellationToken);
            if (running is not null)
            {
                var move = new CheckpointMove(parse.GetValue(watermark), parse.GetValue(cursor));
                var to = move.Watermark is { } time ? UtcText.Of(time) : "the given cursor";
                Question.Ask(shell.Terminal, $"Move {parse.GetRequiredValue(source)} to {to}?", parse.GetValue(yes));
                var state = await running.MoveSourceAsync(parse.GetRequiredValue(source), move, cancellationToken);
                shell.Terminal.WriteLine($"{state.Name} stands at {to}, and is still paused: {Resumes(state)}");
                return ExitCodes.Done;
            }

            await using var journal = await CommandJournal.OperateAsync(shell, parse, cancellationToken);
            var (key, called, old) = await CurrentAsync(shell, parse, parse.GetRequiredValue(source), cancellationToken);
            var moved = Moved(old);
            Question.Ask(shell.Terminal, $"Move {called} to {moved.To}?", parse.GetValue(yes));
            var audit = Audit(shell, parse, journal);
            var sequence = await journal.ChangeAsync(
                key,
                (text, _) =>
                {
                    // Of what is stored by now: a running connector may have committed since the question.
                    var stored = Stored(called, text);
                    moved = Moved(stored);
                    return new(CommandJournal.ByHand(moved.Checkpoint, audit.Now), audit.Moved(stored, moved.To));
                },
                cancellationToken);
            shell.Terminal.WriteLine($"{called} stands at {moved.To} (commit {sequence}).");
            foreach (var line in moved.Remarks) shell.Terminal.WriteLine(line);

            return ExitCodes.Done;

            MovedCheckpoint Moved(Checkpoint checkpoint) =>
                MovedCheckpoint.Of(checkpoint, parse.GetValue(watermark), parse.GetValue(cursor), shell.Terminal.Clock.GetUtcNow());
        });
        return shell.WithoutResults(command);
    }

    private static Command Accept(Shell shell)
    {
        var source = SourceArgument();
        var range = new Argument<string>("RANGE") { Description = "A range that checkpoint show names, as 2026-11-28T10:00:00Z..2026-11-28T10:00:59Z." };
        var yes = Question.YesOption();
        var command = new Command(
            "accept",
            "Keeps a range that could not be shown to be complete as a known gap: it is not read again.")
        {
            source, range, yes,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.OperateAsync(shell, parse, cancellationToken);
            var (key, called, old) = await CurrentAsync(shell, parse, parse.GetRequiredValue(source), cancellationToken);
            Question.Ask(shell.Terminal, $"Accept that {Meant(old).Suspect} of {called} may stay incomplete?", parse.GetValue(yes));
            var audit = Audit(shell, parse, journal);
            var sequence = await journal.ChangeAsync(
                key,
                (text, _) =>
                {
                    var stored = Stored(called, text);
                    var (window, suspect) = Meant(stored);
                    var accepted = window with { Suspects = [.. window.Suspects.Select(s => s == suspect ? s with { Accepted = true } : s)] };
                    return new(CommandJournal.ByHand(stored with { Window = accepted }, audit.Now), audit.Accepted(key, suspect));
                },
                cancellationToken);
            shell.Terminal.WriteLine($"{parse.GetRequiredValue(range)} of {called} is a known gap (commit {sequence}).");
            return ExitCodes.Done;

            (WindowPosition Window, SuspectRange Suspect) Meant(Checkpoint checkpoint)
            {
                var open = checkpoint.Suspects.Where(s => !s.Accepted).ToList();
                return checkpoint.Window is { } window && open.Find(s => s.ToString() == parse.GetRequiredValue(range)) is { } suspect
                    ? (window, suspect)
                    : throw new CommandFailedException(
                        ExitCodes.Failed, $"{called} has no such range to accept. It has: {(open.Count == 0 ? "none" : string.Join(", ", open))}.");
            }
        });
        return shell.WithoutResults(command);
    }

    private static Command Reset(Shell shell)
    {
        var source = SourceArgument();
        var yes = Question.YesOption();
        var command = new Command(
            "reset",
            "Forgets where a source stands: it is read from its start again. What the journal still knows is not published twice.")
        {
            source, yes,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var running = await OwnerAsync(shell, parse, cancellationToken);
            if (running is not null)
            {
                var asked = parse.GetRequiredValue(source);
                Question.Ask(shell.Terminal, $"Forget where {asked} stands and read it from its start again?", parse.GetValue(yes));
                var reset = await running.ResetSourceAsync(asked, cancellationToken);
                shell.Terminal.WriteLine($"{reset.Source.Name} stands at its start, and is still paused: {Resumes(reset.Source)}");
                foreach (var range in reset.CancelledRanges) shell.Terminal.WriteLine($"{RangeText.Name(range)} is cancelled.");

                return ExitCodes.Done;
            }

            await using var journal = await CommandJournal.OperateAsync(shell, parse, cancellationToken);
            var names = await CommandJournal.NamesAsync(shell, parse, cancellationToken);
            var key = ToReset(names, parse.GetRequiredValue(source));
            var called = names.Of(key);
            Question.Ask(shell.Terminal, $"Forget where {called} stands and read it from its start again?", parse.GetValue(yes));
            var (audit, start) = (Audit(shell, parse, journal), AccountOf(shell.Configuration(parse).Options.Sources, key)?.Options);
            var (old, wasThere) = (default(Checkpoint), false);
            var sequence = await journal.ChangeAsync(
                key,
                (text, number) =>
                {
                    (old, wasThere) = (Parse(text, out _), text is not null);
                    var restarted = old is null || start is null ? null : RestartedCheckpoint.Of(old, start.FirstPosition(audit.Now), audit.Now);
                    return new(restarted is null ? null : CommandJournal.ByHand(restarted, audit.Now), audit.Reset(key, old));
                },
                cancellationToken);
            if (sequence > 0)
            {
                var next = old?.Paused is null ? "and the next run reads on from there." : "and is still paused: it is read from there once it is resumed.";
                shell.Terminal.WriteLine($"{called} stands at its start, {next}");
            }
            else
            {
                shell.Terminal.WriteLine(
                    $"{called} {(wasThere ? "has no checkpoint any more" : "had no checkpoint")}: the next run reads it from its start. "
                    + "Until it has run, 'checkpoint export' leaves it out, with the events that are known.");
                if (old is { Paused: not null }) shell.Terminal.WriteLine("It was paused, and is so no more: without its credentials its start is not known.");
            }

            foreach (var range in old?.OpenRanges ?? []) shell.Terminal.WriteLine($"{RangeText.Name(RangeProgress.Of(called, range))} is cancelled.");
            if (old is not null) shell.Terminal.WriteLine(MovedCheckpoint.Known(old.KnownFrom));

            return ExitCodes.Done;
        });
        return shell.WithoutResults(command);
    }

    private static Command Export(Shell shell)
    {
        var command = new Command(
            "export",
            "Writes every checkpoint, one a line, and every event that the journal knows (60 bytes each), for import; "
            + "the last line counts the others. Holds cursors: keep it as you keep the journal.");
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            var (lines, isWhole) = (0, true);
            foreach (var (source, text) in await AllAsync(journal, cancellationToken))
            {
                try
                {
                    await ExportAsync(source, text);
                }
                catch (JournalCorruptException e)
                {
                    isWhole = false;
                    shell.Terminal.WriteError($"{source} is left out: {e.Message} {e.Fix}");
                }
            }

            shell.Terminal.WriteData(CheckpointFile.LastLine(lines));
            LeftOut.Write(journal, shell.Terminal);
            return isWhole ? ExitCodes.Done : ExitCodes.Failed;

            async Task ExportAsync(SourceKey source, byte[] text)
            {
                _ = CheckpointText.Parse(text);
                await using var seen = journal.SeenAsync(source, cancellationToken).Chunk(SeenLine.MaxEvents).GetAsyncEnumerator(cancellationToken);
                var hasMore = await seen.MoveNextAsync();

                // Not before what is known can be read.
                Write(Encoding.UTF8.GetString(text));
                for (; hasMore; hasMore = await seen.MoveNextAsync()) Write(SeenLine.Write(source, seen.Current));
            }

            void Write(string line)
            {
                shell.Terminal.WriteData(line);
                lines++;
            }
        });
        return shell.WithoutResults(command);
    }

    private static Command Import(Shell shell)
    {
        var file = new Argument<string>("FILE") { Description = "What checkpoint export wrote; - is standard input, which needs --yes." };
        var yes = Question.YesOption();
        var command = new Command(
            "import",
            "Sets every checkpoint of a file, with the events that are known; none when a line of the file is damaged or missing. The sources are set one "
            + "after the other, each as a whole: after an interruption, import again. Into another kind of journal, too.")
        {
            file, yes,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var name = parse.GetRequiredValue(file);
            if (name == "-" && !parse.GetValue(yes))
            {
                throw new CommandFailedException(ExitCodes.WrongUsage, "Standard input is the file, so no question can be asked: confirm with --yes.");
            }

            var (checkpoints, seen) = CheckpointFile.Parse(await CheckpointFile.ReadAsync(name, shell.Terminal, cancellationToken));
            await using var journal = await CommandJournal.OperateOrMakeAsync(shell, parse, cancellationToken);
            Question.Ask(shell.Terminal, $"Set {string.Join(", ", checkpoints.Select(c => c.Source))}?", parse.GetValue(yes));
            var audit = Audit(shell, parse, journal);
            foreach (var checkpoint in checkpoints)
            {
                var (key, known) = (checkpoint.Source, seen[checkpoint.Source.ToString()].SelectMany(line => line.Parsed()).ToList());
                var sequence = await journal.ChangeAsync(
                    key,
                    (_, next) => new(CommandJournal.ByHand(checkpoint, audit.Now), audit.Imported(checkpoint with { Sequence = next })) { AlsoSeen = known },
                    cancellationToken);
                shell.Terminal.WriteLine($"{key} is set (sequence {sequence}, {CountText.Of(known.Count, "event")} known).");
            }

            return ExitCodes.Done;
        });
        return shell.WithoutResults(command);
    }

    private static async Task<List<(SourceKey Source, byte[] Text)>> AllAsync(IJournalView journal, CancellationToken cancellationToken)
    {
        var all = new List<(SourceKey, byte[])>();
        foreach (var source in await journal.SourcesAsync(cancellationToken))
        {
            if (await journal.CheckpointAsync(source, cancellationToken) is { } text) all.Add((source, text));
        }

        return all;
    }

    private static async Task<(SourceKey Key, string Name, Checkpoint Checkpoint)> CurrentAsync(
        Shell shell, ParseResult parse, string name, CancellationToken cancellationToken)
    {
        await using var view = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
        var names = await CommandJournal.NamesAsync(shell, parse, cancellationToken);
        var key = CommandJournal.Source(names, name);
        return (key, names.Of(key), Stored(names.Of(key), await view.CheckpointAsync(key, cancellationToken)));
    }

    private static Checkpoint Stored(string called, byte[]? text) => Parse(text, out var trouble) ?? throw new CommandFailedException(
        ExitCodes.Failed,
        $"{called}{(trouble is null ? " has no checkpoint any more: it was reset. Let the connector read it first." : $": {trouble.Message} {trouble.Fix}")}");

    /// <summary>The source that is to be read from its start: also one that has no checkpoint, when it is named in full.</summary>
    private static SourceKey ToReset(SourceNames names, string text) =>
        names.Matching(text).Count == 0 && SourceKey.TryParse(text) is { IsValid: true } source && Vendor.Names.Contains(source.Source)
            ? source
            : CommandJournal.Source(names, text);

    /// <summary>Null, with the reason, for one that is damaged or of a newer version; without one where there is none.</summary>
    private static Checkpoint? Parse(byte[]? text, out JournalCorruptException? trouble)
    {
        trouble = null;
        try
        {
            return text is null ? null : CheckpointText.Parse(text);
        }
        catch (JournalCorruptException e)
        {
            trouble = e;
            return null;
        }
    }

    /// <summary>The running connector where it alone can change the journal, which is then a file; null where this command can.</summary>
    private static async Task<RunningConnector?> OwnerAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken)
    {
        var options = shell.ValidOptions(parse, "Journal", "Kafka", "Admin");
        return options.Journal.Kind == JournalKind.Sqlite ? await RunningConnector.FindAsync(options, shell.Terminal, cancellationToken) : null;
    }

    private static string Resumes(SourceState state) => $"'source resume {state.Name}' has it read from there.";

    /// <summary>The account that is on and means the source; null when there is none.</summary>
    private static VendorAccount? AccountOf(SourcesOptions sources, SourceKey key) =>
        Vendor.Named(key.Source).Accounts(sources).FirstOrDefault(account => account.IsOn && (account.Options.Account ?? key.Account) == key.Account);

    /// <summary>What tells of a change that is made now.</summary>
    private static OperatorAudit Audit(Shell shell, ParseResult parse, IJournalOperator journal) =>
        CommandJournal.Audit(shell.Configuration(parse).Options, journal, shell.Terminal.Clock);
}
