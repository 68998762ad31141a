using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Journals;

/// <summary>A file of version 1 of the journal, as the builds before wrote it, under this build.</summary>
public sealed class SqliteMigrationTests : IDisposable
{
    private const string Version1 = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL, account TEXT NOT NULL, epoch INTEGER NOT NULL,
            seq INTEGER NOT NULL, last_pos INTEGER NOT NULL, UNIQUE(name, account));
        CREATE TABLE checkpoint(source INTEGER NOT NULL REFERENCES source(id), seq INTEGER NOT NULL, text BLOB NOT NULL,
            PRIMARY KEY(source, seq)) WITHOUT ROWID;
        CREATE TABLE event_block(last_pos INTEGER PRIMARY KEY, first_pos INTEGER NOT NULL, source INTEGER NOT NULL,
            committed INTEGER NOT NULL, min_time INTEGER NOT NULL, max_time INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE seen(k BLOB PRIMARY KEY, content INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE reader(name TEXT PRIMARY KEY, pos INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE dead_letter(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, stage TEXT NOT NULL, reason TEXT NOT NULL,
            origin TEXT NOT NULL, at INTEGER NOT NULL, body BLOB, length INTEGER NOT NULL);
        """;

    private readonly SqliteFile _file = new();
    private readonly IReadOnlyList<EcsEvent> _old = [.. Some.Events(0, 200), Some.Event(200, hasSourceTime: false)];

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task An_older_file_is_brought_up_at_the_first_opening_and_keeps_all_that_it_had()
    {
        await WriteVersion1Async();
        for (var opening = 1; opening <= 2; opening++)
        {
            await using var journal = await _file.OpenAsync();
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
            await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);

            Assert.Equal(opening, writer.Checkpoint!.Sequence);
            Assert.Equal(_old.Skip(5).Select(e => e.Id), (await reader.TakeAsync(_old.Count + opening - 6)).Take(_old.Count - 5).Select(e => e.Id));
            Assert.Equal(1, (await view.OpenDeadLettersAsync(default))[DeadLetterStage.Page]);
            Assert.Equal(2, _file.Number("SELECT CAST(value AS INTEGER) FROM meta WHERE key='schema_version'"));
            await writer.CommitAsync(Some.Commit(opening + 1, [Some.Event(1_000 + opening)]), default);
        }
    }

    [Fact]
    public async Task What_an_older_build_committed_is_known_and_its_content_is_not_compared()
    {
        await WriteVersion1Async();
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var young = Some.Event(1_000);
        await writer.CommitAsync(Some.Commit(2, [young]), default);

        Assert.All(await writer.FindAsync([.. _old.Select(EventKey.Of)], default), known => Assert.Equal(new KnownEvent(0, 0), known));
        Assert.Equal([young.ContentDigest, null], await writer.ContentsAsync([EventKey.Of(young), EventKey.Of(Some.Event(1_001))]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CommitAsync(Some.Commit(3, [_old[3]]), default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_ids_are_exported_with_every_source_because_it_does_not_say_whose_they_are(bool broughtUp)
    {
        await WriteVersion1Async();
        if (broughtUp) await (await _file.OpenAsync()).DisposeAsync();

        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);

        var expected = _old.Select(e => new SeenEvent(EventKey.Of(e), 0)).ToHashSet();
        Assert.Equal(expected, [.. await SeenAsync(view, Some.Intercom)]);
        Assert.Equal(expected, [.. await SeenAsync(view, Some.Sequence)]);
    }

    [Fact]
    public async Task A_look_into_an_older_file_changes_nothing_and_goes_on_while_the_file_is_brought_up()
    {
        await WriteVersion1Async();
        var before = await File.ReadAllBytesAsync(_file.Path);
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);

        Assert.Equal([Some.Intercom, Some.Sequence], await view.SourcesAsync(default));
        Assert.Equal(_old.Count, (await SeenAsync(view, Some.Intercom)).Count);
        Assert.Equal(before, await File.ReadAllBytesAsync(_file.Path));

        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(2, [Some.Event(1_000)]), default);
        Assert.Equal(_old.Count + 1, (await SeenAsync(view, Some.Intercom)).Count);
        Assert.Equal(_old.Count, (await SeenAsync(view, Some.Sequence)).Count);
    }

    [Fact]
    public async Task Bringing_a_file_up_happens_as_a_whole_or_not_at_all()
    {
        await WriteVersion1Async();

        // Its last step fails.
        _file.Execute("CREATE INDEX event_block_committed ON event_block(min_time)");
        await Assert.ThrowsAnyAsync<JournalException>(async () => await _file.OpenAsync());

        Assert.Equal(1, _file.Number("SELECT CAST(value AS INTEGER) FROM meta WHERE key='schema_version'"));
        Assert.Equal(0, _file.Number("SELECT count(*) FROM pragma_table_info('seen') WHERE name='source'"));
        _file.Execute("DROP INDEX event_block_committed");
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.DoesNotContain(null, await writer.FindAsync([.. _old.Select(EventKey.Of)], default));
    }

    /// <summary>201 events of one source, five of them acknowledged, a dead letter, and a second source without events.</summary>
    private async Task WriteVersion1Async()
    {
        using var rows = new SqliteFile();
        await using (var journal = await rows.OpenAsync())
        {
            await using var intercom = await journal.OpenWriterAsync(Some.Intercom, default);
            await using var sequence = await journal.OpenWriterAsync(Some.Sequence, default);
            await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
            await intercom.CommitAsync(Some.Commit(1, _old, null, Some.DeadLetter(1)), default);
            await sequence.CommitAsync(new([], [], Some.CursorCheckpoint(1)), default);
            await reader.AcknowledgeAsync((await reader.TakeAsync(5))[^1], default);
        }

        // The rows of these tables are the same in both versions, but for the new column.
        _file.Execute(Version1);
        _file.Execute($"ATTACH '{rows.Path}' AS rows; " + string.Join("; ", new[] { "source", "checkpoint", "event_block", "reader", "dead_letter" }
            .Select(table => $"INSERT INTO {table} SELECT * FROM rows.{table}")) + """
            ; INSERT INTO seen SELECT k, content FROM rows.seen;
            INSERT INTO meta SELECT key, CASE key WHEN 'schema_version' THEN '1' ELSE value END FROM rows.meta;
            """);
        _file.Execute("PRAGMA application_id=0x4143544A; PRAGMA journal_mode=DELETE");
    }

    private static async Task<IReadOnlyList<SeenEvent>> SeenAsync(SqliteJournalView view, SourceKey source)
    {
        var seen = new List<SeenEvent>();
        await foreach (var one in view.SeenAsync(source, default))
        {
            seen.Add(one);
        }

        return seen;
    }
}
