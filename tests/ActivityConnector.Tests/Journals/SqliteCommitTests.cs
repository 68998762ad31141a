using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals;

/// <summary>A commit is one transaction, and on the disk when it returns.</summary>
public sealed class SqliteCommitTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("INDEX no_more ON event_block(abs(-9223372036854775807-1)) WHERE last_pos>2")]
    [InlineData("INDEX no_more ON seen(abs(-9223372036854775807-1)) WHERE k NOT IN (KNOWN)")]
    [InlineData("INDEX no_more ON dead_letter(abs(-9223372036854775807-1)) WHERE n>2")]
    [InlineData("INDEX no_more ON checkpoint(abs(-9223372036854775807-1)) WHERE seq>2")]
    [InlineData(
        "TABLE no_more(source, seq, FOREIGN KEY(source, seq) REFERENCES checkpoint); INSERT INTO no_more SELECT source, seq FROM checkpoint WHERE seq=1")]
    [InlineData("INDEX no_more ON source(abs(-9223372036854775807-1)) WHERE seq>2")]
    public async Task A_commit_of_which_one_part_cannot_be_written_leaves_nothing(string part)
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        for (var sequence = 1; sequence <= 2; sequence++)
        {
            await writer.CommitAsync(Some.Commit(sequence, [Some.Event(sequence)], deadLetters: Some.DeadLetter(sequence)), default);
        }

        // An index whose expression fails for new rows, and a row that needs the checkpoint which is to be deleted: triggers are off.
        _file.Execute("CREATE " + part.Replace("KNOWN", _file.Text("SELECT group_concat(quote(k)) FROM seen"), StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<Exception>(
            async () => await writer.CommitAsync(Some.Commit(3, [Some.Event(3)], deadLetters: Some.DeadLetter(3)), default));
        _file.Execute($"DROP {part[..part.IndexOf(' ', StringComparison.Ordinal)]} no_more");

        await using var next = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(2, next.Checkpoint!.Sequence);
        Assert.Null((await next.FindAsync([EventKey.Of(Some.Event(3))], default))[0]);
        await using var reader = await journal.OpenReaderAsync("test", default);
        Assert.Equal([Some.Event(1).Id, Some.Event(2).Id], (await reader.ReadAsync(100, default)).Select(e => e.Id));
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        Assert.Equal([Some.DeadLetter(2).Id, Some.DeadLetter(1).Id], await view.DeadLettersAsync(default).Select(l => l.Id).ToListAsync());

        await next.CommitAsync(Some.Commit(3, [Some.Event(3)], deadLetters: Some.DeadLetter(3)), default);
        Assert.Equal(3, await view.DeadLettersAsync(default).CountAsync());
    }

    [Fact]
    public async Task Every_commit_is_flushed_to_the_disk_before_it_returns()
    {
        await using var journal = await _file.OpenAsync();

        // Only a power cut would show it. SQLite: in WAL mode FULL (2) flushes the log after each transaction, NORMAL (1) and OFF (0) do not.
        Assert.Equal(2, await journal.WriteAsync(database => database.Number("PRAGMA synchronous"), default));
        Assert.Equal(1, _file.Number("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode='wal'"));
    }
}
