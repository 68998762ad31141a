using System.Collections.Concurrent;
using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>The journal in one local SQLite file, owned by one process at a time: events and checkpoint in one transaction.</summary>
/// <remarks>
/// Thread-safe. All writing happens on one thread with one connection, each reader has its own. A commit is on the disk (fsync) when
/// it returns. Others may read the file meanwhile (<see cref="SqliteJournalView"/>). For a local or block volume: never NFS or SMB.
/// </remarks>
public sealed class SqliteJournal : IJournal, IJournalOperator
{
    /// <summary>A block takes several and leaves half of one empty; a commit of a few events rewrites about five.</summary>
    private const int PageSize = 8_192;

    /// <summary>16 MB of log: larger ones cost memory and save nothing that can be measured.</summary>
    private const int WalPages = 2_048;

    /// <summary>The share of the free space that the journal may fill where Journal:MaxBytes is not given.</summary>
    private const double ShareOfFree = 0.8;

    /// <summary>How often it is looked whether the files are still in place.</summary>
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(30);

    /// <summary>The journals that this process has open, by full path.</summary>
    private static readonly ConcurrentDictionary<string, bool> OpenHere = new();

    private readonly JournalLock _lock;
    private readonly WorkThread<SqliteDatabase> _thread;
    private readonly JournalRetention _retention;
    private readonly ILogger _logger;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentBag<WorkThread<SqliteDatabase>> _readers = [];

    private SqliteJournal(JournalLock ownership, WorkThread<SqliteDatabase> thread, JournalOptions options, TimeProvider time, ILogger logger, Guid agentId)
    {
        _lock = ownership;
        _thread = thread;
        _path = options.Path;
        _time = time;
        _logger = logger;
        _retention = new JournalRetention(options.Retention, time, logger);
        AgentId = agentId;
    }

    /// <inheritdoc/>
    public int MaxEventBytes => 4 << 20;

    /// <summary>Which records have spans of their own. To be set before the first writer is opened.</summary>
    internal RecordSpans RecordSpans { get; set; } = RecordSpans.None;

    /// <inheritdoc/>
    public Guid AgentId { get; }

    /// <summary>Takes the ownership of the journal and opens it; makes the file if there is none.</summary>
    /// <exception cref="JournalBusyException">Another process owns it.</exception>
    /// <exception cref="JournalCorruptException">The file is damaged, no journal, or of a newer version.</exception>
    /// <exception cref="JournalUnavailableException">The directory or the file cannot be used.</exception>
    public static async ValueTask<SqliteJournal> OpenAsync(
        JournalOptions options, TimeProvider time, ILogger<SqliteJournal> logger, CancellationToken cancellationToken)
    {
        var ownership = JournalLock.TryTake(options.Path) ?? throw await InUseAsync(options.Path, cancellationToken);
        WorkThread<SqliteDatabase>? thread = null;
        try
        {
            thread = await WorkThread<SqliteDatabase>.OpenAsync("journal", () => OpenForWriting(options, time.GetUtcNow(), cancellationToken));
            var agentId = await thread.RunAsync(database => JournalSchema.Get(database, "agent_id"), cancellationToken);
            var journal = new SqliteJournal(ownership, thread, options, time, logger, Guid.Parse(agentId ?? ""));
            OpenHere[Path.GetFullPath(options.Path)] = true;
            return journal;
        }
        catch (Exception e)
        {
            if (thread is not null) await thread.DisposeAsync();

            ownership.Dispose();
            if (e is FormatException)
            {
                throw new JournalCorruptException($"The journal {options.Path} has lost its agent id.", SqliteFailure.Restore, e);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken)
    {
        var owned = await _thread.RunAsync(
            database => database.Transaction(() => OwnedSource.Take(database, source)), cancellationToken);
        if (owned.Warning is { } warning) EitherJournal.LogFellBack(_logger, source, warning);

        return new SqliteJournalWriter(this, source, owned);
    }

    /// <inheritdoc/>
    public async ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken)
    {
        var position = await _thread.RunAsync(database => ReaderPositions.Register(database, reader), cancellationToken);
        var thread = await WorkThread<SqliteDatabase>.OpenAsync(
            "journal reader " + reader, () => SqliteDatabase.Open(_path, Microsoft.Data.Sqlite.SqliteOpenMode.ReadOnly, cancellationToken));
        _readers.Add(thread);
        return new SqliteJournalReader(this, reader, position, thread);
    }

    /// <summary>Forgets a sink that is no longer configured: nothing is kept for it any more.</summary>
    public ValueTask<bool> RemoveReaderAsync(string reader, CancellationToken cancellationToken) =>
        _thread.RunAsync(database => ReaderPositions.Remove(database, reader), cancellationToken);

    /// <inheritdoc/>
    public ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken) =>
        WriteAsync(database => database.Transaction(() => DeadLetters.Keep(database, letters)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> DiscardDeadLettersAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        _thread.RunAsync(database => database.Transaction(() => DeadLetters.Discard(database, ids)), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<long> ChangeAsync(SourceKey source, Func<byte[]?, long, CheckpointChange> change, CancellationToken cancellationToken)
    {
        var sequence = 0L;
        await CommitAsync(database => sequence = OperatorCheckpoint.Change(database, source, change), cancellationToken);
        return sequence;
    }

    /// <inheritdoc/>
    public ValueTask TellAsync(SourceKey source, EcsEvent told, CancellationToken cancellationToken) =>
        CommitAsync(database => OperatorCheckpoint.Tell(database, source, told), cancellationToken);

    /// <summary>
    /// Waits until the journal is no longer where it was: its file, or the one that is locked, was deleted, moved or replaced. A commit notices
    /// at once, and otherwise it is looked for twice a minute.
    /// </summary>
    /// <exception cref="JournalLostException">It is so. Nothing more is committed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; there is no other end.</exception>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(WatchEvery, _time);
        while (true)
        {
            var next = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            await (await Task.WhenAny(next, _lost.Task));
            try
            {
                await _thread.RunAsync(RefuseIfLost, cancellationToken);
            }
            catch (JournalUnavailableException)
            {
                // It cannot be seen now; the next look, or the next commit, will show it.
            }
        }
    }

    /// <summary>Deletes a journal with all that it holds.</summary>
    /// <exception cref="JournalBusyException">A process owns it; nothing is deleted.</exception>
    public static async ValueTask DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var ownership = JournalLock.TryTake(path) ?? throw await InUseAsync(path, cancellationToken);
        foreach (var file in FilesOf(path)) File.Delete(file);
    }

    /// <summary>Ends its writers and readers, then releases the ownership.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers) await reader.DisposeAsync();

        await _thread.DisposeAsync();
        OpenHere.TryRemove(Path.GetFullPath(_path), out _);
        _lock.Dispose();
    }

