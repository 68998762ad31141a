using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Scheduling;

/// <summary>What the edge of a job makes of each failure.</summary>
public sealed class SourceRunnerTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly CollectingLogger<SourceRunner> _log = new();
    private readonly SharedJournal _journal = new(new SimulatedJournal(new SimulatedDisk(), new CrashPlan(0, 0)));
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
            Options = new SequenceOptions
            {
                Schedule = "0/30 * * * * ?",
                SweepSchedule = "0 30 3 * * ?",
                SweepRange = TimeSpan.FromHours(48),
                HoldBack = TimeSpan.FromMinutes(15),
            },
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
            var outcome = await _runner.RunAsync(CancellationToken.None);
            Assert.IsType<SourceRefusedException>(outcome.Failure);
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(1, asked);
        var line = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Contains("plain: The vendor refused the credential (401). Set Sources:Plain:Token.", line.Text, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(5));
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(2, asked);
    }

    [Fact]
    [Trait("EdgeCase", "10")]
    public async Task A_new_credential_after_a_refusal_is_used_by_the_next_poll()
    {
        _source.Before = () => throw new SourceRefusedException("The vendor refused the credential (401).", "Set Sources:Plain:Token.");
        await _runner.RunAsync(CancellationToken.None);
        _source.Before = () => Task.CompletedTask;

        Assert.Equal(RunEnd.Refused, (await _runner.RunAsync(CancellationToken.None)).End);
        _source.HasNewCredential = true;
        Assert.Equal(RunEnd.UpToDate, (await _runner.RunAsync(CancellationToken.None)).End);
    }

    [Theory]
    [InlineData(false, "Nothing is lost; it is asked again every 5 minutes.")]
    [InlineData(true, "Nothing is lost; the next run tries again.")]
    public async Task A_line_about_trouble_says_what_the_process_will_really_do(bool once, string then)
    {
        _source.Before = () => throw new SourceRefusedException("The vendor refused the credential (401).", "Set another.");

        await (once ? _runner.RunOnceAsync(CancellationToken.None, CancellationToken.None) : _runner.RunAsync(CancellationToken.None));

        Assert.Equal($"plain: The vendor refused the credential (401). Set another. {then}", Assert.Single(_log.Lines).Text);
    }

    [Fact]
    public async Task A_run_that_is_stopped_says_how_far_it_came()
    {
        using var stop = new CancellationTokenSource();
        _source.Add("a", 10);
        _source.Before = () =>
        {
            stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _runner.RunOnceAsync(CancellationToken.None, stop.Token));

        Assert.Equal("interrupted: it was asked to stop before the present was reached.", $"{_runner.Last}");
    }

    [Fact]
    [Trait("EdgeCase", "11")]
    public async Task A_plan_without_the_endpoint_is_asked_every_five_minutes_and_when_somebody_asks_for_it()
    {
        var asked = 0;
        _source.Before = () =>
        {
            asked++;
            throw new SourceRefusedException("The plan has no activity logs (403).", "Upgrade the plan.");
        };

        await _runner.RunAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(4.9));
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(1, asked);

        _runner.EndWait();
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(2, asked);

        _time.Advance(TimeSpan.FromMinutes(5.1));
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_source_that_works_again_collects_what_it_missed()
    {
        _source.Add("a", 10);
        _source.Before = () => throw new SourceUnavailableException("The vendor cannot be reached.", "Look at the network.");
        Assert.IsType<SourceUnavailableException>((await _runner.RunAsync(CancellationToken.None)).Failure);

        _source.Before = () => Task.CompletedTask;
        var outcome = await _runner.RunAsync(CancellationToken.None);

        Assert.Null(outcome.Failure);
        Assert.Equal(1, outcome.Result.Counts.Published);
        Assert.Equal(LogLevel.Warning, _log.Lines[0].Level);
    }

    [Theory]
    [InlineData("vendor")]
    [InlineData("credential")]
    [InlineData("journal")]
    [InlineData("full")]
    public async Task An_outage_is_told_when_it_begins_once_an_hour_and_when_it_is_over(string of)
    {
        _source.Add("a", 10);
        var firings = 0;
        _source.Before = () => throw (of switch
        {
            "vendor" => new SourceUnavailableException($"The vendor cannot be reached ({++firings} times).", "Look at the network."),
            "credential" => new SourceRefusedException("The vendor refused the credential.", "Set another."),
            "journal" => new JournalUnavailableException("The cluster cannot be reached.", "Look at the brokers."),
            _ => new JournalFullException($"The journal has no room: its disk has {1_000 - ++firings} KiB free.", "Give it room."),
        });
        for (var minute = 0; minute < 150; minute++)
        {
            await _runner.RunAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(3, _log.Lines.Count);
        _source.Before = () => Task.CompletedTask;
        _runner.EndWait();
        await _runner.RunAsync(CancellationToken.None);

        Assert.Single(_log.Lines, l => l.Text == "plain: it is up to date again, after 9000 s.");
        Assert.Equal(5, _log.Lines.Count);
    }

    [Fact]
    public async Task Another_cause_is_told_at_once_and_causes_without_end_are_not()
    {
        var words = Enumerable.Range(0, 200).Select(n => new string((char)('a' + (n % 26)), 1 + (n / 26))).ToList();
        var firing = 0;
        _source.Before = () => throw new SourceUnavailableException($"It failed: {words[firing++]}.", "Look at it.");
        for (var n = 0; n < words.Count; n++)
        {
            await _runner.RunAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Contains("It failed: b.", _log.Lines[1].Text, StringComparison.Ordinal);
        Assert.Equal(20, _log.Lines.Count);
    }

    [Fact]
    public async Task Too_little_memory_is_told_as_such_and_tried_again()
    {
        _source.Add("a", 10);
        _source.Before = () => throw new InsufficientMemoryException();

        Assert.Equal(RunEnd.Failed, (await _runner.RunAsync(CancellationToken.None)).End);
        await _runner.RunAsync(CancellationToken.None);
        Assert.Contains("too little memory", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);

        _source.Before = () => Task.CompletedTask;
        Assert.Equal(1, (await _runner.RunAsync(CancellationToken.None)).Result.Counts.Published);
    }

    [Fact]
    public async Task Standing_by_is_said_once_and_ends_with_the_first_poll_that_is_let()
    {
        _source.Add("a", 10);
        _source.Before = () => throw new JournalStandbyException(
            "Another instance collects plain/tenant; this one stands by.", "Nothing: it takes over when that one ends.");
        for (var firing = 0; firing < 3; firing++)
        {
            Assert.IsType<JournalStandbyException>((await _runner.RunAsync(CancellationToken.None)).Failure);
        }

        Assert.Equal(LogLevel.Information, Assert.Single(_log.Lines).Level);
        _source.Before = () => Task.CompletedTask;
        Assert.Equal(1, (await _runner.RunAsync(CancellationToken.None)).Result.Counts.Published);
    }

    [Fact]
    public async Task What_another_instance_collects_is_neither_shown_as_paused_nor_said_to_be_as_it_is_to_be()
    {
        _source.Add("a", 10);
        await _runner.RunAsync(CancellationToken.None);
        await SetPausedAsync(new Pause("Ada", _time.GetUtcNow()));
        await _runner.RunAsync(CancellationToken.None);
        var sequence = _runner.Collector.Checkpoint!.Sequence;
        Assert.Equal(SourceCondition.Paused, _runner.State.Condition);

        _journal.IsOfAnother = true;
        await Assert.ThrowsAsync<JournalStandbyException>(() => SetPausedAsync(new Pause("Bob", _time.GetUtcNow())));
        Assert.Null(_runner.Collector.Checkpoint);
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal((SourceCondition.Standby, null), (_runner.State.Condition, _runner.State.Ledger));

        // A pause that is there already is no change.
        _journal.IsOfAnother = false;
        await SetPausedAsync(new Pause("Bob", _time.GetUtcNow()));
        Assert.Equal(("Ada", sequence), (_runner.Collector.Checkpoint!.Paused!.By, _runner.Collector.Checkpoint.Sequence));

        _journal.IsOfAnother = true;
        Assert.IsType<JournalStandbyException>((await _runner.RunAsync(CancellationToken.None)).Failure);
        Assert.Equal((SourceCondition.Standby, null), (_runner.State.Condition, _runner.Collector.Checkpoint));

        Task SetPausedAsync(Pause? pause) => _runner.ChangeAsync(
            (collector, token) => collector.ChangeAsync(
                checkpoint => checkpoint.Paused is null == pause is null ? null : checkpoint with { Paused = pause }, (_, _) => [], token),
            CancellationToken.None);
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

        await _runner.RunAsync(CancellationToken.None);
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(1, asked);
        for (var second = 0; second < 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _runner.RunAsync(CancellationToken.None);
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
            await _runner.RunAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(2, asked);
        Assert.Contains("Run setup kafka. Nothing is lost; it is tried again every minute.", _log.Lines[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_defect_ends_the_run_and_not_the_process()
    {
        _source.Before = () => throw new InvalidOperationException("a bug");

        var outcome = await _runner.RunAsync(CancellationToken.None);

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

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _runner.RunAsync(stop.Token));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public async Task A_sweep_counts_only_what_the_overlap_cannot_find()
    {
        CollectFrom(_time.GetUtcNow());
        await _runner.RunAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromHours(8));
        _source.Until = Now;
        _source.Add("late", Now - (9 * 3600));
        _source.Add("fresh", Now - 10);

        var outcome = await _runner.RunAsync(CancellationToken.None);

        Assert.Equal(2, outcome.Result.Counts.Published);
        Assert.Equal(1, outcome.Result.Counts.Late);
        Assert.Equal(Now - 900, _runner.Collector.Checkpoint!.Sweep.CompletedTo);
    }

    [Fact]
    public async Task A_sweep_is_done_once_for_each_time_of_its_schedule_whenever_the_source_runs_next()
    {
        CollectFrom(_time.GetUtcNow());
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(0, _source.Sweeps);

        // Nothing runs at half past three, and the process is another one when something does.
        foreach (var (hours, sweeps) in new[] { (7, 0), (3, 1), (1, 1), (23, 2), (24 * 40, 3), (1, 3) })
        {
            _time.Advance(TimeSpan.FromHours(hours));
            _source.Until = Now;
            await _runner.DisposeAsync();
            await InitializeAsync();
            Assert.Equal(RunEnd.UpToDate, (await _runner.RunOnceAsync(CancellationToken.None, CancellationToken.None)).End);
            Assert.Equal(sweeps, _source.Sweeps);
        }
    }

    [Fact]
    public async Task A_sweep_begins_where_the_last_one_ended_however_long_ago_that_was()
    {
        CollectFrom(_time.GetUtcNow());
        var began = Now;
        await _runner.RunAsync(CancellationToken.None);
        foreach (var days in new[] { 1, 6 })
        {
            _time.Advance(TimeSpan.FromDays(days));
            _source.Until = Now;
            await _runner.RunAsync(CancellationToken.None);

            // The whole range before the last one began: what became visible since is then looked at, however late it was.
            Assert.Equal(began - (48 * 3600), _source.LastSweep!.From);
            began = Now;
        }
    }

    [Fact]
    public async Task A_sweep_of_the_service_ends_its_slice_when_the_next_poll_is_due_and_goes_on_where_it_stood()
    {
        CollectFrom(_time.GetUtcNow());
        await _runner.RunAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromDays(1));
        _source.Until = Now;
        _source.SweepUnits = 10;
        _source.AfterSweepUnit = () => _time.Advance(TimeSpan.FromSeconds(25));

        var runs = 0;
        do
        {
            Assert.Equal(RunEnd.UpToDate, (await _runner.RunAsync(CancellationToken.None)).End);
            runs++;
        }
        while (_runner.Collector.Checkpoint!.Sweep.Run is not null && runs < 10);

        // Two units of 25 seconds to a slice of half a minute.
        Assert.Equal(5, runs);
        Assert.Equal(10, _source.SweptUnits);
    }

    [Fact]
    public async Task A_range_is_read_in_slices_between_polls_and_what_is_new_of_it_counts_as_published_and_not_as_late()
    {
        var present = _time.GetUtcNow();
        _source.Add("old", Now - 7_000);
        _source.Add("older", Now - 9_000);
        CollectFrom(present.AddSeconds(-1_000), span: 600);
        await _runner.RunAsync(CancellationToken.None);
        var asked = await AskAsync(RangeKind.Backfill, present.AddSeconds(-10_000), present.AddSeconds(-5_000));
        Assert.Equal((RangeState.Open, 0.0), (asked.State, asked.Share));
        Assert.Equal([$"backfill {asked.Id} of {asked.Span}, 0 % read"], _runner.State.RequestedRanges);
        _source.SweepUnits = 10;
        _source.AfterSweepUnit = () => _time.Advance(TimeSpan.FromSeconds(25));

        var shares = new List<double>();
        while (_runner.Ranges.Single() is { IsOpen: true })
        {
            Assert.Equal(RunEnd.UpToDate, (await _runner.RunAsync(CancellationToken.None)).End);
            shares.Add(_runner.Ranges.Single().Share);
        }

        Assert.Equal([0.3, 0.5, 0.7, 0.9, 1], shares.Select(s => Math.Round(s, 2)));
        var range = _runner.Ranges.Single();
        Assert.Equal((RangeState.Done, 3, 0), (range.State, range.Counts.Published, range.Counts.Late));
        Assert.Equal(0, _runner.Collector.Checkpoint!.Totals.Late);
        Assert.InRange(range.WorkedMilliseconds, 100_000, 250_000);
        Assert.Empty(_runner.State.RequestedRanges);

        var lines = _log.Lines.Select(line => line.Text).Where(text => text.Contains(asked.Id, StringComparison.Ordinal)).ToList();
        Assert.Equal(3, lines.Count);
        Assert.StartsWith($"plain: the backfill {asked.Id} of {range.Span} begins: 0 % is read, 0 events published", lines[0], StringComparison.Ordinal);
        Assert.Contains("0 known, 00:01:15 of work, 0 events/s; 00:01:15 of work is left.", lines[1], StringComparison.Ordinal);
        Assert.Contains(" is at its end: 100 % is read, 3 events published, 0 known, ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sweep_on_demand_counts_what_was_missing_as_late()
    {
        var present = _time.GetUtcNow();
        CollectFrom(present.AddSeconds(-10_000), span: 10_000);
        await _runner.RunAsync(CancellationToken.None);
        _source.Add("missing", Now - 7_000);

        await AskAsync(RangeKind.Sweep, present.AddSeconds(-9_000), present.AddSeconds(-5_000));
        await _runner.RunAsync(CancellationToken.None);

        Assert.Equal((1, 1), (_runner.Ranges.Single().Counts.Published, _runner.Ranges.Single().Counts.Late));
        Assert.Equal(1, _runner.Collector.Checkpoint!.Sweep.LateTotal);
    }

    [Fact]
    public async Task A_cancelled_range_keeps_what_it_brought_and_the_next_one_begins()
    {
        var present = _time.GetUtcNow();
        _source.Add("a", Now - 9_900);
        _source.Add("b", Now - 5_100);
        CollectFrom(present.AddSeconds(-1_000), span: 600);
        await _runner.RunAsync(CancellationToken.None);
        var first = await AskAsync(RangeKind.Backfill, present.AddSeconds(-10_000), present.AddSeconds(-5_000));
        var second = await AskAsync(RangeKind.Backfill, present.AddSeconds(-5_000), present.AddSeconds(-2_000));
        _source.SweepUnits = 10;
        _source.AfterSweepUnit = () => _time.Advance(TimeSpan.FromSeconds(30));
        await _runner.RunAsync(CancellationToken.None);

        var cancelled = await _runner.CancelAsync(first.Id, (_, _) => [], CancellationToken.None);
        Assert.Equal((RangeState.Cancelled, 1), (cancelled.State, cancelled.Counts.Published));
        Assert.InRange(cancelled.Share, 0.05, 0.25);
        await Assert.ThrowsAsync<ChangeRefusedException>(() => _runner.CancelAsync(first.Id, (_, _) => [], CancellationToken.None));

        _source.AfterSweepUnit = () => { };
        await _runner.RunAsync(CancellationToken.None);

        Assert.Contains(_log.Lines, line => line.Text.Contains($"the backfill {first.Id} of {first.Span} is cancelled: ", StringComparison.Ordinal));
        Assert.Equal([RangeState.Cancelled, RangeState.Done], _runner.Ranges.Select(r => r.State));
        Assert.Equal(second.Id, _runner.Ranges[1].Id);
        Assert.Equal(1, _runner.Collector.Checkpoint!.Totals.Published);
    }

    [Fact]
    public async Task A_range_goes_on_in_another_process_where_the_last_commit_of_the_one_before_stands()
    {
        var present = _time.GetUtcNow();
        for (var i = 0; i < 10; i++) _source.Add($"{i}", Now - 10_000 + (i * 500) + 1);
        CollectFrom(present.AddSeconds(-1_000), span: 600);
        await _runner.RunAsync(CancellationToken.None);
        await AskAsync(RangeKind.Backfill, present.AddSeconds(-10_000), present.AddSeconds(-5_000));
        _source.SweepUnits = 10;
        var units = 0;
        _source.AfterSweepUnit = () =>
        {
            if (++units == 4) throw new SourceUnavailableException("The vendor cannot be reached.", "Look at the network.");
        };
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(5, _runner.Ranges.Single().Counts.Published);

        await _runner.DisposeAsync();
        await InitializeAsync();
        await _runner.RunAsync(CancellationToken.None);

        Assert.Equal((RangeState.Done, 11), (_runner.Ranges.Single().State, _runner.Ranges.Single().Counts.Published));
        Assert.Equal(10, _source.SweptUnits);
    }

    [Fact]
    public async Task A_vendor_that_does_not_answer_is_unavailable_before_the_poll_has_given_up()
    {
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(SourceCondition.UpToDate, _runner.State.Condition);
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        _source.Until += 100;
        _source.Before = () =>
        {
            asked.SetResult();
            return answer.Task;
        };

        var run = _runner.RunAsync(CancellationToken.None);
        await asked.Task;
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(SourceCondition.UpToDate, _runner.State.Condition);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((SourceCondition.Unavailable, false), (_runner.State.Condition, _runner.State.IsHealthy));
        Assert.Equal("The poll that is under way has received nothing for 61 s.", _runner.State.Reason);

        answer.SetResult();
        await run;
        Assert.Equal(SourceCondition.UpToDate, _runner.State.Condition);
    }

    [Fact]
    public async Task The_time_that_a_range_takes_makes_the_source_no_fresher()
    {
        var present = await BackfillAsync(() => _time.Advance(TimeSpan.FromSeconds(25)));

        await _runner.RunAsync(CancellationToken.None);

        Assert.True(_time.GetUtcNow() > present);
        Assert.Equal(present, _runner.State.ReadTo);
    }

    [Fact]
    public async Task A_source_that_is_taken_while_a_range_is_read_is_taken_back_no_sooner_than_at_a_poll()
    {
        await BackfillAsync(() => throw new JournalFencedException("Committing was refused.", "See that only one deployment uses it."));
        await _runner.RunAsync(CancellationToken.None);
        var polls = 0;
        _source.OnRead = _ => polls++;

        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(0, polls);

        _time.Advance(TimeSpan.FromSeconds(5));
        await _runner.RunAsync(CancellationToken.None);
        Assert.Equal(1, polls);
    }

    [Theory]
    [InlineData(true, RunEnd.Unavailable)]
    [InlineData(false, RunEnd.UpToDate)]
    public async Task A_range_that_fails_fails_the_only_run_of_a_process_and_no_poll_of_a_service(bool isOnlyRun, RunEnd end)
    {
        await BackfillAsync(() => throw new SourceUnavailableException("The vendor cannot be reached.", "Look at the network."));

        var outcome = await (isOnlyRun ? _runner.RunOnceAsync(CancellationToken.None, CancellationToken.None) : _runner.RunAsync(CancellationToken.None));

        Assert.Equal(end, outcome.End);
    }

    /// <summary>A range was asked for, in ten units; a poll is not due before the next run.</summary>
    private async Task<DateTimeOffset> BackfillAsync(Action afterUnit)
    {
        var present = _time.GetUtcNow();
        CollectFrom(present.AddSeconds(-1_000), span: 600);
        await _runner.RunAsync(CancellationToken.None);
        await AskAsync(RangeKind.Backfill, present.AddSeconds(-10_000), present.AddSeconds(-5_000));
        _source.SweepUnits = 10;
        _source.AfterSweepUnit = afterUnit;
        return present;
    }

    private Task<RequestedRange> AskAsync(RangeKind kind, DateTimeOffset from, DateTimeOffset to) =>
        _runner.AskAsync(new RangeRequest(RangeRequest.NewId(), kind, from, to), (_, _) => [], CancellationToken.None);

    [Fact]
    public async Task A_run_that_is_out_of_time_is_behind_and_keeps_what_it_committed()
    {
        CollectFrom(_time.GetUtcNow().AddMinutes(-10), span: 60);
        _source.Add("a", Now - 590);
        using var deadline = new CancellationTokenSource();
        var (units, third) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _source.Before = () =>
        {
            if (++units < 3) return Task.CompletedTask;

            third.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, _time, deadline.Token);
        };

        var run = _runner.RunOnceAsync(deadline.Token, CancellationToken.None);
        await third.Task;
        await deadline.CancelAsync();
        var outcome = await run;

        Assert.Equal(RunEnd.Behind, outcome.End);
        Assert.StartsWith("behind: ", outcome.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, outcome.Result.Counts.Published);
        Assert.NotNull(_runner.Collector.Checkpoint);
    }

    [Fact]
    public async Task A_source_that_was_refused_is_asked_again_in_time_whatever_is_done_to_the_clock()
    {
        var asked = 0;
        _source.Before = () =>
        {
            asked++;
            throw new SourceRefusedException("The vendor refused the credential (401).", "Set Sources:Plain:Token.");
        };
        var right = _time.GetUtcNow();
        _time.SetWallClock(right.AddDays(1));
        await _runner.RunAsync(CancellationToken.None);
        _time.SetWallClock(right);
        _time.Advance(TimeSpan.FromMinutes(6));

        await _runner.RunAsync(CancellationToken.None);

        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData(-11)]
    [InlineData(-60 * 24 * 400)]
    public async Task Nothing_is_read_by_a_clock_that_is_before_the_last_commit(int minutes)
    {
        CollectFrom(_time.GetUtcNow());
        await _runner.RunAsync(CancellationToken.None);
        _time.SetWallClock(_time.GetUtcNow().AddMinutes(minutes));
        _source.Before = () => throw new InvalidOperationException("The vendor was asked.");

        var outcome = await _runner.RunAsync(CancellationToken.None);

        Assert.Equal(RunEnd.Clock, outcome.End);
        Assert.Contains("clock says", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_of_the_past_that_is_not_complete_is_told_once_and_does_not_keep_a_sweep_from_being_done()
    {
        CollectFrom(_time.GetUtcNow());
        await _runner.RunAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromDays(1));
        _source.Until = Now;
        _source.AtEnd = () => throw new SourceIncompleteException("10:00..10:05 could not be read.", "It is read again.");

        for (var firing = 0; firing < 3; firing++)
        {
            var outcome = await _runner.RunAsync(CancellationToken.None);
            Assert.Equal("incomplete: 10:00..10:05 could not be read.", outcome.ToString());
        }

        Assert.Equal(1, _source.Sweeps);
        Assert.Single(_log.Lines, line => line.Text.Contains("incomplete", StringComparison.Ordinal));
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The source has what was added since this time, and reads up to the present.</summary>
    private void CollectFrom(DateTimeOffset start, long span = 3600L * 24 * 365 * 60)
    {
        _source.Until = Now;
        _source.Span = span;
        _source.From = span < 3600 ? start.ToUnixTimeSeconds() : 0;
        _source.Add("first", start.ToUnixTimeSeconds() - 7200);
    }
}
