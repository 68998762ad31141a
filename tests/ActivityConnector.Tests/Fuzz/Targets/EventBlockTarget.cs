using System.Buffers.Binary;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using Microsoft.Data.Sqlite;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>
/// A block of events in a journal, its six columns before its body, as it is and under a checksum that is right: its events are read, or it is
/// refused with a <see cref="JournalCorruptException"/>.
/// </summary>
internal static class EventBlockTarget
{
    private const int Columns = 6;
    private const int MaxEvents = 1_000;

    private static readonly SqliteDatabase Database = NewDatabase();

    public static Task ReadAsync(byte[] input)
    {
        if (input.Length < Columns * sizeof(long)) return Task.CompletedTask;

        var columns = Enumerable.Range(0, Columns).Select(i => BinaryPrimitives.ReadInt64LittleEndian(input.AsSpan(i * sizeof(long)))).ToArray();
        var body = input[(Columns * sizeof(long))..];
        Check(columns, body);
        if (body.Length >= EventBlock.ChecksumBytes)
        {
            var block = new EventBlock(columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]);
            block.Checksum(body.AsSpan(..^EventBlock.ChecksumBytes), body.AsSpan(^EventBlock.ChecksumBytes..));
            Check(columns, body);
        }

        return Task.CompletedTask;
    }

    private static void Check(long[] columns, byte[] body)
    {
        Database.Execute("DELETE FROM event_block");
        var insert = Database.Statement(
            "INSERT INTO event_block(first_pos, last_pos, source, committed, min_time, max_time, body) VALUES(?, ?, ?, ?, ?, ?, ?)");
        for (var i = 0; i < Columns; i++) insert.Bind(i + 1, columns[i]);

        insert.Bind(Columns + 1, body);
        insert.Run();
        foreach (var filter in new[] { null, new EventFilter() })
        {
            try
            {
                Assert.True(new EventRows().Read(Database, 0, long.MaxValue, MaxEvents, filter).Count <= MaxEvents);
            }
            catch (JournalCorruptException)
            {
                // Documented.
            }
        }
    }

    private static SqliteDatabase NewDatabase()
    {
        var database = SqliteDatabase.Open(":memory:", SqliteOpenMode.Memory, CancellationToken.None);
        database.Execute("""
            CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL, account TEXT NOT NULL);
            CREATE TABLE event_block(last_pos INTEGER PRIMARY KEY, first_pos INTEGER NOT NULL, source INTEGER NOT NULL,
                committed INTEGER NOT NULL, min_time INTEGER NOT NULL, max_time INTEGER NOT NULL, body BLOB NOT NULL);
            INSERT INTO source VALUES(1, 'intercom', 'abc123');
            """);
        return database;
    }
}
