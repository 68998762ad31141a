using System.CommandLine;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>
/// <c>replay</c>: sends a range of the journal to Elasticsearch again, after an index was deleted there or restored from an older snapshot. What is
/// there already is stored once; the position of a running connector stays.
/// </summary>
internal static class ReplayCommand
{
    public static Command Create(Shell shell)
    {
        var source = new Option<string?>("--source") { Description = "intercom, sequence, or vendor/account.", HelpName = "SOURCE" };
        var from = TimeOption.Create("--from", "Events of this time or later.", shell.Terminal.Clock);
        var to = TimeOption.Create("--to", "Events before this time.", shell.Terminal.Clock);
        from.Required = to.Required = true;
        var command = new Command("replay", "Sends events of the journal to Elasticsearch again; those that are there already are stored once.")
        {
            source, from, to,
        };
        command.SetAction((parse, cancellationToken) =>
        {
            // Not in a validator: that would ask for a value that is wrong, and throw.
            var range = new EventFilter { Since = parse.GetValue(from), Until = parse.GetValue(to) };
            return range.Since < range.Until
                ? RunAsync(shell, parse, parse.GetValue(source), range, cancellationToken)
                : throw new CommandFailedException(ExitCodes.WrongUsage, "--from must be before --to.");
        });
        return shell.WithoutResults(command);
    }

    private static async Task<int> RunAsync(Shell shell, ParseResult parse, string? source, EventFilter range, CancellationToken cancellationToken)
    {
        SetupElasticsearch.Options(shell, parse);
        var options = shell.ValidOptions(parse, "Journal", "Kafka", "Elasticsearch", "Transform");
        await using var view = await CommandJournal.ViewAsync(shell, parse, cancellationToken);
        var filter = range with { Source = (await CommandJournal.NamesAsync(shell, parse, cancellationToken)).Filter(source) };
        using var logs = OperatorLog.Create(shell.Terminal);
        await using var sink = ConfiguredSink.Open(options, ConfiguredSink.Patience, shell.Terminal.Clock, logs);
        await sink.PrepareAsync(cancellationToken);
        var (stored, known, leftOut, notTaken, isWhole) = (0L, 0L, 0L, 0L, false);
        try
        {
            await using var progress = Progress.Start(
                shell.Terminal, "events sent", () => new(stored + known + leftOut + notTaken), logs.CreateLogger<Progress>());
            await foreach (var batch in view.EventsAsync(filter, follow: null, cancellationToken).Chunk(sink.BatchSize).WithCancellation(cancellationToken))
            {
                var result = await sink.WriteAsync(batch, cancellationToken);
                stored += result.Stored;
                known += result.Known;
                leftOut += result.LeftOut;
                notTaken += result.Refused.Count + (result.Waiting?.Events.Count ?? 0);
                foreach (var (e, reason) in result.Refused) shell.Terminal.WriteError($"{e.Id} was refused: {reason}.");

                if (result.Waiting is { } waiting)
                {
                    shell.Terminal.WriteError($"{CountText.Of(waiting.Events.Count, "event")} not taken. {waiting.Cause} {waiting.Fix}");
                }
            }

            isWhole = true;
        }
        finally
        {
            LeftOut.Write(view, shell.Terminal);
            shell.Terminal.WriteLine(
                $"{stored} stored, {known} there already, {leftOut} left out, {notTaken} not taken."
                + (isWhole ? "" : " Not at its end: the rest of the range was not sent. To send all of it, run the command again."));
        }

        return notTaken == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }
}
