using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>The table of ids: what is committed stays known permanently.</summary>
internal static class SeenEvents
{
    /// <summary>Rows of one statement: saves a third of what remembering costs.</summary>
    private const int KeysAtOnce = 64;

    private static readonly string RememberOne = Insert(1);
    private static readonly string RememberMany = Insert(KeysAtOnce);

    /// <summary>For each key the content under which it is known, or null.</summary>
    public static KnownEvent?[] Find(SqliteDatabase database, IReadOnlyList<EventKey> keys)
    {
        // One snapshot: each statement of its own would take and give back the file's read lock, which costs more than the look-up.
        database.Execute("BEGIN");
        try
        {
            return SeenLookup.Find(database, keys);
        }
        finally
        {
            database.Execute("ROLLBACK");
        }
    }

    /// <summary>Remembers the events of a commit; inside its transaction, which fails if one of them is known already.</summary>
    public static void Remember(SqliteDatabase database, long source, IReadOnlyList<EcsEvent> events)
    {
        // In the order of the table: its pages then fill up from one end, instead of being split in the middle.
        var order = SeenKey.Order(events, EventKey.Of);
        for (int start = 0, count; start < order.Length; start += count)
        {
            count = order.Length - start < KeysAtOnce ? 1 : KeysAtOnce;
            var insert = database.Statement(count == 1 ? RememberOne : RememberMany);
            for (var i = 0; i < count; i++) Bind(insert, 2 * i, SeenEvent.Of(events[order[start + i]]));

            insert.Bind((2 * count) + 1, source);
            insert.Run();
        }
    }

    /// <summary>Remembers what another journal knew; what is known here stays as it is.</summary>
    public static void Remember(SqliteDatabase database, long source, IReadOnlyList<SeenEvent> seen)
    {
        var insert = database.Statement("INSERT INTO seen(k, content, source) VALUES(?, ?, ?) ON CONFLICT(k) DO NOTHING");
        foreach (var one in seen)
        {
            Bind(insert, 0, one);
            insert.Bind(3, source);
            insert.Run();
        }
    }

    /// <summary>
    /// Of the next <paramref name="rows"/> rows of the table those of a source, and those of builds that did not store the source; with the
    /// last row that was looked at, null at the end of the table.
    /// </summary>
    /// <param name="after">The last row that was looked at before; null = begin with the first.</param>
    public static (IReadOnlyList<SeenEvent> Events, EventKey? Last) Page(SqliteDatabase database, SourceKey source, EventKey? after, int rows)
    {
        var events = new List<SeenEvent>();
        EventKey? last = null;
        if (OwnedSource.Find(database, source) is not { } id) return (events, last);

        // Asked for each page: a connector that opens the file in the meantime brings it to version 2.
        var select = database.Statement(
            $"SELECT k, content, {(JournalSchema.Verify(database) == 1 ? "0" : "source")} FROM seen WHERE k>? ORDER BY k LIMIT ?");
        Span<byte> bytes = stackalloc byte[SeenKey.Bytes];
        if (after is { } key) SeenKey.Write(bytes, key);

        select.Bind(1, after is null ? bytes[..1] : bytes);
        select.Bind(2, rows);
        while (select.Step())
        {
            // A damaged file can give the same rows without end.
            if (select.Blob(0).SequenceCompareTo(after is null && last is null ? [] : bytes) <= 0) throw SqliteFailure.OutOfOrder(database.Path);

            select.Blob(0).CopyTo(bytes);
            last = SeenKey.Read(select.Blob(0));
            if (select.Int64(2) is var owner && (owner == id || owner == 0)) events.Add(new(last.Value, Content(select)));
        }

        return (events, last);
    }

    /// <summary>The content digest of a row of k, content and source: 0, which is compared with nothing, where an older build computed it.</summary>
    public static ulong Content(SqliteStatement row) => row.Int64(2) == 0 ? 0 : (ulong)row.Int64(1);

    // A failure rolls everything back anyway: without FAIL, SQLite would prepare each statement for being undone alone.
    private static string Insert(int rows) => "INSERT OR FAIL INTO seen(k, content, source) VALUES"
        + string.Join(", ", Enumerable.Range(0, rows).Select(i => $"(?{(2 * i) + 1}, ?{(2 * i) + 2}, ?{(2 * rows) + 1})"));

    private static void Bind(SqliteStatement insert, int after, SeenEvent seen)
    {
        Span<byte> bytes = stackalloc byte[SeenKey.Bytes];
        SeenKey.Write(bytes, seen.Key);
        insert.Bind(after + 1, bytes);
        insert.Bind(after + 2, (long)seen.Content);
    }
}
