using System.CommandLine;
using System.Globalization;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;
using ActivityConnector.Warehouse;

namespace ActivityConnector.Commands;

/// <summary><c>export</c>: events from the journal, beside a running connector.</summary>
internal static class ExportCommand
{
    private const string Csv = "csv";
    private const string Parquet = "parquet";

    private const int BufferBytes = 64 * 1024;

    public static Command Create(Shell shell)
    {
        var format = ChoiceOption.Create(
            "--format",
            "ndjson: one event a line; csv: the columns of --fields; parquet: files in the folder of --to, for a warehouse.",
            "ndjson",
            Csv,
            Parquet);
        var fields = new Option<string>("--fields")
        {
            Description = "The columns of csv, with commas between.",
            HelpName = "FIELDS",
            DefaultValueFactory = _ => string.Join(',', CsvEvents.DefaultFields),
        };
        var to = new Option<string?>("--to")
        {
            Description = "With parquet: the folder, made where it is missing. Events that it has already are left as they are, and the others are added.",
            HelpName = "FOLDER",
        };
        var bom = new Option<bool>("--bom") { Description = "With csv: begins with a byte order mark, by which Excel knows that it is UTF-8." };
        var source = new Option<string?>("--source") { Description = "intercom, sequence, or vendor/account.", HelpName = "SOURCE" };
        var since = TimeOption.Create("--since", "Events of this time or later.", shell.Terminal.Clock);
        var until = TimeOption.Create("--until", "Events before this time.", shell.Terminal.Clock);
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on with what is collected from now on, until it is stopped." };
        var command = new Command(
            "export", "Writes the events of the journal to standard output, in the order of their commits; as Parquet, to a folder by vendor and day.")
        {
            format, to, fields, bom, source, since, until, follow,
        };
        command.Validators.Add(result =>
        {
            // Not by their values: asking for one that is wrong would throw.
            bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
            var word = result.GetResult(format) is { Tokens: [{ Value: var given }] } ? given : "";
            if (IsGiven(bom) && word != Csv) result.AddError("--bom goes with --format csv.");

            if (IsGiven(fields) && word != Csv) result.AddError("--fields goes with --format csv.");
            var columns = IsGiven(fields) ? result.GetValue(fields)!.Split(',') : [];
            if (columns.FirstOrDefault(column => !EventFieldNames.MeetsAny(column)) is { } unknown) result.AddError(NoField(unknown));

            if (IsGiven(to) && word != Parquet) result.AddError("--to goes with --format parquet; the others go to standard output.");

            if (!IsGiven(to) && word == Parquet) result.AddError("--format parquet needs a folder: --to FOLDER.");

            if (IsGiven(follow) && word == Parquet) result.AddError("--follow does not go with --format parquet. Export again: only what is new is added.");
        });
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            var names = await CommandJournal.NamesAsync(shell, parse, cancellationToken);
            var filter = new EventFilter
            {
                Source = names.Filter(parse.GetValue(source)),
                Since = parse.GetValue(since),
                Until = parse.GetValue(until),
            };
            var events = journal.EventsAsync(filter, parse.GetValue(follow) ? shell.Terminal.Clock : null, cancellationToken);
            var count = 0L;
            try
            {
                if (parse.GetValue(format) == Parquet)
                {
                    await WriteParquetAsync(events, Path.GetFullPath(parse.GetValue(to)!, shell.Terminal.WorkingDirectory), shell, parse, cancellationToken);
                    return ExitCodes.Done;
                }

                // Not disposed: that would close standard output.
                var buffer = new BufferedStream(shell.Terminal.OutBytes, BufferBytes);
                using var csv = parse.GetValue(format) == Csv ? new CsvEvents(parse.GetValue(fields)!.Split(','), buffer, parse.GetValue(bom)) : null;
                await using var progress = Progress.StartBesideOutput(shell.Terminal, "events written", () => new(count));
                await WriteAsync(events, buffer, csv, () => count++);
                if (count == 0) shell.Terminal.WriteError("The journal has no such event.");
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && parse.GetValue(format) != Parquet)
            {
                shell.Terminal.WriteError(parse.GetValue(follow)
                    ? $"Stopped: {CountText.Of(count, "event")} written."
                    : $"Stopped before the end: {CountText.Of(count, "event")} written, the rest was not.");
                throw;
            }
            finally
            {
                LeftOut.Write(journal, shell.Terminal);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task WriteParquetAsync(
        IAsyncEnumerable<JournalEvent> events, string folder, Shell shell, ParseResult parse, CancellationToken cancellationToken)
    {
        if (File.Exists(folder)) throw new CommandFailedException(ExitCodes.WrongUsage, $"--to {folder}: it is a file. Give a folder.");

        using var export = ParquetExport.Open(folder, Vendor.EventFields);
        var table = new ResultTable("source", "first_day", "last_day", "files", "added", "already_there");
        foreach (var (source, first, last, files, added, alreadyThere) in await export.RunAsync(events, cancellationToken))
        {
            table.Add(source, Day(first), Day(last), files, added, alreadyThere);
        }

        table.Write(shell.Terminal, shell.Output(parse));
    }

    private static string NoField(string field) => EventFieldNames.Near(field) is { Count: > 0 } near
        ? $"--fields: no event has a field {field}. Did you mean {string.Join(" or ", near)}?"
        : $"--fields: no event has a field {field}. See 'transform' for those that events have.";

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <param name="written">Called after each event.</param>
    private static async Task WriteAsync(IAsyncEnumerable<JournalEvent> events, BufferedStream buffer, CsvEvents? csv, Action written)
    {
        csv?.WriteHeader();
        await using var enumerator = events.GetAsyncEnumerator();
        while (true)
        {
            var next = enumerator.MoveNextAsync();
            if (!next.IsCompleted)
            {
                // Nothing more at once: a reader that follows sees what there is.
                csv?.Flush();
                await buffer.FlushAsync();
            }

            if (!await next)
            {
                csv?.Flush();
                await buffer.FlushAsync();
                return;
            }

            if (csv is null)
            {
                buffer.Write(enumerator.Current.Json.Span);
                buffer.WriteByte((byte)'\n');
            }
            else
            {
                csv.Write(enumerator.Current.Json);
            }

            written();
        }
    }
}
