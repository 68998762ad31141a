using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using Microsoft.Data.Sqlite;

namespace ActivityConnector.Tests.Journals;

/// <summary>A journal file that somebody else has prepared: what its schema says is not run, and its links are not followed.</summary>
public sealed class SqliteHostileFileTests : IDisposable
{
    private const string Endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c)";

    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData($"DROP TABLE meta; CREATE VIEW meta(key, value) AS {Endless} SELECT 'schema_version', '2' FROM c WHERE x<0", "the view \"meta\"")]
    [InlineData($"DROP TABLE dead_letter; CREATE VIEW dead_letter AS {Endless} SELECT x AS n FROM c", "the view \"dead_letter\"")]
    [InlineData($"CREATE VIEW more AS {Endless} SELECT x FROM c", "the view \"more\"")]
    [InlineData("CREATE TRIGGER lost AFTER INSERT ON event_block BEGIN DELETE FROM event_block; END", "the trigger \"lost\"")]
    [InlineData("ALTER TABLE reader ADD COLUMN big AS (hex(zeroblob(999999)))", "the table \"reader\"")]
    [InlineData("CREATE INDEX slow ON seen(abs(content)) WHERE content<>4", "the index \"slow\"")]
    [InlineData(
        "DROP TABLE reader; CREATE TABLE reader(name TEXT PRIMARY KEY, pos INTEGER NOT NULL CHECK(length(zeroblob(pos))>0)) WITHOUT ROWID",
        "the table \"reader\"")]
    [InlineData("CREATE TABLE more(x)", "the table \"more\"")]
    [InlineData("CREATE VIRTUAL TABLE more USING fts5(x)", "the table \"more\"")]
    [InlineData("DROP TABLE reader", "lost its table reader")]
    public async Task A_schema_that_no_version_makes_is_refused_before_a_table_is_read(string change, string named)
    {
        await (await _file.OpenAsync()).DisposeAsync();
        _file.Execute(change);

        var writing = await Assert.ThrowsAsync<JournalCorruptException>(async () => await _file.OpenAsync());
        var looking = await Assert.ThrowsAsync<JournalCorruptException>(async () => await SqliteJournalView.OpenAsync(_file.Path, default));
        Assert.Contains(named, writing.Message, StringComparison.Ordinal);
        Assert.Contains(named, looking.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-journal")]
    [InlineData("-wal")]
    [InlineData("-shm")]
    [InlineData(".lock")]
    public async Task A_pipe_beside_the_journal_is_refused_and_not_waited_for(string suffix)
    {
        await (await _file.OpenAsync()).DisposeAsync();
        File.Delete(_file.Path + suffix);
        Pipe.Make(_file.Path + suffix);

        var writing = await Assert.ThrowsAsync<JournalUnavailableException>(async () => await _file.OpenAsync());
        Assert.Contains("is a pipe or a socket, not a regular file", writing.Message, StringComparison.Ordinal);
        if (suffix != ".lock") await Assert.ThrowsAsync<JournalUnavailableException>(async () => await SqliteJournalView.OpenAsync(_file.Path, default));
    }

    [Fact]
    public async Task A_journal_whose_statistics_an_operator_had_counted_is_opened()
    {
        await (await _file.OpenAsync()).DisposeAsync();
        _file.Execute("ANALYZE");

        await (await _file.OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_statement_that_never_ends_is_ended_by_the_token()
    {
        await (await _file.OpenAsync()).DisposeAsync();
        using var stop = new CancellationTokenSource();
        using var database = SqliteDatabase.Open(_file.Path, SqliteOpenMode.ReadOnly, stop.Token);
        var endless = Task.Run(() => database.Number($"{Endless} SELECT count(*) FROM c"));

        await stop.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => endless);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    [InlineData("-shm")]
    [InlineData(".lock")]
    public async Task A_link_in_the_place_of_a_file_of_the_journal_is_refused_and_what_it_leads_to_is_left_alone(string suffix)
    {
        var target = _file.Path + ".target";
        await File.WriteAllTextAsync(target, "theirs");
        File.CreateSymbolicLink(_file.Path + suffix, target);

        var refused = await Assert.ThrowsAsync<JournalUnavailableException>(async () => await _file.OpenAsync());

        Assert.Contains($"{_file.Path}{suffix}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("is a symbolic link", refused.Message, StringComparison.Ordinal);
        Assert.Equal("theirs", await File.ReadAllTextAsync(target));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".lock")]
    public async Task A_link_to_nothing_makes_nothing(string suffix)
    {
        var target = _file.Path + ".target";
        File.CreateSymbolicLink(_file.Path + suffix, target);

        await Assert.ThrowsAsync<JournalUnavailableException>(async () => await _file.OpenAsync());

        Assert.False(File.Exists(target));
    }

    [Fact]
    public async Task A_link_among_the_directories_is_followed()
    {
        var directory = Directory.CreateDirectory(_file.Path + ".d").FullName;
        Directory.CreateSymbolicLink(_file.Path + ".link", directory);

        await (await _file.OpenAsync(path: Path.Combine(_file.Path + ".link", "journal.db"))).DisposeAsync();

        Assert.True(File.Exists(Path.Combine(directory, "journal.db")));
    }
}
