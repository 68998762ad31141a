using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>One connection with its prepared statements; every error of SQLite leaves it as an exception of the journal's port.</summary>
/// <remarks>Not thread-safe: it lives on one <see cref="WorkThread{T}"/>.</remarks>
internal sealed class SqliteDatabase : IDisposable
{
    private const int BusyMilliseconds = 2_000;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    /// <summary>Each connection lives on one thread, so SQLite need not lock each call; that must be set before its first use.</summary>
    static SqliteDatabase()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
    }

    private SqliteDatabase(string path, SqliteConnection connection)
    {
        Path = path;
        _connection = connection;
        raw.sqlite3_extended_result_codes(Handle, 1);
        raw.sqlite3_busy_timeout(Handle, BusyMilliseconds);
    }

    public string Path { get; }

    /// <summary>The size that the file may reach.</summary>
    public long MaxBytes { get; private set; } = long.MaxValue;

    public sqlite3 Handle => _connection.Handle!;

    public static SqliteDatabase Open(string path, SqliteOpenMode mode)
    {
        // A pooled connection would outlive its journal.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return new SqliteDatabase(path, connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw SqliteFailure.Of(path, e.SqliteExtendedErrorCode, e.Message, e);
        }
    }

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

    public void Limit(long maxBytes)
    {
        MaxBytes = maxBytes;
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={maxBytes / Number("PRAGMA page_size")!.Value}"));
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

    public Exception Failure(int code) => (code & 0xFF) == raw.SQLITE_FULL
        ? SqliteFailure.Full(Path, MaxBytes)
        : SqliteFailure.Of(Path, code, raw.sqlite3_errmsg(Handle).utf8_to_string(), null);

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();

        _connection.Dispose();
    }
}
