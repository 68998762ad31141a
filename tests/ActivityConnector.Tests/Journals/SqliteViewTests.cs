using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Journals;

/// <summary>What the commands see and change.</summary>
public sealed class SqliteViewTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    /// <summary>POSIX takes every lock that a process has on a file as soon as the process closes the file once.</summary>
    [Fact]
    public async Task A_look_in_the_process_that_has_the_journal_open_takes_away_none_of_its_locks()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 5)), default);
        var before = await LocksAsync();
        Assert.NotEmpty(before);

        await (await SqliteJournalView.OpenAsync(_file.Path, default)).DisposeAsync();

        Assert.Equal(before, await LocksAsync());
    }

    /// <summary>What another program asks before it takes the journal for unused.</summary>
    private async Task<List<string>> LocksAsync()
    {
        var inodes = new List<string>();
        foreach (var file in (string[])[_file.Path, _file.Path + "-shm"])
        {
            using var stat = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%i", file]) { RedirectStandardOutput = true })!;
            inodes.Add((await stat.StandardOutput.ReadToEndAsync()).Trim());
        }

        // The kernel gives the list in parts, and other processes change it between two of them: a line can be missed, or come twice.
        List<string> once, again = await ReadAsync();
        do
        {
            (once, again) = (again, await ReadAsync());
        }
        while (!once.SequenceEqual(again));

        return again;

        // "1: POSIX  ADVISORY  READ 4711 fd:00:2097 128 128": the number that stands before the first blank is the kernel's own.
        async Task<List<string>> ReadAsync() =>
        [
            .. (await File.ReadAllLinesAsync("/proc/locks")).Where(line => inodes.Exists(inode => line.Contains($":{inode} ", StringComparison.Ordinal)))
                .Select(line => line[line.IndexOf(' ', StringComparison.Ordinal)..]).Distinct().Order(StringComparer.Ordinal),
        ];
    }

    [Fact]
    public async Task Dead_letters_are_listed_newest_first_however_many()
    {
        await using var journal = await _file.OpenAsync();
        await journal.KeepDeadLettersAsync([.. Enumerable.Range(0, 1_007).Select(i => Some.DeadLetter(i))], default);
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);

        var ids = await view.DeadLettersAsync(default).Select(l => l.Id).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 1_007).Reverse().Select(i => Some.DeadLetter(i).Id), ids);
        Assert.Equal(1_007, (await view.OpenDeadLettersAsync(default))[DeadLetterStage.Page]);
    }

    [Fact]
    public async Task A_dead_letter_is_found_by_id_and_gone_once_discarded()
    {
        await using var journal = await _file.OpenAsync();
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        await journal.KeepDeadLettersAsync([Some.DeadLetter(1), Some.DeadLetter(2), Some.DeadLetter(3)], default);
        var id = Some.DeadLetter(2).Id;

        Assert.Equal(Some.DeadLetter(2).Body.ToArray(), (await view.DeadLetterAsync(id, default))!.Body.ToArray());
        Assert.Equal(1, await journal.DiscardDeadLettersAsync([id], default));
        Assert.Equal(0, await journal.DiscardDeadLettersAsync([id], default));
        Assert.Null(await view.DeadLetterAsync(id, default));
        Assert.Equal(2, await journal.DiscardDeadLettersAsync([id, Some.DeadLetter(1).Id, Some.DeadLetter(3).Id], default));
        Assert.Empty(await view.OpenDeadLettersAsync(default));
    }

    [Fact]
    public async Task What_is_gone_from_the_beginning_may_be_deleted_and_what_is_gone_from_behind_it_is_lost()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        Assert.Equal(new DeletedEvents(null, null), await view.DeletedAsync(Some.Intercom, default));
        for (var day = 1; day <= 5; day++)
        {
            var commit = Some.Commit(day, Some.Events(10 * day, 2 + day));
            await writer.CommitAsync(commit with { Checkpoint = commit.Checkpoint with { CommittedAt = Some.Start.AddDays(day) } }, default);
        }

        _file.Execute("DELETE FROM event_block WHERE first_pos=4");
        Assert.Equal(new DeletedEvents(null, null), await view.DeletedAsync(Some.Intercom, default));

        _file.Execute("DELETE FROM event_block WHERE first_pos=1");
        Assert.Equal(new DeletedEvents(Some.Start.AddDays(3).AddHours(1), 0), await view.DeletedAsync(Some.Intercom, default));

        _file.Execute("DELETE FROM event_block WHERE first_pos=13");
        Assert.Equal(new DeletedEvents(Some.Start.AddDays(3).AddHours(1), 6), await view.DeletedAsync(Some.Intercom, default));

        _file.Execute("DELETE FROM event_block WHERE first_pos=19");
        Assert.Equal(new DeletedEvents(Some.Start.AddDays(3).AddHours(1), 13), await view.DeletedAsync(Some.Intercom, default));

        _file.Execute("DELETE FROM event_block");
        Assert.Equal(new DeletedEvents(DateTimeOffset.MaxValue, null), await view.DeletedAsync(Some.Intercom, default));
    }

    [Fact]
    public async Task Open_dead_letters_are_counted_by_stage_whoever_kept_them()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        await writer.CommitAsync(
            Some.Commit(1, [], null, Some.DeadLetter(1), Some.DeadLetter(2), Some.DeadLetter(3) with { Stage = DeadLetterStage.Size }), default);
        await journal.KeepDeadLettersAsync([.. Enumerable.Range(4, 116).Select(i => Some.DeadLetter(i) with { Stage = DeadLetterStage.Index })], default);
        await journal.DiscardDeadLettersAsync([Some.DeadLetter(1).Id], default);

        var counts = await view.OpenDeadLettersAsync(default);

        Assert.Equal(
            [(DeadLetterStage.Index, 116), (DeadLetterStage.Page, 1), (DeadLetterStage.Size, 1)],
            counts.Select(c => (c.Key, c.Value)).OrderBy(c => c.Key.ToString(), StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_known_event_of_a_source_is_exported_whether_it_was_committed_or_imported_and_when_its_body_is_gone()
    {
        await using var journal = await _file.OpenAsync();
        await using var intercom = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var sequence = await journal.OpenWriterAsync(Some.Sequence, default);
        EcsEvent[] committed = [.. Some.Events(0, 3_000), Some.Event(3_000, hasSourceTime: false)];
        SeenEvent[] imported = [.. Some.Events(10_000, 3_000).Select(Seen), new(new(UInt128.Zero, 0), 7), new(new(UInt128.MaxValue, uint.MaxValue), 8)];
        await intercom.CommitAsync(Some.Commit(1, committed), default);
        await sequence.CommitAsync(Some.Commit(1, Some.Events(20_000, 3_000), Some.Sequence), default);
        SeenEvent[] also = [.. imported, Seen(committed[0]) with { Content = 1 }];
        await journal.ChangeAsync(Some.Intercom, (_, _) => new(Some.Checkpoint(9), null) { AlsoSeen = also }, default);
        _file.Execute("DELETE FROM event_block");
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);

        Assert.Equal(committed.Select(Seen).Concat(imported).OrderBy(s => s.Key.Hour).ThenBy(s => s.Key.Key), await SeenAsync(view, Some.Intercom));
        Assert.Equal(Some.Events(20_000, 3_000).Select(Seen).ToHashSet(), [.. await SeenAsync(view, Some.Sequence)]);
        Assert.Empty(await SeenAsync(view, new("intercom", "nobody")));
    }

    [Fact]
    public async Task An_export_of_known_events_holds_no_snapshot_while_it_is_under_way()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 5_000)), default);
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        await using var seen = view.SeenAsync(Some.Intercom, default).GetAsyncEnumerator();

        Assert.True(await seen.MoveNextAsync());
        await writer.CommitAsync(Some.Commit(2, [Some.Event(5_000)]), default);

        // SQLite answers 1 where a reader keeps it from emptying its log.
        Assert.Equal(0, _file.Number("PRAGMA wal_checkpoint(TRUNCATE)"));
        var count = 1;
        while (await seen.MoveNextAsync()) count++;

        Assert.InRange(count, 5_000, 5_001);
    }

    [Fact]
    public async Task A_dead_letter_keeps_no_more_than_its_share_of_the_original()
    {
        await using var journal = await _file.OpenAsync();
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        var letter = Some.DeadLetter(1) with { Body = new byte[2_000_000], OriginalLength = 2_000_000 };
        await journal.KeepDeadLettersAsync([letter, Some.DeadLetter(2) with { Body = default }], default);

        var kept = (await view.DeadLetterAsync(letter.Id, default))!;

        Assert.Equal(DeadLetter.MaxBodyBytes, kept.Body.Length);
        Assert.Equal(2_000_000, kept.OriginalLength);
        Assert.Equal(0, (await view.DeadLetterAsync(Some.DeadLetter(2).Id, default))!.Body.Length);
    }

    [Fact]
    public async Task Checkpoints_are_shown_while_the_connector_runs()
    {
        await using var journal = await _file.OpenAsync();
        await using var intercom = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var sequence = await journal.OpenWriterAsync(Some.Sequence, default);
        await intercom.CommitAsync(Some.Commit(1, []), default);
        await intercom.CommitAsync(Some.Commit(2, []), default);
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);

        Assert.Equal([Some.Intercom], await view.SourcesAsync(default));
        Assert.Equal(Some.Checkpoint(2), CheckpointText.Parse(await view.CheckpointAsync(Some.Intercom, default)));
        Assert.Null(await view.CheckpointAsync(Some.Sequence, default));
    }

    [Fact]
    public async Task A_position_set_by_hand_fences_the_writer_and_is_the_next_ones()
    {
        await using var journal = await _file.OpenAsync();
        await using var old = await journal.OpenWriterAsync(Some.Intercom, default);
        await old.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);

        Assert.Equal(2, await ((IJournalOperator)journal).SetCheckpointAsync(Some.Intercom, Some.Checkpoint(99), [], default));

        await Assert.ThrowsAsync<JournalFencedException>(async () => await old.CommitAsync(Some.Commit(2, []), default));
        await using var next = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(Some.Checkpoint(99) with { Sequence = 2 }, next.Checkpoint);
        await next.CommitAsync(Some.Commit(3, []), default);
    }

    [Fact]
    public async Task A_position_can_be_set_for_a_source_that_never_ran()
    {
        await using var journal = await _file.OpenAsync();

        Assert.Equal(1, await ((IJournalOperator)journal).SetCheckpointAsync(Some.Sequence, Some.CursorCheckpoint(7), [], default));

        await using var writer = await journal.OpenWriterAsync(Some.Sequence, default);
        Assert.Equal(Some.CursorCheckpoint(7) with { Sequence = 1 }, writer.Checkpoint);
    }

    [Fact]
    public async Task A_reset_source_starts_over_and_still_knows_its_events()
    {
        await using var journal = await _file.OpenAsync();
        await using var old = await journal.OpenWriterAsync(Some.Intercom, default);
        await old.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);
        await old.CommitAsync(Some.Commit(2, []), default);

        Assert.Equal(0, await journal.ChangeAsync(Some.Intercom, (_, _) => new(null, null), default));

        await Assert.ThrowsAsync<JournalFencedException>(async () => await old.CommitAsync(Some.Commit(3, []), default));
        await using var next = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Null(next.Checkpoint);
        Assert.DoesNotContain(null, await next.FindAsync([.. Some.Events(0, 3).Select(EventKey.Of)], default));
        await next.CommitAsync(Some.Commit(1, [Some.Event(3)]), default);
    }

    [Fact]
    public async Task A_change_is_of_what_is_stored_then_and_leaves_no_trace_when_it_is_refused()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, []), default);
        await writer.CommitAsync(new([], [], Some.Checkpoint(2) with { Paused = new Pause("Ada", Some.Start) }), default);

        await Assert.ThrowsAsync<ChangeRefusedException>(async () => await journal.ChangeAsync(
            Some.Intercom, (_, _) => throw new ChangeRefusedException("No.", "Nothing."), default));
        await writer.CommitAsync(new([], [], Some.Checkpoint(3) with { Paused = new Pause("Ada", Some.Start) }), default);
        var given = 0L;
        Assert.Equal(4, await journal.ChangeAsync(
            Some.Intercom,
            (stored, next) =>
            {
                given = next;
                return new(CheckpointText.Parse(stored) with { KnownFrom = Some.Start }, Some.Event(1));
            },
            default));

        await using var after = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal((4, "Ada", Some.Start), (given, after.Checkpoint!.Paused!.By, after.Checkpoint.KnownFrom));
        Assert.Equal((1, 4), (_file.Number("SELECT count(*) FROM event_block"), after.Checkpoint.Sequence));
    }

    [Fact]
    public async Task An_event_that_tells_of_a_change_stays_known_as_others_do_and_a_source_without_a_position_has_no_place_for_it()
    {
        await using var journal = await _file.OpenAsync();
        Assert.Equal(0, await journal.ChangeAsync(Some.Intercom, (_, _) => new(null, Some.Event(1)), default));
        await journal.ChangeAsync(Some.Intercom, (_, _) => new(Some.Checkpoint(1), Some.Event(2)), default);
        await journal.TellAsync(Some.Intercom, Some.Event(3), default);
        await journal.ChangeAsync(Some.Intercom, (_, _) => new(null, Some.Event(4)), default);

        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        Assert.Equal(Some.Events(2, 3).Select(Seen).ToHashSet(), [.. await SeenAsync(view, Some.Intercom)]);
    }

    [Fact]
    public async Task Events_are_exported_by_source_and_by_their_own_time_in_the_order_of_commit()
    {
        await using var journal = await _file.OpenAsync();
        await using var intercom = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var sequence = await journal.OpenWriterAsync(Some.Sequence, default);
        await intercom.CommitAsync(Some.Commit(1, Some.Events(3000, 3000)), default);
        await sequence.CommitAsync(Some.Commit(1, Some.Events(10_000, 5), Some.Sequence), default);
        await intercom.CommitAsync(Some.Commit(2, Some.Events(0, 3000)), default);
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);

        Assert.Equal(6005, (await ExportAsync(view, new EventFilter())).Count);
        Assert.Equal(Ids(10_000, 5), await ExportAsync(view, new EventFilter { Source = "sequence" }));
        Assert.Equal(Ids(10_000, 5), await ExportAsync(view, new EventFilter { Source = "sequence/main" }));
        Assert.Empty(await ExportAsync(view, new EventFilter { Source = "sequence/other" }));
        Assert.Equal(
            [.. Ids(3000, 10), .. Ids(2990, 10)],
            await ExportAsync(view, new EventFilter { Since = Some.Start.AddSeconds(2990), Until = Some.Start.AddSeconds(3010) }));
    }

    [Fact]
    public async Task An_export_that_follows_sees_what_is_committed_later()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        using var stop = new CancellationTokenSource();
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 2)), default);

        await using var events = view.EventsAsync(new EventFilter(), _file.Time, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await events.MoveNextAsync());
        Assert.True(await events.MoveNextAsync());
        var third = events.MoveNextAsync();
        await _file.Time.NextTimerAsync(default);
        await writer.CommitAsync(Some.Commit(2, Some.Events(2, 1)), default);
        _file.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await third);
        Assert.Equal(Some.Event(2).Id, events.Current.Id);

        var never = events.MoveNextAsync();
        await _file.Time.NextTimerAsync(default);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await never);
    }

    [Fact]
    public async Task Readers_beside_a_writer_see_whole_commits_only()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
        var writing = Task.Run(async () =>
        {
            for (var sequence = 1; sequence <= 50; sequence++)
            {
                await writer.CommitAsync(Some.Commit(sequence, Some.Events(sequence * 20, 20)), default);
            }
        });

        var seen = new List<JournalEvent>();
        while (seen.Count < 1000)
        {
            var events = await reader.ReadAsync(10_000, default);
            Assert.Equal(0, events.Count % 20);
            seen.AddRange(events);
        }

        await writing;
        Assert.Equal(Ids(20, 1000), seen.Select(e => e.Id));
    }

    [Fact]
    public async Task A_batch_for_a_reader_ends_before_it_grows_too_large()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 12, bytes: 1_000_000)), default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);

        Assert.Equal(9, (await reader.ReadAsync(100, default)).Count);
        Assert.Equal(3, (await reader.ReadAsync(100, default)).Count);
        Assert.Empty(await reader.ReadAsync(100, default));
    }

    private static SeenEvent Seen(EcsEvent e) => SeenEvent.Of(e);

    private static async Task<IReadOnlyList<SeenEvent>> SeenAsync(SqliteJournalView view, SourceKey source)
    {
        var seen = new List<SeenEvent>();
        await foreach (var one in view.SeenAsync(source, default))
        {
            seen.Add(one);
        }

        return seen;
    }

    private static IEnumerable<string> Ids(int first, int count) => Some.Events(first, count).Select(e => e.Id);

    private static async Task<IReadOnlyList<string>> ExportAsync(SqliteJournalView view, EventFilter filter)
    {
        var ids = new List<string>();
        await foreach (var e in view.EventsAsync(filter, null, default))
        {
            ids.Add(e.Id);
        }

        return ids;
    }
}
