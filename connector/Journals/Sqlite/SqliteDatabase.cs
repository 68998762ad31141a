using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>
/// One connection with its prepared statements; every error of SQLite leaves it as an exception of the journal's port. What the file says of
/// its schema is not trusted: views and triggers are off, and <see cref="JournalSchema"/> refuses a file that has any.
/// </summary>
/// <remarks>Not thread-safe: it lives on one <see cref="WorkThread{T}"/>.</remarks>
internal sealed class SqliteDatabase : IDisposable
{
    private const int BusyMilliseconds = 2_000;

    /// <summary>SQLite's instructions between two looks at whether to stop: a millisecond.</summary>
    private const int InstructionsBetween = 10_000;

    private const int HasMovedControl = 20;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private CancellationToken _stop;

    /// <summary>Each connection lives on one thread, so SQLite need not lock each call; that must be set before its first use.</summary>
    static SqliteDatabase()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
    }

    private SqliteDatabase(string path, SqliteConnection connection, CancellationToken stop)
    {
        Path = path;
        _connection = connection;
        _stop = stop;
        raw.sqlite3_extended_result_codes(Handle, 1);
        raw.sqlite3_busy_timeout(Handle, BusyMilliseconds);
        raw.sqlite3_progress_handler(Handle, InstructionsBetween, _ => _stop.IsCancellationRequested ? 1 : 0, null);
        Configure(raw.SQLITE_DBCONFIG_DEFENSIVE, 1);
        Configure(raw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
        Configure(raw.SQLITE_DBCONFIG_ENABLE_VIEW, 0);
        Configure(raw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
        Execute("PRAGMA cell_size_check=ON");
    }

    public string Path { get; }

    /// <summary>The size that the file and its log may reach together; null = that is not for this connection to keep.</summary>
    public long? MaxBytes { get; set; }

    public sqlite3 Handle => _connection.Handle!;

    /// <summary>Whether the file that is open was deleted, moved or replaced: its path leads to it no more.</summary>
    public bool HasMoved
    {
        get
        {
            Check(FileControl(Handle.DangerousGetHandle(), 0, HasMovedControl, out var moved));
            return moved != 0;
        }
    }

    /// <param name="stop">Ends whatever statement is running as an <see cref="OperationCanceledException"/>.</param>
    public static SqliteDatabase Open(string path, SqliteOpenMode mode, CancellationToken stop)
    {
        // A pooled connection would outlive its journal.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return new SqliteDatabase(path, connection, stop);
        }
        catch (Exception e)
        {
            connection.Dispose();
            throw e is SqliteException failure ? SqliteFailure.Of(path, failure.SqliteExtendedErrorCode, failure.Message, failure) : e;
        }
    }

    /// <summary>From now on what has begun is finished.</summary>
    public void RunToTheEnd() => _stop = CancellationToken.None;

    /// <summary>The statement for this text, prepared once.</summary>
    public SqliteStatement Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(this, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>
    /// Before a commit: leaves the file what <see cref="MaxBytes"/> and the log leave it. A log that is in the way is emptied first. What the
    /// commit itself adds to the log is not counted.
    /// </summary>
    public void KeepLimit()
    {
        if (MaxBytes is not { } most) return;

        var page = Number("PRAGMA page_size")!.Value;
        var log = SqliteFailure.LogBytes(Path);
        if (log > 0 && (Number("PRAGMA page_count") * page) + log > most)
        {
            Execute("PRAGMA wal_checkpoint(TRUNCATE)");
            log = SqliteFailure.LogBytes(Path);
        }

        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={Math.Max(1, (most - log) / page)}"));
    }

    public void Execute(string sql) => Check(raw.sqlite3_exec(Handle, sql));

    /// <summary>The first column of the first row; null if there is none.</summary>
    public long? Number(string sql)
    {
        var statement = Statement(sql);
        long? value = statement.Step() && !statement.IsNull(0) ? statement.Int64(0) : null;
        statement.Reset();
        return value;
    }

    /// <summary>All or nothing, durable when it returns.</summary>
    public T Transaction<T>(Func<T> work)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            var result = work();
            Execute("COMMIT");
            return result;
        }
        catch
        {
            // SQLite has already rolled back after some errors (a full disk); a second one would be an error of its own.
            if (raw.sqlite3_get_autocommit(Handle) == 0) raw.sqlite3_exec(Handle, "ROLLBACK");

            throw;
        }
    }

    public void Transaction(Action work) => Transaction(() =>
    {
        work();
        return true;
    });

    public void Check(int code)
    {
        if (code != raw.SQLITE_OK) throw Failure(code);
    }

    public Exception Failure(int code) => (code & 0xFF) switch
    {
        raw.SQLITE_FULL => SqliteFailure.Full(Path, MaxBytes),
        raw.SQLITE_INTERRUPT => new OperationCanceledException(_stop),
        _ => SqliteFailure.Of(Path, code, raw.sqlite3_errmsg(Handle).utf8_to_string(), null),
    };

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();

        _connection.Dispose();
    }

    private void Configure(int option, int value) => Check(raw.sqlite3_db_config(Handle, option, value, out _));

    /// <summary>Not among SQLitePCL's.</summary>
    [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    private static extern int FileControl(nint database, nint name, int control, out int result);
}
