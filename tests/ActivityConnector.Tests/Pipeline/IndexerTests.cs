using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>The loop from the journal into a sink: nothing is acknowledged before it is settled, and what is refused is kept first.</summary>
public sealed class IndexerTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Everything_committed_reaches_the_sink_in_order_and_is_acknowledged()
    {
        await using var journal = await FilledAsync(25);
        var sink = new RecordingSink { BatchSize = 10 };

        await Indexer(journal, sink).DrainAsync(default);

        Assert.Equal(Some.Events(0, 25).Select(e => e.Id), sink.Written);
        Assert.Equal(25, _disk.Readers["recording"]);
        await Indexer(journal, sink).DrainAsync(default);
        Assert.Equal(25, sink.Written.Count);
    }

    [Fact]
    public async Task What_was_refused_is_a_dead_letter_before_it_is_acknowledged()
    {
        await (await FilledAsync(5)).DisposeAsync();
        var steps = new CrashPlan(0, 0);
        await using var journal = new SimulatedJournal(_disk, steps);
        var sink = new RecordingSink { Refuses = { [Some.Event(3).Id] = "document_parsing_exception" } };
        sink.WritingAsync = () => steps.PassAsync("write").AsTask();
        var indexer = Indexer(journal, sink);

        await indexer.DrainAsync(default);

        var letter = Assert.Single(_disk.DeadLetters.Values);
        Assert.Equal(
            (Some.Event(3).Id, DeadLetterStage.Index, "document_parsing_exception", "intercom/abc123"),
            (letter.Id, letter.Stage, letter.Reason, letter.Origin));
        Assert.Equal(Some.Event(3).Json.ToArray(), letter.Body.ToArray());
        Assert.Equal(5, _disk.Readers["recording"]);
        Assert.Equal((4, 1), (indexer.Totals.Stored, indexer.Totals.Refused));
        Assert.Equal(["write", "keep", "acknowledge"], steps.Steps.Where(step => step is "write" or "keep" or "acknowledge"));
    }

    [Fact]
    public async Task What_was_refused_and_cannot_be_kept_is_not_acknowledged()
    {
        await (await FilledAsync(5)).DisposeAsync();
        var sink = new RecordingSink { Refuses = { [Some.Event(3).Id] = "document_parsing_exception" } };
        await using var full = new SimulatedJournal(_disk, new CrashPlan(0, 0) { CrashesAt = "keep" });

        await Assert.ThrowsAsync<SimulatedCrashException>(() => Indexer(full, sink).DrainAsync(default));

        Assert.Equal(0, _disk.Readers["recording"]);
        await using var journal = new SimulatedJournal(_disk, CrashPlan.None);
        await Indexer(journal, sink).DrainAsync(default);
        Assert.Equal(Some.Event(3).Id, Assert.Single(_disk.DeadLetters.Values).Id);
    }

    [Fact]
    public async Task Events_of_which_a_sink_does_not_say_what_became_are_not_acknowledged_and_are_sent_again()
    {
        await using var journal = await FilledAsync(8);
        var sink = new RecordingSink { BatchSize = 4, Conceals = 1 };
        var indexer = Indexer(journal, sink);

        var failure = await Assert.ThrowsAsync<SinkUnavailableException>(() => indexer.DrainAsync(default));
        Assert.Contains("of 4 events that were read, 3 are accounted for", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, _disk.Readers["recording"]);
        Assert.Equal((4, 1), (indexer.Totals.Read, indexer.Totals.Unaccounted));

        sink.Conceals = 0;
        await indexer.DrainAsync(default);
        Assert.Equal(8, _disk.Readers["recording"]);
        Assert.Equal((12, 1), (indexer.Totals.Read, indexer.Totals.Unaccounted));
    }

    [Fact]
    public async Task A_crash_before_the_acknowledgement_brings_the_same_events_again()
    {
        await using var journal = await FilledAsync(8);
        var sink = new RecordingSink { BatchSize = 4, FailsAt = 2 };

        await Assert.ThrowsAsync<SinkUnavailableException>(() => Indexer(journal, sink).DrainAsync(default));
        Assert.Equal(4, _disk.Readers["recording"]);
        await Indexer(journal, sink).DrainAsync(default);

        Assert.Equal(Some.Events(0, 8).Select(e => e.Id), sink.Written.Distinct());
        Assert.Equal(8, _disk.Readers["recording"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Crashes_anywhere_lose_nothing(int seed)
    {
        await (await FilledAsync(60)).DisposeAsync();
        var sink = new RecordingSink { BatchSize = 7, Refuses = { [Some.Event(30).Id] = "no" } };
        for (var run = 0; run < 400; run++)
        {
            await using var journal = new SimulatedJournal(_disk, new CrashPlan(seed * 1000 + run, 0.15));
            try
            {
                await Indexer(journal, sink).DrainAsync(default);
            }
            catch (SimulatedCrashException)
            {
                // Another process continues.
            }
        }

        await using var healthy = new SimulatedJournal(_disk, CrashPlan.None);
        await Indexer(healthy, sink).DrainAsync(default);
        Assert.Equal(Some.Events(0, 60).Select(e => e.Id).Where(id => id != Some.Event(30).Id).Order(), sink.Written.Distinct().Order());
        Assert.Single(_disk.DeadLetters);
    }

    [Fact]
    public async Task The_next_events_are_read_while_the_last_are_written()
    {
        var crashes = new CrashPlan(0, 0);
        await using var filled = await FilledAsync(20);
        await using var journal = new SimulatedJournal(_disk, crashes);
        var sink = new RecordingSink { BatchSize = 10 };
        sink.WritingAsync = () => crashes.HasPassedAsync("read", sink.Written.Count == 0 ? 2 : 3);

        await Indexer(journal, sink).DrainAsync(default);

        Assert.Equal(20, sink.Written.Count);
    }

    [Fact]
    public async Task What_cannot_be_read_any_more_does_not_keep_what_was_written_from_being_acknowledged()
    {
        await using var journal = await FilledAsync(20);
        _disk.DamagedFrom = 10;
        var sink = new RecordingSink { BatchSize = 10 };

        await Assert.ThrowsAsync<JournalCorruptException>(() => Indexer(journal, sink).DrainAsync(default));

        Assert.Equal(10, sink.Written.Count);
        Assert.Equal(10, _disk.Readers["recording"]);
    }

    [Fact]
    public async Task What_waits_is_written_again_with_what_comes_and_nothing_from_it_on_is_acknowledged()
    {
        await using var journal = await FilledAsync(20);
        var sink = new RecordingSink { BatchSize = 4, Waits = { Some.Event(2).Id, Some.Event(9).Id } };
        var indexer = Indexer(journal, sink);

        var held = await Assert.ThrowsAsync<SinkRefusedException>(() => indexer.DrainAsync(default));

        Assert.Equal(("the cause", "the fix"), (held.Message, held.Fix));
        Assert.Equal(Some.Events(0, 20).Select(e => e.Id).Except(sink.Waits), sink.Written.Distinct());
        Assert.Equal(2, _disk.Readers["recording"]);

        sink.Waits.Remove(Some.Event(2).Id);
        await Assert.ThrowsAsync<SinkRefusedException>(() => indexer.DrainAsync(default));
        Assert.Equal(9, _disk.Readers["recording"]);

        sink.Waits.Clear();
        await indexer.DrainAsync(default);
        Assert.Equal(20, _disk.Readers["recording"]);
        Assert.Equal(Some.Events(0, 20).Select(e => e.Id).Order(), sink.Written.Distinct().Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_too_many_ahead_of_one_that_waits_nothing_is_left_unread(bool isReleased)
    {
        await using var journal = await FilledAsync(40);
        var sink = new RecordingSink { BatchSize = 4, Waits = { Some.Event(2).Id } };
        sink.Writing = () =>
        {
            if (isReleased && sink.Written.Count >= 11) sink.Waits.Clear();
        };
        var indexer = new Indexer(journal, sink, TimeSpan.FromSeconds(1), _time, NullLogger<Indexer>.Instance) { MostAhead = 12 };

        if (!isReleased)
        {
            await Assert.ThrowsAsync<SinkRefusedException>(() => indexer.DrainAsync(default));
            Assert.Equal(11, sink.Written.Count);
            Assert.Equal(2, _disk.Readers["recording"]);
            return;
        }

        await indexer.DrainAsync(default);
        Assert.Equal(Some.Events(0, 40).Select(e => e.Id).Order(), sink.Written.Distinct().Order());
        Assert.Equal(40, _disk.Readers["recording"]);
    }

    [Fact]
    public async Task What_was_delivered_ahead_is_acknowledged_when_nothing_waits_any_more()
    {
        await using var journal = await FilledAsync(8);
        var sink = new RecordingSink { BatchSize = 8, Waits = { Some.Event(2).Id } };
        using var stop = new CancellationTokenSource();
        var following = Indexer(journal, sink).FollowAsync(stop.Token);
        await _time.NextTimerAsync();
        Assert.Equal(2, _disk.Readers["recording"]);

        sink.Waits.Clear();
        _time.Advance(TimeSpan.FromSeconds(1));
        await sink.HasAsync(8);
        await _time.NextTimerAsync();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Assert.Equal(8, _disk.Readers["recording"]);
    }

    [Fact]
    public async Task It_looks_again_after_a_while_and_stops_when_told()
    {
        await using var journal = await FilledAsync(1);
        var sink = new RecordingSink();
        using var stop = new CancellationTokenSource();
        var following = Indexer(journal, sink).FollowAsync(stop.Token);
        Assert.Equal(TimeSpan.FromSeconds(1), await _time.NextTimerAsync());

        await CommitAsync(journal, 1, 2, 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        await sink.HasAsync(3);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    [Fact]
    public async Task When_a_sink_that_held_everything_up_has_it_all_that_is_said_once_with_the_count()
    {
        await using var journal = await FilledAsync(25);
        var log = new CollectingLogger<Indexer>();
        var sink = new RecordingSink { BatchSize = 10 };
        var writes = 0;
        sink.Writing = () => _time.Advance(writes++ == 1 ? TimeSpan.FromHours(1) : TimeSpan.Zero);
        var indexer = new Indexer(journal, sink, TimeSpan.FromSeconds(1), _time, log);

        await indexer.DrainAsync(default);
        await CommitAsync(journal, 25, 5, 2);
        await indexer.DrainAsync(default);

        Assert.Equal(
            ["recording: it has everything again; 15 events that had waited are stored, 0 were there already, 0 refused."],
            log.Lines.Select(l => l.Text));
    }

    private Indexer Indexer(IJournal journal, IEventSink sink) => new(journal, sink, TimeSpan.FromSeconds(1), _time, NullLogger<Indexer>.Instance);

    private async Task<SimulatedJournal> FilledAsync(int count)
    {
        var journal = new SimulatedJournal(_disk, CrashPlan.None);
        await CommitAsync(journal, 0, count, 1);
        return journal;
    }

    private static async Task CommitAsync(SimulatedJournal journal, int first, int count, long sequence)
    {
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(sequence, Some.Events(first, count)), default);
    }

    /// <summary>Keeps the ids it was given, and refuses or fails where a test wants it to.</summary>
    private sealed class RecordingSink : IEventSink
    {
        private readonly TaskCompletionSource _has = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _wanted = int.MaxValue;
        private int _writes;

        public string Name => "recording";

        public int BatchSize { get; init; } = 100;

        public int FailsAt { get; init; }

        /// <summary>So many stored events are not counted: a defect.</summary>
        public int Conceals { get; set; }

        public Dictionary<string, string> Refuses { get; } = [];

        public HashSet<string> Waits { get; } = [];

        public Action Writing { get; set; } = () => { };

        public Func<Task> WritingAsync { get; set; } = () => Task.CompletedTask;

        public List<string> Written { get; } = [];

        public Task HasAsync(int count)
        {
            lock (Written)
            {
                _wanted = count;
                Check();
            }

            return _has.Task;
        }

        public ValueTask PrepareAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public async ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken)
        {
            Assert.InRange(events.Count, 1, BatchSize + Waits.Count);
            Writing();
            await WritingAsync();
            if (++_writes == FailsAt) throw new SinkUnavailableException("down", "wait");

            var refused = events.Where(e => Refuses.ContainsKey(e.Id)).Select(e => new RefusedEvent(e, Refuses[e.Id])).ToList();
            lock (Written)
            {
                Written.AddRange(events.Where(e => !Refuses.ContainsKey(e.Id) && !Waits.Contains(e.Id)).Select(e => e.Id));
                Check();
            }

            var waiting = events.Where(e => Waits.Contains(e.Id)).ToList();
            return new SinkResult(
                events.Count - refused.Count - waiting.Count - Conceals, 0, 0, refused,
                waiting.Count == 0 ? null : new WaitingEvents(waiting, "the cause", "the fix"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Check()
        {
            if (Written.Count >= _wanted) _has.TrySetResult();
        }
    }
}
