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
            (
                LogLevel.Information,
                "failing ends: 0 stored, 0 there already, 0 left out, 0 refused. Events that it does not have yet stay in the journal."),
            _log.Lines[^1]);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_read_is_told_once_and_that_it_can_again()
    {
        await using var journal = new AwayJournal();
        var sink = new IdleSink();
        await using var runner = new SinkRunner(sink, new Indexer(journal, sink, TimeSpan.FromSeconds(1), _time, NullLogger<Indexer>.Instance), _time, _log);
        using var stop = new CancellationTokenSource();
        var following = runner.FollowAsync(stop.Token);
        for (var i = 0; i < 5; i++)
        {
            await _time.NextTimerAsync();
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        await _time.NextTimerAsync();
        journal.IsAway = false;
        _time.Advance(TimeSpan.FromSeconds(10));
        await _time.NextTimerAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await _time.NextTimerAsync();
        await stop.CancelAsync();
        await following;

        Assert.Equal(
            [
                "idle: No broker answers. Look at the brokers. Nothing is lost: it resumes from the last event that is acknowledged.",
                "idle: the journal can be read again, after 60 s.",
            ],
            _log.Lines.SkipLast(1).Select(line => line.Text));
    }

    private sealed class AwayJournal : IJournal
    {
        private readonly SimulatedJournal _journal = new(new SimulatedDisk(), CrashPlan.None);
        private int _tries;

        public bool IsAway { get; set; } = true;

        public int MaxEventBytes => _journal.MaxEventBytes;

        public Guid AgentId => _journal.AgentId;

        public ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken) => IsAway
            ? throw new JournalUnavailableException($"No broker answers{(_tries++ == 0 ? "" : $" ({_tries} tries)")}.", "Look at the brokers.")
            : _journal.OpenReaderAsync(reader, cancellationToken);

        public ValueTask DisposeAsync() => _journal.DisposeAsync();
    }

    private sealed class IdleSink : IEventSink
    {
        public string Name => "idle";

        public int BatchSize => 1;

        public ValueTask PrepareAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
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
