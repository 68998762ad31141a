using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Journals;

/// <summary>What every journal promises. A journal's own class says how to open it, and how to look at and to damage what it stores.</summary>
public abstract class JournalContract
{
    /// <summary>Opens the same stored journal each time; after the one before was disposed, that is a restart.</summary>
    protected abstract Task<IJournal> OpenAsync();

    /// <summary>The dead letters that are kept.</summary>
    protected abstract Task<IReadOnlyList<DeadLetter>> DeadLettersAsync();

    /// <summary>Stores <paramref name="texts"/> as the checkpoints of the source, newest first, while no journal is open.</summary>
    protected abstract Task StoreCheckpointsAsync(SourceKey source, params byte[][] texts);

    [ContractFact]
    public async Task A_new_source_has_no_checkpoint_and_no_events()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);

        Assert.Null(writer.Checkpoint);
        Assert.Equal(Some.Intercom, writer.Source);
        Assert.Empty(await ReadAllAsync(journal));
    }

    [ContractFact]
    public async Task A_commit_shows_its_checkpoint_at_once_and_after_a_restart()
    {
        var commit = Some.Commit(1, Some.Events(0, 3));
        await using (var journal = await OpenAsync())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(commit, default);
            Assert.Equal(commit.Checkpoint, writer.Checkpoint);
        }

        await using var reopened = await OpenAsync();
        await using var next = await reopened.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(commit.Checkpoint, next.Checkpoint);
        Assert.Equal(Ids(commit.Events), Ids(await ReadAllAsync(reopened)));
    }

    [ContractFact]
    public async Task A_cursor_checkpoint_is_read_back_as_it_was()
    {
        await using var journal = await OpenAsync();
        var checkpoint = Some.CursorCheckpoint(1);
        await using (var writer = await journal.OpenWriterAsync(Some.Sequence, default))
        {
            await writer.CommitAsync(new([], [], checkpoint), default);
        }

        await using var next = await journal.OpenWriterAsync(Some.Sequence, default);
        Assert.Equal(checkpoint, next.Checkpoint);
    }

    [ContractFact]
    public async Task Events_are_read_in_the_order_of_their_commits_and_whole()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var first = Some.Events(10, 5);
        var second = Some.Events(0, 5);
        await writer.CommitAsync(Some.Commit(1, first), default);
        await writer.CommitAsync(Some.Commit(2, second), default);

        var read = await ReadAllAsync(journal);

        Assert.Equal(Ids([.. first, .. second]), Ids(read));
        foreach (var (expected, actual) in first.Concat(second).Zip(read))
        {
            Assert.Equal(Some.Intercom, actual.Source);
            Assert.Equal(expected.Time, actual.Time);
            Assert.Equal(expected.TraceId, actual.TraceId);
            Assert.Equal(Encoding.UTF8.GetString(expected.Json.Span), Encoding.UTF8.GetString(actual.Json.Span));
        }

        Assert.Equal(read.Select(e => e.Position).Distinct().Order(), read.Select(e => e.Position));
    }

    [ContractFact]
    public async Task An_event_does_not_depend_on_the_buffer_it_came_from()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        using var batch = new EventBatch();
        var json = batch.Keep("""{"@timestamp":"2026-11-21T20:00:01.000Z","event.id":"kept"}"""u8);
        await writer.CommitAsync(Some.Commit(1, [Some.Event(1, json: json)]), default);
        batch.Clear();
        batch.Keep("################################################################"u8);

        var read = Assert.Single(await ReadAllAsync(journal));
        Assert.Equal("""{"@timestamp":"2026-11-21T20:00:01.000Z","event.id":"kept"}""", Encoding.UTF8.GetString(read.Json.Span));
    }

    [ContractFact]
    public async Task A_commit_without_events_moves_the_checkpoint_alone()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, []), default);
        await writer.CommitAsync(Some.Commit(2, []), default);

        await using var next = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(2, next.Checkpoint!.Sequence);
        Assert.Empty(await ReadAllAsync(journal));
    }

    [ContractFact]
    public async Task Sources_share_a_journal_and_nothing_else()
    {
        await using var journal = await OpenAsync();
        await using var intercom = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var sequence = await journal.OpenWriterAsync(Some.Sequence, default);
        await intercom.CommitAsync(Some.Commit(1, Some.Events(0, 2)), default);
        await sequence.CommitAsync(Some.Commit(1, Some.Events(100, 2), Some.Sequence), default);
        await intercom.CommitAsync(Some.Commit(2, Some.Events(2, 2)), default);

        Assert.Equal(2, intercom.Checkpoint!.Sequence);
        Assert.Equal(1, sequence.Checkpoint!.Sequence);
        var read = await ReadAllAsync(journal);
        // A journal may order sources among themselves as it likes; within a source the order counts.
        Assert.Equal(Ids(Some.Events(0, 4)), Ids(read.Where(e => e.Source == Some.Intercom)));
        Assert.Equal(Ids(Some.Events(100, 2)), Ids(read.Where(e => e.Source == Some.Sequence)));
    }

    [ContractFact]
    public async Task What_is_committed_is_found_again_with_its_content()
    {
        var events = Some.Events(0, 10);
        await using (var journal = await OpenAsync())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(Some.Commit(1, events), default);
            Assert.Equal(events.Select(e => (ulong?)e.ContentDigest), await writer.ContentsAsync(Keys(events)));
        }

        await using var reopened = await OpenAsync();
        await using var next = await reopened.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(
            [events[3].ContentDigest, null, events[0].ContentDigest],
            await next.ContentsAsync(Keys([events[3], Some.Event(99), Some.Event(0, content: 7)])));
        Assert.Empty(await next.ContentsAsync([]));
    }

    [ContractFact]
    public async Task An_event_without_a_time_of_its_own_is_found_whenever_it_is_received()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var received = Some.Event(1, time: Some.Start, hasSourceTime: false);
        var again = Some.Event(1, time: Some.Start.AddDays(3), hasSourceTime: false);
        await writer.CommitAsync(Some.Commit(1, [received]), default);

        Assert.Equal([received.ContentDigest], await writer.ContentsAsync(Keys([again])));
    }

    [ContractTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_that_is_already_there_fails_the_whole_commit(bool twiceInOneCommit)
    {
        await using var journal = await OpenAsync();
        await using (var writer = await journal.OpenWriterAsync(Some.Intercom, default))
        {
            await writer.CommitAsync(Some.Commit(1, [Some.Event(0)]), default);
            var again = twiceInOneCommit ? Some.Event(2) : Some.Event(0);

            await Assert.ThrowsAsync<InvalidOperationException>(
                async () => await writer.CommitAsync(Some.Commit(2, [Some.Event(1), Some.Event(2), again], null, Some.DeadLetter(1)), default));
        }

        Assert.Equal(Ids([Some.Event(0)]), Ids(await ReadAllAsync(journal)));
        Assert.Empty(await DeadLettersAsync());
        await using var next = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(1, next.Checkpoint!.Sequence);
        Assert.Equal([null], await next.ContentsAsync(Keys([Some.Event(1)])));
        await next.CommitAsync(Some.Commit(2, [Some.Event(1)]), default);
    }

    [ContractFact]
    public async Task A_newer_writer_fences_the_older_one_which_then_writes_nothing()
    {
        await using var journal = await OpenAsync();
        await using var old = await journal.OpenWriterAsync(Some.Intercom, default);
        await old.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);
        await using var young = await journal.OpenWriterAsync(Some.Intercom, default);

        await Assert.ThrowsAsync<JournalFencedException>(
            async () => await old.CommitAsync(Some.Commit(2, Some.Events(1, 5), null, Some.DeadLetter(1)), default));

        Assert.Equal(1, old.Checkpoint!.Sequence);
        Assert.Single(await ReadAllAsync(journal));
        Assert.Empty(await DeadLettersAsync());
        await young.CommitAsync(Some.Commit(2, Some.Events(1, 5)), default);
        Assert.Equal(6, (await ReadAllAsync(journal)).Count);
    }

    [ContractFact]
    public async Task Fencing_one_source_leaves_the_others_alone()
    {
        await using var journal = await OpenAsync();
        await using var sequence = await journal.OpenWriterAsync(Some.Sequence, default);
        await using var intercom = await journal.OpenWriterAsync(Some.Intercom, default);

        await sequence.CommitAsync(Some.Commit(1, Some.Events(0, 1), Some.Sequence), default);

        Assert.Single(await ReadAllAsync(journal));
    }

    [ContractTheory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(0)]
    public async Task A_sequence_that_does_not_follow_is_refused_and_leaves_no_trace(long sequence)
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);

        await Assert.ThrowsAsync<JournalCorruptException>(async () => await writer.CommitAsync(Some.Commit(sequence, Some.Events(1, 1)), default));

        Assert.Single(await ReadAllAsync(journal));
        await using var next = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(1, next.Checkpoint!.Sequence);
    }

    [ContractFact]
    public async Task A_checkpoint_of_another_source_is_refused()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);

        await Assert.ThrowsAsync<ArgumentException>(
            async () => await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1), Some.Sequence), default));

        Assert.Empty(await ReadAllAsync(journal));
    }

    [ContractFact]
    public async Task A_dead_letter_is_kept_with_its_commit_and_once()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var letter = Some.DeadLetter(1);
        await writer.CommitAsync(Some.Commit(1, [], null, letter, Some.DeadLetter(2)), default);
        await writer.CommitAsync(Some.Commit(2, [], null, Some.DeadLetter(1, reason: "seen again")), default);

        var kept = await DeadLettersAsync();

        Assert.Equal(2, kept.Count);
        var first = Assert.Single(kept, l => l.Id == letter.Id);
        Assert.Equal(letter with { Body = default }, first with { Body = default });
        Assert.Equal(letter.Body.ToArray(), first.Body.ToArray());
    }

    [ContractFact]
    public async Task A_cancelled_commit_is_there_in_whole_or_not_at_all()
    {
        await using var journal = await OpenAsync();
        await using (var writer = await journal.OpenWriterAsync(Some.Intercom, default))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                async () => await writer.CommitAsync(Some.Commit(1, Some.Events(0, 100)), new CancellationToken(canceled: true)));
        }

        await using var next = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(next.Checkpoint is null ? 0 : 100, (await ReadAllAsync(journal)).Count);
    }

    [ContractFact]
    public async Task A_reader_reads_on_and_a_reopened_one_starts_after_what_was_acknowledged()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var events = Some.Events(0, 10);
        await writer.CommitAsync(Some.Commit(1, events), default);

        await using (var reader = await journal.OpenReaderAsync("elasticsearch", default))
        {
            var read = await reader.TakeAsync(8);
            Assert.Equal(Ids(events.Take(8)), Ids(read));
            await reader.AcknowledgeAsync(read[3], default);
        }

        await using (var again = await journal.OpenReaderAsync("elasticsearch", default))
        {
            Assert.Equal(Ids(events.Skip(4)), Ids(await DrainAsync(again)));
        }

        Assert.Equal(10, (await ReadAllAsync(journal)).Count);
    }

    [ContractFact]
    public async Task An_acknowledgement_survives_a_restart_and_never_goes_back()
    {
        await using (var journal = await OpenAsync())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 5)), default);
            await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
            var read = await reader.TakeAsync(5);
            await reader.AcknowledgeAsync(read[3], default);
            await reader.AcknowledgeAsync(read[1], default);
        }

        await using var reopened = await OpenAsync();
        await using var next = await reopened.OpenReaderAsync("elasticsearch", default);
        Assert.Equal(Ids(Some.Events(4, 1)), Ids(await DrainAsync(next)));
    }

    [ContractFact]
    public async Task A_reader_at_the_end_sees_what_is_committed_next()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
        Assert.Empty(await reader.ReadAsync(10, default));

        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);

        Assert.Equal(Ids(Some.Events(0, 1)), Ids(await DrainAsync(reader)));
        Assert.Empty(await reader.ReadAsync(10, default));
    }

    [ContractFact]
    public async Task A_damaged_newest_checkpoint_gives_way_to_the_one_before_and_nothing_is_published_twice()
    {
        await CommitTwiceAsync();
        var damaged = CheckpointText.Serialize(Some.Checkpoint(2));
        damaged[40] ^= 1;
        await StoreCheckpointsAsync(Some.Intercom, damaged, CheckpointText.Serialize(Some.Checkpoint(1)));

        await using (var journal = await OpenAsync())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            Assert.Equal(Some.Checkpoint(1).Position, writer.Checkpoint!.Position);
            Assert.DoesNotContain(null, await writer.ContentsAsync(Keys(Some.Events(0, 4))));
            await writer.CommitAsync(Some.Commit(writer.Checkpoint.Sequence + 1, Some.Events(4, 2)), default);
            Assert.Equal(Ids(Some.Events(0, 6)), Ids(await ReadAllAsync(journal)));
        }

        await using var reopened = await OpenAsync();
        await using var next = await reopened.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(Some.Checkpoint(3), next.Checkpoint);
    }

    [ContractFact]
    public async Task Without_a_valid_checkpoint_a_source_that_had_one_does_not_start_over()
    {
        await CommitTwiceAsync();
        await StoreCheckpointsAsync(Some.Intercom, "{"u8.ToArray(), """{"v":1}"""u8.ToArray());
        await AssertRefusedAsync();
    }

    [ContractFact]
    public async Task Events_without_any_checkpoint_are_refused()
    {
        await CommitTwiceAsync();
        await StoreCheckpointsAsync(Some.Intercom);
        await AssertRefusedAsync();
    }

    [ContractFact]
    public async Task A_checkpoint_of_a_newer_version_is_refused_although_an_older_one_is_there()
    {
        await CommitTwiceAsync();
        await StoreCheckpointsAsync(Some.Intercom, """{"v":3,"seq":2}"""u8.ToArray(), CheckpointText.Serialize(Some.Checkpoint(1)));

        var refused = await AssertRefusedAsync();

        Assert.Contains("version 3", refused.Message + refused.Fix, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_disposed_journal_ends_its_writers_and_readers()
    {
        var journal = await OpenAsync();
        var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var reader = await journal.OpenReaderAsync("elasticsearch", default);
        await journal.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await writer.CommitAsync(Some.Commit(1, []), default));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reader.ReadAsync(1, default));
        await writer.DisposeAsync();
        await reader.DisposeAsync();
        await journal.DisposeAsync();
    }

    protected static IReadOnlyList<EventKey> Keys(IEnumerable<EcsEvent> events) => [.. events.Select(EventKey.Of)];

    protected static IEnumerable<string> Ids(IEnumerable<EcsEvent> events) => events.Select(e => e.Id);

    protected static IEnumerable<string> Ids(IEnumerable<JournalEvent> events) => events.Select(e => e.Id);

    /// <summary>Every committed event, read by a reader that never acknowledges.</summary>
    protected static async Task<IReadOnlyList<JournalEvent>> ReadAllAsync(IJournal journal)
    {
        await using var reader = await journal.OpenReaderAsync("test", default);
        return await DrainAsync(reader);
    }

    protected static async Task<IReadOnlyList<JournalEvent>> DrainAsync(IJournalReader reader)
    {
        var all = new List<JournalEvent>();
        while (await reader.ReadAsync(1000, default) is { Count: > 0 } events) all.AddRange(events);

        return all;
    }

    private async Task CommitTwiceAsync()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 2)), default);
        await writer.CommitAsync(Some.Commit(2, Some.Events(2, 2)), default);
    }

    private async Task<JournalCorruptException> AssertRefusedAsync()
    {
        await using var journal = await OpenAsync();
        return await Assert.ThrowsAsync<JournalCorruptException>(async () => await journal.OpenWriterAsync(Some.Intercom, default));
    }
}
