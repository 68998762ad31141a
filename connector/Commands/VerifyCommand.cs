using System.CommandLine;
using System.Globalization;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Terminals;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;
using ActivityConnector.Verification;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Commands;

/// <summary><c>verify</c>: the completeness report for an auditor. Changes nothing; a connector may run beside it.</summary>
internal static class VerifyCommand
{
    private const int MostInTable = 20;

    private static readonly TimeSpan DefaultRange = TimeSpan.FromDays(7);

    public static Command Create(Shell shell)
    {
        var source = new Option<string?>("--source") { Description = "intercom, sequence, or vendor/account. Default: every source.", HelpName = "SOURCE" };
        var from = TimeOption.Create("--from", "The first hour that is compared. Default: 7 days ago.", shell.Terminal.Clock);
        var to = TimeOption.Create(
            "--to", "The end of the last hour that is compared. Default: as late as can be compared, which is where the overlap of polls begins.",
            shell.Terminal.Clock);
        var html = new Option<FileInfo?>("--html")
        {
            Description = "Also writes the report as a page that needs no network, to hand over.",
            HelpName = "FILE",
        };
        var command = new Command(
            "verify",
            "Reads the vendors again, changes nothing, and compares each event with the journal and with Elasticsearch: counts a day, and every "
            + "event that is missing, extra or different. Exit code 0 only when all is shown to be the same, else 1. It uses the vendors' quota.")
        {
            source, from, to, html,
        };
        TimeOption.InOrder(command, from, to, shell.Terminal.Clock);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = shell.ValidOptions(parse);
            var sources = Sources(options, parse.GetValue(source), shell.Terminal.Clock);
            var path = parse.GetValue(html) is { } name ? Path.GetFullPath(name.ToString(), shell.Terminal.WorkingDirectory) : null;

            // Before the walk, which may take long.
            using var page = path is null ? null : UnfinishedFile.Create(path, "--html");
            var begin = parse.GetValue(from) ?? (parse.GetValue(to) ?? shell.Terminal.Clock.GetUtcNow()) - DefaultRange;
            var report = await ReportAsync(shell, options, sources, begin, parse.GetValue(to), cancellationToken);
            if (shell.Output(parse) == OutputFormat.Json)
            {
                shell.Terminal.WriteData(VerificationJson.Of(report));
            }
            else
            {
                WriteTables(shell.Terminal, report, shell.Output(parse));
            }

            if (page is not null)
            {
                page.Finish(VerificationPage.Of(report));
                shell.Terminal.WriteError($"The report is in {path}.");
            }

            return report.IsComplete ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static IReadOnlyList<ConfiguredSource> Sources(ConnectorOptions options, string? wanted, TimeProvider clock)
    {
        var parts = new SourceParts(options, new AgentIdentity("", "", ConnectorHost.Version), clock, NullLoggerFactory.Instance);
        var all = Vendor.All.SelectMany(vendor => vendor.Sources(options.Sources, parts)).ToList();
        if (all.Count == 0)
        {
            throw new CommandFailedException(ExitCodes.Failed, "No source is on: there is nothing to verify. Give a source its credentials.");
        }

        var chosen = wanted is null ? all : SourceNames.Meant(all, wanted, SourceNames.NameOf);
        return chosen.Count > 0 ? chosen : throw SourceNames.None(wanted!, [.. all.Select(s => s.Name)]);
    }

    private static async Task<VerificationReport> ReportAsync(
        Shell shell, ConnectorOptions options, IReadOnlyList<ConfiguredSource> sources, DateTimeOffset from, DateTimeOffset? to,
        CancellationToken cancellationToken)
    {
        var clock = shell.Terminal.Clock;
        await using var journal = await ConfiguredJournal.ViewAsync(options, clock, cancellationToken);
        using var sink = ConfiguredSink.View(options, clock);
        var reports = new List<SourceReport>();
        foreach (var source in sources)
        {
            var scope = new VerificationScope
            {
                Source = source.Source,
                Name = source.Name,
                Transform = source.Transform,
                Journal = journal,
                Sink = sink,
                Clock = clock,
                Overlap = source.Options.Overlap,
                Retention = options.Journal.Retention,
                From = from,
                Until = to,
            };
            var verification = new SourceVerification(scope);
            await using var progress = Progress.Start(
                shell.Terminal, $"ids, events and records of {source.Name} read", () => new ProgressState(verification.Done));
            reports.Add(await verification.RunAsync(cancellationToken));
        }

        LeftOut.Write(journal, shell.Terminal);
        return new VerificationReport(clock.GetUtcNow(), ConnectorHost.Version, options.Journal.Kind.ToString(), reports);
    }

    private static void WriteTables(Terminal terminal, VerificationReport report, OutputFormat format)
    {
        var days = new ResultTable("source", "day", "vendor", "journal", "sink", "dead_letters", "missing", "extra", "changed")
        {
            WhenEmpty = "There is no event to compare.",
            GiveWay = ["dead_letters"],
        };
        foreach (var source in report.Sources)
        {
            foreach (var day in source.Days)
            {
                days.Add(
                    source.Source, day.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "undated", day.Vendor, day.Journal,
                    source.Sink is null ? "-" : day.Sink, day.DeadLetters, day.Missing, day.Extra, day.Changed);
            }
        }

        days.Write(terminal, format);
        if (report.Sources.Any(s => s.Differences.Count > 0))
        {
            // No column gives way: of an event that is lost only the document's id is left. Where they do not fit, each difference is a block of lines.
            var differences = new ResultTable("source", "difference", "time", "event", "document");
            foreach (var source in report.Sources)
            {
                foreach (var d in source.Differences.Take(Shown(format))) differences.Add(source.Source, d.Kind.Name(), d.Time, d.EventId, d.Id);
            }

            differences.Write(terminal, format);
        }

        foreach (var source in report.Sources) WriteRemarks(terminal, source, Shown(format));
    }

    /// <summary>Differences of a source in a table: more would push what is said of it off the screen.</summary>
    private static int Shown(OutputFormat format) => format == OutputFormat.Table ? MostInTable : int.MaxValue;

    private static void WriteRemarks(Terminal terminal, SourceReport source, int shown)
    {
        terminal.WriteLine($"{source.Source}: {VerificationText.Outcome(source)}");
        if (source.Differences.Count > shown) terminal.WriteLine($"  The first {shown} differences are shown; -o json and --html show all.");

        foreach (var kind in source.Differences.Select(d => d.Kind).Distinct()) terminal.WriteLine($"  {kind.Name()}: {kind.Meaning()}");

        if (source.DifferenceCount > source.Differences.Count) terminal.WriteLine($"  {VerificationText.NotListed(source)}");

        foreach (var why in source.NotShown) terminal.WriteLine($"  not shown: {why}");

        foreach (var e in source.Explained) terminal.WriteLine($"  {e.Name}: {e.Count.ToString("N0", CultureInfo.InvariantCulture)}. {e.Text}");

        foreach (var what in source.NotCovered) terminal.WriteLine($"  not compared: {what}");
    }
}
