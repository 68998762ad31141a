using System.CommandLine;
using System.Globalization;
using ActivityConnector.Configuration;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Simulation;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>demo</c>: the whole connector against both vendor simulators, with no setting.</summary>
internal static class DemoCommand
{
    /// <summary>The demo's own journal, in the working directory.</summary>
    public const string JournalPath = "data/demo/journal.db";

    private const int ShownOfHistory = 12;
    private const int Batch = 500;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private static readonly SimulatorOptions Vendors = new()
    {
        Seed = 7,
        Span = TimeSpan.FromDays(7),
        RatePerSecond = 1,
        Late = new LateArrivals(0.05, TimeSpan.FromSeconds(20)),
        DuplicateShare = 0.02,
        Faults = [new FaultSpec(FaultKind.ServerError, 0.05)],
        Intercom = new() { Records = 3_000 },
        Sequence = new() { Records = 2_000 },
    };

    public static Command Create(Shell shell)
    {
        var once = new Option<bool>("--once") { Description = "Collects what the simulators hold, then exits." };
        var command = new Command("demo", "Runs both vendor simulators and the connector on loopback: no account, no setting, no network needed.") { once };
        command.SetAction((parse, cancellationToken) =>
            ExecuteAsync(shell.ValidOptions(parse, "Transform", "Admin"), parse.GetValue(once), shell.Terminal, cancellationToken));
        return shell.WithoutResults(command);
    }

    private static async Task<int> ExecuteAsync(ConnectorOptions configured, bool once, Terminal terminal, CancellationToken cancellationToken)
    {
        var journal = Path.GetFullPath(JournalPath, terminal.WorkingDirectory);
        // Each demo shows its own records; those of the last one would only confuse.
        try
        {
            await SqliteJournal.DeleteAsync(journal, cancellationToken);
        }
        catch (JournalBusyException e)
        {
            throw new CommandFailedException(ExitCodes.Busy, $"Another demo runs in this folder. {e.Message} Stop it, or start this one in another folder.");
        }

        await using var vendors = await VendorSimulator.StartAsync(Vendors, terminal.Clock, cancellationToken);
        var options = Against(vendors, configured, journal);
        using var logs = OperatorLog.Create(terminal, LogLevel.Warning);
        await using var connector = await ConnectorHost.OpenAsync(options, Role.Collect, null, terminal.Clock, logs, cancellationToken);
        Introduce(terminal, vendors);
        var events = new EventLines(terminal);
        try
        {
            await connector.RunOnceAsync(CancellationToken.None, cancellationToken);
            await using var reader = await connector.Journal.OpenReaderAsync("demo", cancellationToken);
            await ShowHistoryAsync(reader, events, terminal, cancellationToken);
            if (!once)
            {
                if (options.Admin.Enabled) terminal.WriteLine($"Open {options.Admin.Url.TrimEnd('/')} in a browser to see it all on one page.");

                terminal.WriteLine("Live, as the vendors write them. Stop with Ctrl-C.");
                await LiveAsync(connector, reader, events, terminal.Clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how a demo ends.
        }

        await WriteWhatWasKeptAsync(terminal, options);
        return ExitCodes.Done;
    }

    private static ConnectorOptions Against(VendorSimulator vendors, ConnectorOptions configured, string journal) => new()
    {
        Sources = new SourcesOptions
        {
            Intercom =
            [
                new IntercomOptions
                {
                    BaseUrl = vendors.IntercomBaseUrl.ToString(),
                    AccessToken = vendors.Intercom.AccessToken,
                    Schedule = "* * * * * ?",
                    Settle = TimeSpan.FromSeconds(1),
                    Lookback = TimeSpan.FromMinutes(1),
                    StartAt = "-8d",
                },
            ],
            Sequence =
            [
                new SequenceOptions
                {
                    BaseUrl = vendors.SequenceBaseUrl.ToString(),
                    ClientId = vendors.Sequence.ClientId,
                    ClientSecret = vendors.Sequence.ClientSecret,
                    Schedule = "* * * * * ?",
                    HoldBack = TimeSpan.FromMinutes(1),
                },
            ],
        },
        Journal = new JournalOptions { Path = journal },
        Transform = configured.Transform,
        Admin = configured.Admin,
    };

    private static void Introduce(Terminal terminal, VendorSimulator vendors)
    {
        terminal.WriteLine("Activity Connector, demo: both vendors are simulated on this machine and the connector reads them.");
        terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  Intercom  {vendors.IntercomBaseUrl}  {vendors.Intercom.VisibleCount} records of the last {Vendors.Span.TotalDays} days, "
            + $"then {Vendors.RatePerSecond} a second"));
        terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  Sequence  {vendors.SequenceBaseUrl}  {vendors.Sequence.VisibleCount} logs of the last {Vendors.Span.TotalDays} days, "
            + $"then {Vendors.RatePerSecond} a second"));
        terminal.WriteLine("  They misbehave a little: 5 % of answers are errors, 5 % of records appear late, 2 % are listed twice.");
        terminal.WriteLine($"Each record becomes one ECS event, which is kept exactly once, in {JournalPath}. In another terminal, in this folder:");
        WriteCommands(terminal);
        terminal.WriteLine("");
    }

    private static void WriteCommands(Terminal terminal)
    {
        terminal.WriteLine($"  {terminal.Program} checkpoint show --set Journal:Path={JournalPath}   # how far each vendor was read");
        terminal.WriteLine($"  {terminal.Program} export --since -1h --set Journal:Path={JournalPath}   # the events of the last hour");
    }

    private static async Task ShowHistoryAsync(IJournalReader reader, EventLines events, Terminal terminal, CancellationToken cancellationToken)
    {
        var last = new Queue<JournalEvent>();
        var count = 0;
        while (await reader.ReadAsync(Batch, cancellationToken) is { Count: > 0 } batch)
        {
            count += batch.Count;
            foreach (var e in batch)
            {
                last.Enqueue(e);
                if (last.Count > ShownOfHistory) last.Dequeue();
            }
        }

        terminal.WriteLine($"The history is in the journal: {CountText.Of(count, "event")}. The last {last.Count}:");
        events.Write(last);
    }

    private static async Task LiveAsync(
        ConnectorHost connector, IJournalReader reader, EventLines events, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var service = connector.RunAsync(_ => { }, stop.Token);
        // For people to read: twice a second is soon enough.
        using var timer = new PeriodicTimer(PollInterval, clock);
        try
        {
            // A service that could not start says why when it is awaited.
            while (!service.IsCompleted && await timer.WaitForNextTickAsync(cancellationToken))
            {
                events.Write(await reader.ReadAsync(Batch, cancellationToken));
            }
        }
        finally
        {
            await stop.CancelAsync();
            await service;
        }
    }

    private static async Task WriteWhatWasKeptAsync(Terminal terminal, ConnectorOptions options)
    {
        await using var view = await ConfiguredJournal.ViewAsync(options, terminal.Clock, CancellationToken.None);
        var ids = new HashSet<string>();
        var events = 0;
        await foreach (var e in view.EventsAsync(new EventFilter(), null, CancellationToken.None))
        {
            events++;
            ids.Add(e.Id);
        }

        terminal.WriteLine("");
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Kept: {events} events, {ids.Count} distinct ids, in {JournalPath}."));
        WriteCommands(terminal);
    }
}
