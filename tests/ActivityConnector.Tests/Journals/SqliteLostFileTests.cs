using System.Runtime.Versioning;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals;

/// <summary>Files of a journal that are taken away while a process owns it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SqliteLostFileTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData(".lock", false)]
    [InlineData(".lock", true)]
    public async Task The_next_commit_is_refused_and_whoever_watches_is_told(string suffix, bool isReplaced)
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);
        using var stop = new CancellationTokenSource();
        var watch = journal.WatchAsync(stop.Token);
        TakeAway(suffix, isReplaced);

        var lost = await Assert.ThrowsAsync<JournalLostException>(async () => await writer.CommitAsync(Some.Commit(2, Some.Events(1, 1)), default));

        Assert.Contains(_file.Path + suffix, lost.Message, StringComparison.Ordinal);
        Assert.Contains("while this process", lost.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalLostException>(() => watch);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".lock")]
    public async Task Without_a_commit_it_is_noticed_within_a_minute(string suffix)
    {
        await using var journal = await _file.OpenAsync();
        var watch = journal.WatchAsync(default);
        await _file.Time.NextTimerAsync();
        TakeAway(suffix, isReplaced: false);

        _file.Time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<JournalLostException>(() => watch);
    }

    [Fact]
    public async Task The_journal_that_took_the_place_is_not_harmed_by_the_end_of_the_one_that_lost_it()
    {
        var first = await _file.OpenAsync();
        await using (var writer = await first.OpenWriterAsync(Some.Intercom, default))
        {
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);
        }

        foreach (var suffix in (string[])["", "-wal", "-shm", ".lock"]) File.Delete(_file.Path + suffix);

        await using var second = await _file.OpenAsync();
        await using (var writer = await second.OpenWriterAsync(Some.Intercom, default))
        {
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);
        }

        await first.DisposeAsync();

        await using var reader = await second.OpenReaderAsync("test", default);
        Assert.Equal(3, (await reader.ReadAsync(100, default)).Count);
        Assert.True(File.Exists(_file.Path + "-wal"));
    }

    [Fact]
    public async Task A_journal_in_use_is_not_deleted()
    {
        await using (await _file.OpenAsync())
        {
            await Assert.ThrowsAsync<JournalBusyException>(async () => await SqliteJournal.DeleteAsync(_file.Path, default));
            Assert.True(File.Exists(_file.Path));
        }

        await SqliteJournal.DeleteAsync(_file.Path, default);
        Assert.False(File.Exists(_file.Path));
    }

    [Fact]
    public async Task The_file_that_is_locked_is_for_its_owner_only_whoever_made_it()
    {
        await File.WriteAllTextAsync(_file.Path + ".lock", "");
        File.SetUnixFileMode(_file.Path + ".lock", (UnixFileMode)Convert.ToInt32("644", 8));

        await using var journal = await _file.OpenAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file.Path + ".lock"));
    }

    private void TakeAway(string suffix, bool isReplaced)
    {
        var content = File.ReadAllBytes(_file.Path);
        File.Delete(_file.Path + suffix);
        if (isReplaced) File.WriteAllBytes(_file.Path + suffix, suffix.Length == 0 ? content : []);
    }
}
