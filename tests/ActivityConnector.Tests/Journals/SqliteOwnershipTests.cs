using System.Diagnostics;
using System.Runtime.Versioning;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals;

public sealed class SqliteOwnershipTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_journal_in_use_is_refused_with_the_name_of_its_owner()
    {
        await using (await _file.OpenAsync())
        {
            var busy = await Assert.ThrowsAsync<JournalBusyException>(async () => await _file.OpenAsync());

            Assert.StartsWith(
                $"The journal {_file.Path} is in use by process {Environment.ProcessId} on {Environment.MachineName} (since 2026-11-21 20:00:00Z).",
                busy.Message,
                StringComparison.Ordinal);
        }

        await using var next = await _file.OpenAsync();
    }

    [Fact]
    public async Task The_lock_of_another_process_counts_and_goes_when_that_process_is_killed()
    {
        using var other = Process.Start(new ProcessStartInfo("flock", ["--exclusive", "--no-fork", _file.Path + ".lock", "sh", "-c", "echo held; exec cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync());
        await Assert.ThrowsAsync<JournalBusyException>(async () => await _file.OpenAsync());

        other.Kill();
        await other.WaitForExitAsync();

        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);
    }

    [Fact]
    public async Task A_program_that_holds_a_lock_on_the_file_delays_a_commit_and_then_fails_it()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        using (var shell = _file.Shell())
        {
            using var transaction = shell.BeginTransaction();
            var busy = await Assert.ThrowsAsync<JournalBusyException>(async () => await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default));
            Assert.Contains("sqlite3 shell", busy.Fix, StringComparison.Ordinal);
        }

        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);
    }

    [Fact]
    public async Task Another_program_that_wrote_a_checkpoint_is_noticed()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, []), default);
        _file.Execute("UPDATE source SET seq=5");

        await Assert.ThrowsAsync<JournalCorruptException>(async () => await writer.CommitAsync(Some.Commit(2, Some.Events(0, 1)), default));
        Assert.Equal(0, _file.Number("SELECT count(*) FROM event_block"));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_owner_may_read_the_file()
    {
        await using var journal = await _file.OpenAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file.Path + "-wal"));
    }

    [Fact]
    public async Task The_agent_id_stays_the_same()
    {
        Guid first;
        await using (var journal = await _file.OpenAsync())
        {
            first = journal.AgentId;
        }

        await using var again = await _file.OpenAsync();
        Assert.NotEqual(Guid.Empty, first);
        Assert.Equal(first, again.AgentId);
    }

    [Theory]
    [InlineData("file/journal.db", "file")]
    [InlineData("directory", "directory")]
    public async Task A_path_that_cannot_be_a_journal_is_named(string path, string named)
    {
        var directory = Path.GetDirectoryName(_file.Path)!;
        await File.WriteAllTextAsync(Path.Combine(directory, "file"), "");
        Directory.CreateDirectory(Path.Combine(directory, "directory"));

        var unavailable = await Assert.ThrowsAsync<JournalUnavailableException>(async () => await _file.OpenAsync(path: Path.Combine(directory, path)));

        Assert.Contains(named, unavailable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_directories_are_made()
    {
        await using var journal = await _file.OpenAsync(path: Path.Combine(Path.GetDirectoryName(_file.Path)!, "a", "b", "journal.db"));
    }

    [Fact]
    public async Task A_journal_that_does_not_exist_is_not_made_by_looking_at_it()
    {
        await Assert.ThrowsAsync<JournalUnavailableException>(async () => await SqliteJournalView.OpenAsync(_file.Path, default));
        Assert.False(File.Exists(_file.Path));
    }
}
