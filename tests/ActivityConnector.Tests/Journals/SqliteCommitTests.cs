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
    [InlineData("INSERT ON event_block")]
    [InlineData("INSERT ON seen")]
    [InlineData("INSERT ON dead_letter")]
    [InlineData("INSERT ON checkpoint")]
    [InlineData("DELETE ON checkpoint")]
    [InlineData("UPDATE OF seq ON source")]
    public async Task A_commit_of_which_one_part_cannot_be_written_leaves_nothing(string part)
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        for (var sequence = 1; sequence <= 2; sequence++)
        {
            await writer.CommitAsync(Some.Commit(sequence, [Some.Event(sequence)], deadLetters: Some.DeadLetter(sequence)), default);
        }

        _file.Execute($"CREATE TRIGGER no_more BEFORE {part} BEGIN SELECT RAISE(ABORT, 'no more'); END");
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await writer.CommitAsync(Some.Commit(3, [Some.Event(3)], deadLetters: Some.DeadLetter(3)), default));
        _file.Execute("DROP TRIGGER no_more");

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
