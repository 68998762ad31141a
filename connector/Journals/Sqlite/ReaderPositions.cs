using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>The table of readers: up to where each has everything.</summary>
internal static class ReaderPositions
{
    /// <summary>The reader's position; a new reader starts with the oldest event that is kept.</summary>
    public static long Register(SqliteDatabase database, string reader)
    {
        var insert = database.Statement("INSERT INTO reader(name, pos) VALUES(?, 0) ON CONFLICT(name) DO NOTHING");
        insert.Bind(1, reader);
        insert.Run();
        return Of(database, reader)!.Value;
    }

    /// <summary>The reader's position; null when there is no such reader.</summary>
    public static long? Of(SqliteDatabase database, string reader)
    {
        var select = database.Statement("SELECT pos FROM reader WHERE name=?");
        select.Bind(1, reader);
        long? position = select.Step() ? select.Int64(0) : null;
        select.Reset();
        return position;
    }

    public static void Acknowledge(SqliteDatabase database, string reader, long position)
    {
        var update = database.Statement("UPDATE reader SET pos=? WHERE name=? AND pos<?");
        update.Bind(1, position);
        update.Bind(2, reader);
        update.Bind(3, position);
        update.Run();
    }

    /// <summary>What the reader has not acknowledged; null when there is no such reader.</summary>
    public static Backlog? Backlog(SqliteDatabase database, string reader)
    {
        var position = database.Statement("SELECT pos FROM reader WHERE name=?");
        position.Bind(1, reader);
        long? acknowledged = position.Step() ? position.Int64(0) : null;
        position.Reset();
        if (acknowledged is not { } after) return null;

        var select = database.Statement("""
            SELECT coalesce(sum(last_pos - max(first_pos - 1, ?)), 0),
                   (SELECT committed FROM event_block WHERE last_pos>? ORDER BY last_pos LIMIT 1)
            FROM event_block WHERE last_pos>?
            """);
        for (var i = 1; i <= 3; i++) select.Bind(i, after);

        select.Step();
        var events = select.Int64(0);
        var backlog = new Backlog(events, events == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(select.Int64(1)));
        select.Reset();
        return backlog;
    }

    public static bool Remove(SqliteDatabase database, string reader)
    {
        var delete = database.Statement("DELETE FROM reader WHERE name=? RETURNING 1");
        delete.Bind(1, reader);
        var found = false;
        while (delete.Step()) found = true;

        return found;
    }
}
