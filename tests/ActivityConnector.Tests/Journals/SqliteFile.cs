using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Journals;

/// <summary>A journal file in a directory of its own, and another program's hands on it.</summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("journal-");

    public string Path => System.IO.Path.Combine(_directory.FullName, "journal.db");

    public ManualTimeProvider Time { get; } = new();

    public ValueTask<SqliteJournal> OpenAsync(long? maxBytes = null, TimeSpan? retention = null, string? path = null) => SqliteJournal.OpenAsync(
        new JournalOptions { Path = path ?? Path, MaxBytes = maxBytes, Retention = retention ?? TimeSpan.FromDays(30) },
        Time,
        NullLogger<SqliteJournal>.Instance,
        default);

    /// <summary>A connection as a sqlite3 shell would have it.</summary>
    public SqliteConnection Shell()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public long Number(string sql)
    {
        using var connection = Shell();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    public string Text(string sql)
    {
        using var connection = Shell();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>The first column of every row.</summary>
    public IReadOnlyList<long> Numbers(string sql)
    {
        using var connection = Shell();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var numbers = new List<long>();
        while (reader.Read()) numbers.Add(reader.GetInt64(0));

        return numbers;
    }

    public void Execute(string sql, params object[] values)
    {
        using var connection = Shell();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue("$" + i, values[i]);

        command.ExecuteNonQuery();
    }

    /// <summary>Puts these in the place of the stored checkpoints of the only source, newest first.</summary>
    public void StoreCheckpoints(params byte[][] texts)
    {
        var newest = Number("SELECT seq FROM source");
        Execute("DELETE FROM checkpoint");
        for (var i = 0; i < texts.Length; i++)
        {
            Execute("INSERT INTO checkpoint(source, seq, text) SELECT id, $0, $1 FROM source", newest - i, texts[i]);
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
