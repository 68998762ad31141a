using System.CommandLine;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>export</c>: events from the journal, beside a running connector.</summary>
internal static class ExportCommand
{
    private const int BufferBytes = 64 * 1024;

    public static Command Create(Shell shell)
    {
        var format = ChoiceOption.Create("--format", "ndjson: one event a line; csv: the columns of --fields.", "ndjson", "csv");
        var fields = new Option<string>("--fields")
        {
            Description = "The columns of csv, with commas between.",
            HelpName = "FIELDS",
            DefaultValueFactory = _ => string.Join(',', CsvEvents.DefaultFields),
        };
        var bom = new Option<bool>("--bom") { Description = "With csv: begins with a byte order mark, by which Excel knows that it is UTF-8." };
        var source = new Option<string?>("--source") { Description = "intercom, sequence, or vendor/account.", HelpName = "SOURCE" };
        var since = TimeOption.Create("--since", "Events of this time or later.", shell.Terminal.Clock);
        var until = TimeOption.Create("--until", "Events before this time.", shell.Terminal.Clock);
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on with what is collected from now on, until it is stopped." };
        var command = new Command("export", "Writes the events of the journal to standard output, in the order of their commits.")
        {
            format, fields, bom, source, since, until, follow,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(bom) && result.GetValue(format) != "csv") result.AddError("--bom goes with --format csv.");
        });
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var journal = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
            var names = await CommandJournal.NamesAsync(shell, parse, journal, cancellationToken);
            var filter = new EventFilter
            {
                Source = CommandJournal.Filter(names, parse.GetValue(source)),
                Since = parse.GetValue(since),
                Until = parse.GetValue(until),
            };
            var events = journal.EventsAsync(filter, parse.GetValue(follow) ? shell.Terminal.Clock : null, cancellationToken);
            // Not disposed: that would close standard output.
            var buffer = new BufferedStream(shell.Terminal.OutBytes, BufferBytes);
            using var csv = parse.GetValue(format) == "csv" ? new CsvEvents(parse.GetValue(fields)!.Split(','), buffer, parse.GetValue(bom)) : null;
            try
            {
                if (!await WriteAsync(events, buffer, csv)) shell.Terminal.WriteError("The journal has no such event.");
            }
            finally
            {
                LeftOut.Write(journal, shell.Terminal);
            }

            return ExitCodes.Done;
        });
        return shell.WithoutResults(command);
    }

    /// <returns>Whether there was an event.</returns>
    private static async Task<bool> WriteAsync(IAsyncEnumerable<JournalEvent> events, BufferedStream buffer, CsvEvents? csv)
    {
        csv?.WriteHeader();
        var any = false;
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
                return any;
            }

            any = true;

            if (csv is null)
            {
                buffer.Write(enumerator.Current.Json.Span);
                buffer.WriteByte((byte)'\n');
            }
            else
            {
                csv.Write(enumerator.Current.Json);
            }
        }
    }
}
