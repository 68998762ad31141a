using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Journals;

/// <summary>A journal that is full, and how it gets room again.</summary>
public sealed class SqliteRoomTests : IDisposable
{
    private const long Megabyte = 1 << 20;

    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_full_journal_refuses_the_whole_commit_and_stays_readable()
    {
        await using (var journal = await _file.OpenAsync(maxBytes: Megabyte))
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            var (full, committed) = await FillAsync(writer);

            Assert.Contains(", and together they may have 1.0 MiB; ", full.Message, StringComparison.Ordinal);
            Assert.Contains("Journal:MaxBytes", full.Fix, StringComparison.Ordinal);
            Assert.InRange(new FileInfo(_file.Path).Length, 1, Megabyte);
            await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
            var read = await DrainAsync(reader);
            Assert.Equal(committed * 20, read.Count);
            await reader.AcknowledgeAsync(read[^1], default);
            await using var again = await journal.OpenWriterAsync(Some.Intercom, default);
            Assert.Equal(committed, again.Checkpoint!.Sequence);
        }

        await using var larger = await _file.OpenAsync(maxBytes: 2 * Megabyte);
        await using var next = await larger.OpenWriterAsync(Some.Intercom, default);
        await next.CommitAsync(Unit(next.Checkpoint!.Sequence + 1), default);
    }

    [Fact]
    public async Task A_full_journal_goes_on_once_old_events_are_delivered_and_deleted()
    {
        await using var journal = await _file.OpenAsync(maxBytes: Megabyte, retention: TimeSpan.FromDays(1));
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
        var (_, committed) = await FillAsync(writer);
        await reader.AcknowledgeAsync((await DrainAsync(reader))[^1], default);
        _file.Time.Advance(TimeSpan.FromDays(2));

        // The refused commit is what finds the old events.
        await Assert.ThrowsAsync<JournalFullException>(async () => await writer.CommitAsync(Unit(committed + 1), default));
        await writer.CommitAsync(Unit(committed + 1), default);

        Assert.Equal(20, (await reader.ReadAsync(1000, default)).Count);
    }

    [Fact]
    public async Task Old_events_are_kept_until_every_reader_has_them()
    {
        await using var journal = await _file.OpenAsync(retention: TimeSpan.FromDays(1));
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var fast = await journal.OpenReaderAsync("fast", default);
        await using var slow = await journal.OpenReaderAsync("slow", default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 4)), default);
        await writer.CommitAsync(Some.Commit(2, Some.Events(4, 6)), default);
        var events = await fast.ReadAsync(100, default);
        await fast.AcknowledgeAsync(events[^1], default);
        await slow.AcknowledgeAsync(events[5], default);

        await LaterAsync(writer, TimeSpan.FromDays(2));
        Assert.Equal(6, await CountAsync());

        await journal.RemoveReaderAsync("slow", default);
        await LaterAsync(writer, TimeSpan.FromHours(1));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Without_readers_age_alone_counts_and_positions_go_on_growing()
    {
        long last;
        await using (var journal = await _file.OpenAsync(retention: TimeSpan.FromDays(1)))
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 5000)), default);
            last = _file.Number("SELECT max(last_pos) FROM event_block");
            await LaterAsync(writer, TimeSpan.FromHours(23));
            Assert.Equal(5000, await CountAsync());
            await LaterAsync(writer, TimeSpan.FromHours(2));
            Assert.Equal(0, await CountAsync());
        }

        await using var reopened = await _file.OpenAsync(retention: TimeSpan.FromDays(1));
        await using var next = await reopened.OpenWriterAsync(Some.Intercom, default);
        await next.CommitAsync(Some.Commit(next.Checkpoint!.Sequence + 1, [Some.Event(6000)]), default);
        Assert.Equal(last + 1, _file.Number("SELECT min(first_pos) FROM event_block"));
    }

    [Fact]
    public async Task Ids_stay_known_for_ever_however_long_ago_their_events_were_deleted()
    {
        await using var journal = await _file.OpenAsync(retention: TimeSpan.FromHours(1));
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var sequence = await journal.OpenWriterAsync(Some.Sequence, default);
        EcsEvent[] events = [Some.Event(1), Some.Event(2, hasSourceTime: false), Some.Event(3, time: Some.Start.AddYears(-20))];
        EcsEvent[] cursorEvents = [Some.Event(4), Some.Event(5, time: DateTimeOffset.UnixEpoch.AddDays(1))];
        await writer.CommitAsync(Some.Commit(1, events), default);
        await sequence.CommitAsync(new(cursorEvents, [], Some.CursorCheckpoint(1)), default);

        foreach (var days in (int[])[1, 10, 40, 400, 4_000])
        {
            await LaterAsync(writer, TimeSpan.FromDays(days), watermark: Some.Start.AddDays(days));
        }

        Assert.Equal(0, await CountAsync());
        EcsEvent[] all = [.. events, .. cursorEvents];
        Assert.Equal(all.Select(e => (ulong?)e.ContentDigest), await writer.ContentsAsync([.. all.Select(EventKey.Of)]));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(3_000)]
    public async Task A_host_clock_that_is_far_ahead_for_a_while_deletes_nothing_and_retention_goes_on_after_it(int days)
    {
        await using var journal = await _file.OpenAsync(retention: TimeSpan.FromDays(1));
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 10)), default);

        // The present of a commit is what the vendor says too.
        var present = Some.Start.AddHours(1);
        _file.Time.SetWallClock(present.AddDays(days));
        await LaterAsync(writer, TimeSpan.FromMinutes(2), present: present);
        await writer.CommitAsync(new(Some.Events(10, 10), [], Some.Checkpoint(3) with { CommittedAt = present }), default);
        Assert.Equal(20, await CountAsync());

        _file.Time.SetWallClock(present);
        await LaterAsync(writer, TimeSpan.FromHours(23.5));
        Assert.Equal(10, await CountAsync());
        await LaterAsync(writer, TimeSpan.FromHours(1));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_block_that_a_wrong_clock_dated_into_the_future_hides_nothing_and_goes_with_the_next_old_one()
    {
        await using var journal = await _file.OpenAsync(retention: TimeSpan.FromDays(1));
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await CommitAtAsync(writer, Some.Start.AddDays(400), 1);
        await CommitAtAsync(writer, Some.Start, 2);
        await CommitAtAsync(writer, Some.Start.AddDays(400), 4);
        await CommitAtAsync(writer, Some.Start.AddHours(2), 8);

        await LaterAsync(writer, TimeSpan.FromHours(25));
        Assert.Equal(4 + 8, await CountAsync());

        await LaterAsync(writer, TimeSpan.FromHours(2));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Whatever_the_times_of_the_commits_what_is_old_goes_and_what_is_young_or_not_acknowledged_stays()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var random = new Random(seed);
            using var file = new SqliteFile();
            await using var journal = await file.OpenAsync(retention: TimeSpan.FromDays(1));
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            var blocks = new List<DateTimeOffset>();
            for (var i = 0; i < 12; i++)
            {
                var at = Some.Start.AddHours(i);
                blocks.Add(random.Next(4) switch { 0 => at.AddDays(random.Next(2, 500)), 1 => at.AddDays(-random.Next(2, 500)), _ => at });
                await writer.CommitAsync(new([Some.Event(i)], [], Some.Checkpoint(i + 1) with { CommittedAt = blocks[i] }), default);
            }

            var acknowledged = 12;
            if (random.Next(2) == 0)
            {
                await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
                acknowledged = random.Next(1, 13);
                await reader.AcknowledgeAsync((await reader.TakeAsync(12))[acknowledged - 1], default);
            }

            await SettleAsync(writer);
            var present = Some.Start.AddDays(1).AddHours(random.Next(1, 14));
            file.Time.SetWallClock(present.AddDays(random.Next(3) * 400));
            file.Time.Advance(TimeSpan.FromMinutes(2));
            await writer.CommitAsync(new([], [], Some.Checkpoint(13) with { CommittedAt = present }), default);
            await SettleAsync(writer);

            var kept = file.Numbers("SELECT last_pos FROM event_block");
            var old = Enumerable.Range(0, 12).Where(i => blocks[i] < present.AddDays(-1)).ToList();
            for (var i = 0; i < 12; i++)
            {
                var goes = i < acknowledged && (blocks[i] < present.AddDays(-1) || (blocks[i] > present && old.Exists(o => o > i)));
                Assert.True(kept.Contains(i + 1L) != goes, $"Seed {seed}: block {i + 1} of {blocks[i]:u}, {acknowledged} acknowledged, at {present:u}.");
            }
        }
    }

    [Fact]
    public async Task Room_that_stays_free_goes_back_to_the_disk()
    {
        await using var journal = await _file.OpenAsync(retention: TimeSpan.FromDays(1));
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        for (var sequence = 1; sequence <= 10; sequence++)
        {
            await writer.CommitAsync(Some.Commit(sequence, Noise.Events(sequence * 1000, 1000, bytes: 3000)), default);
        }

        var before = _file.Number("PRAGMA page_count");
        await LaterAsync(writer, TimeSpan.FromDays(2));

        Assert.InRange(_file.Number("PRAGMA page_count"), 1, before / 2);
    }

    /// <summary>A commit after that time; when it returns, what is old enough is gone.</summary>
    private async Task LaterAsync(IJournalWriter writer, TimeSpan by, DateTimeOffset? watermark = null, DateTimeOffset? present = null)
    {
        await SettleAsync(writer);
        _file.Time.Advance(by);
        var checkpoint = Some.Checkpoint(writer.Checkpoint!.Sequence + 1, watermark: watermark) with { CommittedAt = present ?? _file.Time.GetUtcNow() };
        await writer.CommitAsync(new([], [], checkpoint), default);
        await SettleAsync(writer);
    }

    /// <summary>Each look-up waits for the deletion that was given before it; a deletion in several steps gives itself again.</summary>
    private static async Task SettleAsync(IJournalWriter writer)
    {
        for (var i = 0; i < 10; i++) await writer.ContentsAsync([new EventKey(1, 1)]);
    }

    private static async Task CommitAtAsync(IJournalWriter writer, DateTimeOffset at, int events)
    {
        var sequence = (writer.Checkpoint?.Sequence ?? 0) + 1;
        await writer.CommitAsync(new(Some.Events((int)sequence * 100, events), [], Some.Checkpoint(sequence) with { CommittedAt = at }), default);
    }

    private JournalCommit Unit(long sequence) =>
        new(Noise.Events((int)sequence * 20, 20, bytes: 2000), [], Some.Checkpoint(sequence) with { CommittedAt = _file.Time.GetUtcNow() });

    private async Task<(JournalFullException Full, int Committed)> FillAsync(IJournalWriter writer)
    {
        for (var sequence = 1; sequence < 1000; sequence++)
        {
            try
            {
                await writer.CommitAsync(Unit(sequence), default);
            }
            catch (JournalFullException full)
            {
                return (full, sequence - 1);
            }
        }

        throw new InvalidOperationException("It never became full.");
    }

    private static async Task<IReadOnlyList<JournalEvent>> DrainAsync(IJournalReader reader)
    {
        var all = new List<JournalEvent>();
        while (await reader.ReadAsync(1000, default) is { Count: > 0 } events) all.AddRange(events);

        return all;
    }

    private async Task<int> CountAsync()
    {
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        var count = 0;
        await foreach (var _ in view.EventsAsync(new EventFilter(), null, default))
        {
            count++;
        }

        return count;
    }
}
