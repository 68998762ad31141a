using System.Globalization;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals;

public sealed class SqliteDamageTests : IDisposable
{
    private const int PerCommit = 5;

    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Damage_anywhere_in_the_file_never_gives_a_wrong_checkpoint()
    {
        await CommitAsync(3);
        var whole = await File.ReadAllBytesAsync(_file.Path);
        var random = new Random(1);
        var (refused, fellBack) = (0, 0);
        for (var i = 0; i < 120; i++)
        {
            var damaged = (byte[])whole.Clone();
            // Half of the damage goes where the file's few used bytes are: zeros are free space.
            var at = random.Next(damaged.Length);
            while (i % 2 == 0 && damaged[at] == 0) at = random.Next(damaged.Length);

            random.NextBytes(damaged.AsSpan(at, Math.Min(1 + random.Next(32), damaged.Length - at)));
            await File.WriteAllBytesAsync(_file.Path, damaged);
            File.Delete(_file.Path + "-wal");
            File.Delete(_file.Path + "-shm");
            try
            {
                await using var journal = await _file.OpenAsync();
                await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
                Assert.NotNull(writer.Checkpoint);
                Assert.InRange(writer.Checkpoint.Position, Some.Checkpoint(2).Position, Some.Checkpoint(3).Position, ByWatermark);
                fellBack += writer.Checkpoint.Position == Some.Checkpoint(2).Position ? 1 : 0;
            }
            catch (JournalException)
            {
                refused++;
            }
        }

        Assert.NotEqual(0, refused);
        Assert.NotEqual(0, fellBack);
    }

    [Fact]
    public async Task Damage_anywhere_in_the_file_is_an_error_of_the_journal_to_every_command_that_reads()
    {
        await CommitAsync(3, Some.DeadLetter(1));
        var whole = await File.ReadAllBytesAsync(_file.Path);
        var random = new Random(3);
        var refused = 0;
        for (var i = 0; i < 150; i++)
        {
            var damaged = (byte[])whole.Clone();
            for (var place = 0; place <= i % 3; place++)
            {
                var at = random.Next(damaged.Length);
                while (damaged[at] == 0) at = random.Next(damaged.Length);

                random.NextBytes(damaged.AsSpan(at, Math.Min(1 + random.Next(32), damaged.Length - at)));
            }

            await File.WriteAllBytesAsync(_file.Path, damaged);
            File.Delete(_file.Path + "-wal");
            File.Delete(_file.Path + "-shm");
            try
            {
                await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
                foreach (var source in await view.SourcesAsync(default))
                {
                    await view.CheckpointAsync(source, default);
                    await view.SeenAsync(source, default).CountAsync();
                }

                await view.DeadLettersAsync(default).CountAsync();
                await view.OpenDeadLettersAsync(default);
                await view.EventsAsync(new EventFilter(), null, default).CountAsync();
            }
            catch (JournalException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 5, 150);
    }

    [Fact]
    public async Task A_truncated_file_is_refused_or_tells_the_truth()
    {
        await CommitAsync(3);
        var whole = await File.ReadAllBytesAsync(_file.Path);
        var refused = 0;
        for (var length = 1; length < whole.Length; length += whole.Length / 20)
        {
            await File.WriteAllBytesAsync(_file.Path, whole[..length]);
            try
            {
                await using var journal = await _file.OpenAsync();
                await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
                await using var reader = await journal.OpenReaderAsync("test", default);
                Assert.Equal(3 * PerCommit, (await reader.ReadAsync(1000, default)).Count);
                Assert.Equal(Some.Checkpoint(3), writer.Checkpoint);
            }
            catch (JournalCorruptException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 10, 21);
    }

    [Fact]
    public async Task A_crash_image_taken_at_any_moment_holds_whole_commits_only()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var random = new Random(2);
        for (var sequence = 1; sequence <= 25; sequence++)
        {
            await writer.CommitAsync(
                Some.Commit(sequence, Some.Events(sequence * PerCommit, PerCommit, bytes: 3000), null, Some.DeadLetter(sequence)), default);

            using var image = new SqliteFile();
            File.Copy(_file.Path, image.Path);
            var log = await File.ReadAllBytesAsync(_file.Path + "-wal");
            // What a power cut leaves of a write that was never confirmed.
            var torn = sequence % 3 == 0 ? random.Next(log.Length / 2, log.Length) : log.Length;
            await File.WriteAllBytesAsync(image.Path + "-wal", log[..torn]);

            await using var recovered = await image.OpenAsync();
            await using var next = await recovered.OpenWriterAsync(Some.Intercom, default);
            await using var reader = await recovered.OpenReaderAsync("test", default);
            var last = next.Checkpoint?.Sequence ?? 0;
            Assert.Equal(torn == log.Length ? sequence : Math.Min(last, sequence), last);
            Assert.Equal(last * PerCommit, (await reader.ReadAsync(1000, default)).Count);
            Assert.Equal(last, image.Number("SELECT count(*) FROM dead_letter"));
            await next.CommitAsync(Some.Commit(last + 1, Some.Events(((int)last + 1) * PerCommit, PerCommit)), default);
        }
    }

    [Theory]
    [InlineData("not a database, but long enough to look like a file of some kind........................................")]
    [InlineData("SQLite format 3\0")]
    public async Task A_file_of_another_kind_is_refused_and_left_alone(string content)
    {
        await File.WriteAllTextAsync(_file.Path, content);

        await Assert.ThrowsAsync<JournalCorruptException>(async () => await _file.OpenAsync());

        Assert.Equal(content, await File.ReadAllTextAsync(_file.Path));
    }

    [Fact]
    public async Task The_database_of_another_program_is_refused_and_left_alone()
    {
        _file.Execute("CREATE TABLE theirs(x)");
        var before = await File.ReadAllBytesAsync(_file.Path);

        var refused = await Assert.ThrowsAsync<JournalCorruptException>(async () => await _file.OpenAsync());

        Assert.Contains("not a journal", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_file.Path));
    }