    /// <summary>All or nothing, into a journal that is in its place and has room.</summary>
    internal ValueTask CommitAsync(Action<SqliteDatabase> work, CancellationToken cancellationToken) => _thread.RunAsync(
        database =>
        {
            RefuseIfLost(database);
            database.KeepLimit();
            database.Transaction(() => work(database));
        },
        cancellationToken);

    internal ValueTask WriteAsync(Action<SqliteDatabase> work, CancellationToken cancellationToken) =>
        _thread.RunAsync(work, cancellationToken);

    internal ValueTask<T> WriteAsync<T>(Func<SqliteDatabase, T> work, CancellationToken cancellationToken) =>
        _thread.RunAsync(work, cancellationToken);

    /// <summary>Deletes what is old enough, a little at a time, after the work that waits.</summary>
    /// <param name="present">The present of the commit that was just tried.</param>
    internal void Retain(DateTimeOffset present) => _thread.TryPost(database =>
    {
        if (_retention.Step(database, present)) Retain(present);
    });

    private void RefuseIfLost(SqliteDatabase database)
    {
        var isMoved = database.HasMoved;
        if (!isMoved && _lock.IsInPlace) return;

        var lost = new JournalLostException(
            isMoved
                ? $"The journal {_path} was deleted, moved or replaced while this process used it."
                : $"The file {_path}.lock, which keeps two connectors apart, was deleted or replaced while this process owned the journal.",
            "Nothing more is committed. See who did that and that no other connector uses the path, then start again: "
            + "what is not in the journal is read again from the vendors.");
        _lost.TrySetException(lost);
        throw lost;
    }

    private static SqliteDatabase OpenForWriting(JournalOptions options, DateTimeOffset now, CancellationToken cancellationToken)
    {
        RefuseOddFiles(options.Path);
        CreatePrivate(options.Path);
        var database = SqliteDatabase.Open(options.Path, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite, cancellationToken);
        try
        {
            database.MaxBytes = MaxBytes(options);
            JournalSchema.OpenForWriting(database, PageSize, WalPages, now);
            database.RunToTheEnd();
            database.KeepLimit();
            JournalSchema.Set(database, "owner", string.Create(
                CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName} (since {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z)"));
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Audit logs are confidential; SQLite gives its other files the rights of this one.</summary>
    private static void CreatePrivate(string path)
    {
        try
        {
            JournalLock.MakePrivate(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnavailableException(
                $"The journal {path} cannot be made: {e.Message}", "Make its directory writable, or set Journal:Path.", e);
        }
    }

    /// <summary>SQLite would write into whatever a link leads to.</summary>
    /// <exception cref="JournalUnavailableException">
    /// One of the journal's files is a link, a folder, a pipe or a device: SQLite would follow it, or wait for it.
    /// </exception>
    internal static void RefuseOddFiles(string path)
    {
        // Looking means opening and closing them, which takes away every lock that this process has on them (POSIX record locks): SQLite in other processes
        // would take the journal for unused. What this process has open was looked at before.
        if (OpenHere.ContainsKey(Path.GetFullPath(path))) return;

        foreach (var file in FilesOf(path))
        {
            if (RegularFile.Oddity(file) is not { } oddity) continue;

            throw new JournalUnavailableException(
                $"The file {file} of the journal {oddity}.",
                "Set Journal:Path to the file itself, in a directory that only the connector's user can write; a link among its directories is fine.");
        }
    }

    private static IEnumerable<string> FilesOf(string path) => [path, path + "-wal", path + "-shm", path + "-journal"];

    /// <summary>The size at which it is full.</summary>
    internal static long MaxBytes(JournalOptions options) => options.MaxBytes
        ?? (long)((new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(options.Path))!).AvailableFreeSpace + BytesOf(options.Path)) * ShareOfFree);

    /// <summary>The size of its files; 0 when there are none.</summary>
    internal static long BytesOf(string path)
    {
        var file = new FileInfo(Path.GetFullPath(path));
        return (file.Exists ? file.Length : 0) + SqliteFailure.LogBytes(path);
    }

    private static async ValueTask<Exception> InUseAsync(string path, CancellationToken cancellationToken)
    {
        string? owner = null;
        try
        {
            await using var view = await SqliteJournalView.OpenAsync(path, cancellationToken);
            owner = await view.OwnerAsync(cancellationToken);
        }
        catch (JournalException)
        {
            // It is just being made; the message does without the name.
        }

        return new JournalBusyException(
            $"The journal {path} is in use by {owner ?? "another process"}.",
            "Stop that process first. Commands that only read, such as checkpoint show and export, work beside it.");
    }
}
