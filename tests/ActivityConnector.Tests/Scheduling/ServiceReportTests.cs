using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Scheduling;

/// <summary>What the service says of itself.</summary>
public sealed class ServiceReportTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly CollectingLogger<ServiceReport> _log = new();
    private readonly SimulatedJournal _journal = new(new SimulatedDisk(), new CrashPlan(0, 0));
    private readonly ListSource _source;
    private SourceRunner _runner = null!;

    public ServiceReportTests() => _source = new ListSource(_time);

    public Task InitializeAsync()
    {
        var configured = new ConfiguredSource
        {
            Name = "plain",
            Source = _source,
            Transform = _ => new PlainTransform(),
            Options = new SequenceOptions { Schedule = "0/30 * * * * ?", SweepSchedule = "0 30 3 * * ?" },
        };
        var collector = new Collector(
            _source, _journal, configured.Transform, new CheckpointWriter("1.0.0", "test"), _time, new CollectingLogger<Collector>());
        _runner = new SourceRunner(configured, collector, _time, new Random(1), new CollectingLogger<SourceRunner>());
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _runner.DisposeAsync();
        await _journal.DisposeAsync();
    }

    [Fact]
    public void At_its_start_it_says_what_it_runs_and_when()
    {
        var options = new ConnectorOptions();
        options.Journal.Path = "/var/lib/journal.db";

        new ServiceReport([_runner], null, _time, _log).Starts(options, Role.All, "/etc/connector.json");

        Assert.Equal(
            [
                $"Activity Connector {ConnectorHost.Version} starts as process {Environment.ProcessId} on {Environment.MachineName}: "
                    + "role all, configuration /etc/connector.json, journal /var/lib/journal.db.",
                "Source plain reads https://eu.sequencehq.com/api now and by the schedule 0/30 * * * * ? (next 2026-11-21T20:00:30Z), "
                    + "and looks again for late records by 0 30 3 * * ? (next 2026-11-22T03:30:00Z).",
                "No sink is on: events stay in the journal (Elasticsearch:Urls is empty).",
            ],
            _log.Lines.Select(line => line.Text));
    }

    [Fact]
    public async Task Every_ten_minutes_it_says_that_it_lives_and_what_is_wrong_with_what_to_do()
    {
        var report = new ServiceReport([_runner], null, _time, _log);
        using var stop = new CancellationTokenSource();
        var living = report.RepeatAsync(stop.Token);
        _source.Add("a", 10);
        await _runner.RunAsync(CancellationToken.None);
        await NextAsync("Running for 10 min");

        _source.Until = 2_000;
        _source.Add("b", 1_500);
        await _runner.RunAsync(CancellationToken.None);
        _source.AtEnd = () => throw new SourceRefusedException("The vendor refused the credential (401).", "Set Sources:Plain:Token.");
        await _runner.RunAsync(CancellationToken.None);
        await NextAsync("Running for 20 min");
        await stop.CancelAsync();
        await living;
        report.Ends("SIGTERM");

        Assert.Equal([LogLevel.Information, LogLevel.Warning, LogLevel.Information], _log.Lines.Select(line => line.Level));
        Assert.Matches(@"^Running for 10 min\. plain: up to date, .* \d+ new events\.$", _log.Lines[0].Text);
        Assert.Contains(", 1 new events. The vendor refused the credential (401). Set Sources:Plain:Token.", _log.Lines[1].Text, StringComparison.Ordinal);
        Assert.Equal("Stopped by SIGTERM after 20 min. What was committed stays; the next start resumes from there.", _log.Lines[2].Text);

        async Task NextAsync(string text)
        {
            await _time.NextTimerAsync();
            _time.Advance(ServiceReport.Every);
            await _log.SeenAsync(text);
        }
    }
}