    [Fact]
    public async Task A_journal_of_a_newer_version_is_refused_by_both_ways_in()
    {
        await CommitAsync(1);
        _file.Execute("UPDATE meta SET value='9' WHERE key='schema_version'");

        var refused = await Assert.ThrowsAsync<JournalCorruptException>(async () => await _file.OpenAsync());
        Assert.Contains("version 9", refused.Fix, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalCorruptException>(async () => await SqliteJournalView.OpenAsync(_file.Path, default));
    }

    [Theory]
    [InlineData("UPDATE source SET account='other'")]
    [InlineData("UPDATE source SET account='other', seq=0")]
    [InlineData("PRAGMA foreign_keys=OFF; DELETE FROM source")]
    [InlineData("UPDATE source SET seq=1")]
    [InlineData("UPDATE checkpoint SET seq=seq+1 WHERE seq=3; UPDATE checkpoint SET seq=3 WHERE seq=2; UPDATE checkpoint SET seq=2 WHERE seq=4")]
    public async Task A_source_whose_row_is_wrong_does_not_start_over_silently(string damage)
    {
        await CommitAsync(3);
        _file.Execute(damage);

        await using var journal = await _file.OpenAsync();
        await Assert.ThrowsAsync<JournalCorruptException>(async () => await journal.OpenWriterAsync(Some.Intercom, default));
    }

    [Fact]
    public async Task A_checkpoint_row_that_is_missing_gives_way_to_the_one_before()
    {
        await CommitAsync(3);
        _file.Execute("DELETE FROM checkpoint WHERE seq=3");

        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(Some.Checkpoint(2).Position, writer.Checkpoint!.Position);
        await writer.CommitAsync(Some.Commit(4, []), default);
        Assert.Equal("2,4", Sequences());
        await writer.CommitAsync(Some.Commit(5, []), default);
        Assert.Equal("4,5", Sequences());
    }

    private static readonly Comparer<SourcePosition> ByWatermark =
        Comparer<SourcePosition>.Create((a, b) => ((WindowPosition)a).Watermark.CompareTo(((WindowPosition)b).Watermark));

    private string Sequences() => string.Create(
        CultureInfo.InvariantCulture, $"{_file.Number("SELECT min(seq) FROM checkpoint")},{_file.Number("SELECT max(seq) FROM checkpoint")}");

    private async Task CommitAsync(int commits, params DeadLetter[] deadLetters)
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        for (var sequence = 1; sequence <= commits; sequence++)
        {
            await writer.CommitAsync(Some.Commit(sequence, Some.Events(sequence * PerCommit, PerCommit), null, deadLetters), default);
        }
    }
}
