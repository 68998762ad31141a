using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

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

            Assert.Contains(" of 1.0 MiB and ", full.Message, StringComparison.Ordinal);
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
    public async Task Ids_outlive_their_events_and_go_once_no_source_can_read_them_again()
    {
        await using var journal = await _file.OpenAsync(retention: TimeSpan.FromDays(1));
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var old = Some.Event(1);
        var timeless = Some.Event(2, hasSourceTime: false);
        await writer.CommitAsync(Some.Commit(1, [old, timeless]), default);

        await LaterAsync(writer, TimeSpan.FromDays(4), watermark: Some.Start.AddDays(4));
        Assert.Equal([old.ContentHash, timeless.ContentHash], await writer.ContentsAsync([EventKey.Of(old), EventKey.Of(timeless)]));

        // A source that is still far back may read them again, however late it is.
        await LaterAsync(writer, TimeSpan.FromDays(30), watermark: Some.Start.AddDays(5));
        Assert.Equal([old.ContentHash, timeless.ContentHash], await writer.ContentsAsync([EventKey.Of(old), EventKey.Of(timeless)]));

        await LaterAsync(writer, TimeSpan.FromHours(1), watermark: Some.Start.AddDays(34));
        Assert.Equal([null, timeless.ContentHash], await writer.ContentsAsync([EventKey.Of(old), EventKey.Of(timeless)]));
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
    private async Task LaterAsync(IJournalWriter writer, TimeSpan by, DateTimeOffset? watermark = null)
    {
        _file.Time.Advance(by);
        var sequence = writer.Checkpoint!.Sequence + 1;
        await writer.CommitAsync(new([], [], Some.Checkpoint(sequence, watermark: watermark)), default);

        // Each look-up waits for the deletion that was given before it; a deletion in several steps gives itself again.
        for (var i = 0; i < 10; i++)
        {
            await writer.ContentsAsync([new EventKey(1, 1)]);
        }
    }

    private static JournalCommit Unit(long sequence) => Some.Commit(sequence, Noise.Events((int)sequence * 20, 20, bytes: 2000));

    private static async Task<(JournalFullException Full, int Committed)> FillAsync(IJournalWriter writer)
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
        while (await reader.ReadAsync(1000, default) is { Count: > 0 } events)
        {
            all.AddRange(events);
        }

        return all;
    }

    private async Task<int> CountAsync()
    {
        await using var view = await SqliteJournal.OpenReadOnlyAsync(_file.Path, default);
        var count = 0;
        await foreach (var _ in view.EventsAsync(new EventFilter(), null, default))
        {
            count++;
        }

        return count;
    }
}
