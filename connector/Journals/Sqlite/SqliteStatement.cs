using SQLitePCL;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>
/// One prepared statement, used over and over. Binds spans straight into SQLite, because the ADO.NET layer allocates a parameter, a
/// boxed value and a copy for each column of each row.
/// </summary>
/// <remarks>Columns count from 0, parameters from 1, as in SQLite. A caller that stops before the last row resets it.</remarks>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly sqlite3_stmt _handle;

    public SqliteStatement(SqliteDatabase database, string sql)
    {
        _database = database;
        database.Check(raw.sqlite3_prepare_v3(database.Handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out _handle));
    }

    public void Bind(int parameter, long value) => _database.Check(raw.sqlite3_bind_int64(_handle, parameter, value));

    public void Bind(int parameter, ReadOnlySpan<byte> value) => _database.Check(raw.sqlite3_bind_blob(_handle, parameter, value));

    public void Bind(int parameter, string value) => _database.Check(raw.sqlite3_bind_text(_handle, parameter, value));


    /// <summary>Moves to the next row; after the last one (false) the statement is reset.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_handle);
        if (code == raw.SQLITE_ROW) return true;

        var failure = code == raw.SQLITE_DONE ? null : _database.Failure(code);
        raw.sqlite3_reset(_handle);
        return failure is null ? false : throw failure;
    }

    /// <summary>Runs a statement that has no rows.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    public void Reset() => raw.sqlite3_reset(_handle);

    public bool IsNull(int column) => raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_handle, column);

    /// <summary>Valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_handle, column);

    /// <summary>The length of a blob; it is not read.</summary>
    public int Length(int column) => raw.sqlite3_column_bytes(_handle, column);

    /// <summary>Empty where there is nothing.</summary>
    public string Text(int column) => raw.sqlite3_column_text(_handle, column).utf8_to_string() ?? "";

    public void Dispose() => _handle.Dispose();
}
