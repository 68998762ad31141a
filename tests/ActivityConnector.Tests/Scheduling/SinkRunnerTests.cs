using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Scheduling;

/// <summary>What an operator reads of a sink that fails, and at its end.</summary>
public sealed class SinkRunnerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CollectingLogger<SinkRunner> _log = new();

    [Fact]
    public async Task A_failure_is_told_once_and_again_after_an_hour_and_the_end_with_what_was_done()
    {
        await using var journal = new SimulatedJournal(new SimulatedDisk(), CrashPlan.None);
        var sink = new FailingSink();
        await using var runner = new SinkRunner(sink, new Indexer(journal, sink, TimeSpan.FromSeconds(1), _time, NullLogger<Indexer>.Instance), _time, _log);
        using var stop = new CancellationTokenSource();
        var following = runner.FollowAsync(stop.Token);
        for (var i = 0; i < 5; i++)
        {
            await _time.NextTimerAsync();
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        await _time.NextTimerAsync();
        Assert.Equal(["failing: It is down. Start it. Nothing is lost: it resumes from the last event that is acknowledged."], _log.Lines.Select(l => l.Text));

        sink.Cause = "It is locked.";
        _time.Advance(TimeSpan.FromSeconds(10));
        await _time.NextTimerAsync();
        _time.Advance(TimeSpan.FromHours(1));
        await _time.NextTimerAsync();
        Assert.Equal(["It is down.", "It is locked.", "It is locked."], _log.Lines.Select(l => l.Text[9..l.Text.IndexOf(" Start", StringComparison.Ordinal)]));

        await stop.CancelAsync();
        await following;
        Assert.Equal(
            (LogLevel.Information, "failing ends: 0 events stored, 0 there already, 0 left out, 0 refused; what is left waits in the journal."),
            _log.Lines[^1]);
    }

    private sealed class FailingSink : IEventSink
    {
        public string Name => "failing";

        public int BatchSize => 1;

        public string Cause { get; set; } = "It is down.";

        public ValueTask PrepareAsync(CancellationToken cancellationToken) => throw new SinkUnavailableException(Cause, "Start it.");

        public ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
