using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Scheduling;

/// <summary>What the edge of a job makes of each failure.</summary>
public sealed class SourceRunnerTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly CollectingLogger<SourceRunner> _log = new();
    private readonly SimulatedJournal _journal = new(new SimulatedDisk(), new CrashPlan(0, 0));
    private readonly ListSource _source;
    private SourceRunner _runner = null!;

    public SourceRunnerTests() => _source = new ListSource(_time);

    public Task InitializeAsync()
    {
        var configured = new ConfiguredSource
        {
            Name = "plain",
            Source = _source,
            Transform = _ => new PlainTransform(),
            Schedule = "0/30 * * * * ?",
            SweepSchedule = "",
            SweepRange = TimeSpan.FromHours(48),
            Overlap = TimeSpan.FromMinutes(15),
        };
        var collector = new Collector(
            _source, _journal, configured.Transform, new CheckpointWriter("1.0.0", "test"), _time, new CollectingLogger<Collector>());
        _runner = new SourceRunner(configured, collector, _time, new Random(1), _log);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _runner.DisposeAsync();
        await _journal.DisposeAsync();
    }

    [Fact]
    [Trait("EdgeCase", "10")]
    public async Task A_refused_credential_is_one_line_with_the_fix_and_the_vendor_is_asked_again_slowly()
    {
        var asked = 0;
        _source.Before = () =>
        {
            asked++;
            throw new SourceRefusedException("The vendor refused the credential (401).", "Set Sources:Plain:Token.");
        };

        for (var firing = 0; firing < 5; firing++)
        {
            var outcome = await _runner.PollAsync(CancellationToken.None);
            Assert.IsType<SourceRefusedException>(outcome.Failure);
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(1, asked);
        var line = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Contains("plain: The vendor refused the credential (401). Set Sources:Plain:Token.", line.Text, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(5));
        await _runner.PollAsync(CancellationToken.None);
        Assert.Equal(2, asked);
    }

    [Fact]
    [Trait("EdgeCase", "11")]
    public async Task A_plan_without_the_endpoint_is_asked_hourly()
    {
        var asked = 0;
        _source.Before = () =>
        {
            asked++;
            throw new SourceRefusedException("The plan has no activity logs (403).", "Upgrade the plan.") { ProbeAfter = TimeSpan.FromHours(1) };
        };

        await _runner.PollAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(59));
        await _runner.PollAsync(CancellationToken.None);
        Assert.Equal(1, asked);

        _time.Advance(TimeSpan.FromMinutes(2));
        await _runner.PollAsync(CancellationToken.None);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_source_that_works_again_collects_what_it_missed()
    {
        _source.Add("a", 10);
        _source.Before = () => throw new SourceUnavailableException("The vendor cannot be reached.", "Look at the network.");
        Assert.IsType<SourceUnavailableException>((await _runner.PollAsync(CancellationToken.None)).Failure);

        _source.Before = () => Task.CompletedTask;
        var outcome = await _runner.PollAsync(CancellationToken.None);

        Assert.Null(outcome.Failure);
        Assert.Equal(1, outcome.Result.Published);
        Assert.Equal(LogLevel.Warning, _log.Lines[0].Level);
    }

    [Fact]
    public async Task Standing_by_is_said_once_and_ends_with_the_first_poll_that_is_let()
    {
        _source.Add("a", 10);
        _source.Before = () => throw new JournalStandbyException("Another instance collects plain/tenant; this one stands by.", "Nothing: it takes over when that one ends.");
        for (var firing = 0; firing < 3; firing++)
        {
            Assert.IsType<JournalStandbyException>((await _runner.PollAsync(CancellationToken.None)).Failure);
        }

        Assert.Equal(LogLevel.Information, Assert.Single(_log.Lines).Level);
        _source.Before = () => Task.CompletedTask;
        Assert.Equal(1, (await _runner.PollAsync(CancellationToken.None)).Result.Published);
    }

    [Fact]
    public async Task A_source_that_is_taken_again_and_again_is_taken_back_ever_more_slowly_and_the_contest_is_named()
    {
        var asked = 0;
        _source.Before = () =>
        {
            asked++;
            throw new JournalFencedException("Committing was refused: a newer writer has taken the source over.", "See that only one deployment uses it.");
        };

        await _runner.PollAsync(CancellationToken.None);
        await _runner.PollAsync(CancellationToken.None);
        Assert.Equal(1, asked);
        for (var second = 0; second < 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _runner.PollAsync(CancellationToken.None);
        }

        // After 2.5 to 5, 5 to 10, 10 to 20 and 20 to 40 seconds.
        Assert.InRange(asked, 4, 5);
        Assert.Equal([LogLevel.Warning, LogLevel.Warning, LogLevel.Error], _log.Lines.Take(3).Select(l => l.Level));
        Assert.Contains("fenced 3 times within ten minutes", _log.Lines[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_is_not_set_up_is_asked_every_minute()
    {
        var asked = 0;
        _source.Before = () =>
        {
            asked++;
            throw new JournalMisconfiguredException("The topic activity.dlq is missing.", "Run setup kafka.");
        };

        for (var second = 0; second < 65; second += 5)
        {
            await _runner.PollAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(2, asked);
        Assert.Contains("Run setup kafka. Nothing is lost; trying again after 00:01:00.", _log.Lines[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_defect_ends_the_run_and_not_the_process()
    {
        _source.Before = () => throw new InvalidOperationException("a bug");

        var outcome = await _runner.PollAsync(CancellationToken.None);

        Assert.IsType<InvalidOperationException>(outcome.Failure);
        Assert.Contains("defect", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_is_not_a_failure()
    {
        using var stop = new CancellationTokenSource();
        _source.Before = () =>
        {
            stop.Cancel();
            return Task.CompletedTask;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _runner.PollAsync(stop.Token));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public async Task A_sweep_counts_only_what_the_overlap_cannot_find()
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        _source.Present = now;
        _source.Span = 3600 * 24 * 365 * 60L;
        _source.Add("old", now - 7200);
        await _runner.PollAsync(CancellationToken.None);
        _source.Present = now + 30;
        _source.Add("late", now - 7000);
        _source.Add("fresh", now + 10);

        var outcome = await _runner.SweepAsync(CancellationToken.None);

        Assert.Equal(2, outcome.Result.Published);
        Assert.Equal(1, outcome.Result.Late);
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public async Task A_record_that_becomes_visible_within_the_overlap_while_a_sweep_runs_is_left_to_the_next_poll()
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        _source.Present = now;
        _source.Span = 3600 * 24 * 365 * 60L;
        _source.Lookback = 900;
        _source.Add("old", now - 7200);
        await _runner.PollAsync(CancellationToken.None);

        // There is nothing to poll: only the sweep reads.
        _source.Before = () =>
        {
            _source.Add("fresh", now - 60);
            _source.Add("late", now - 901);
            return Task.CompletedTask;
        };
        var sweep = await _runner.SweepAsync(CancellationToken.None);
        _source.Before = () => Task.CompletedTask;
        _source.Present = now + 30;
        var poll = await _runner.PollAsync(CancellationToken.None);

        Assert.Equal((1, 1), (sweep.Result.Published, sweep.Result.Late));
        Assert.Equal((1, 0), (poll.Result.Published, poll.Result.Late));
    }
}
