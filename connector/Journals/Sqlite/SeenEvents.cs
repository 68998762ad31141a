using System.Buffers.Binary;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>The table of ids: what is committed is known again.</summary>
internal static class SeenEvents
{
    /// <summary>Rows of one statement: saves a third of what remembering costs.</summary>
    private const int KeysAtOnce = 64;

    private const string SelectOne = "SELECT content FROM seen WHERE k=?";

    // A failure rolls everything back anyway: without FAIL, SQLite would prepare each statement for being undone alone.
    private const string RememberOne = "INSERT OR FAIL INTO seen(k, content) VALUES(?, ?)";
    private static readonly string RememberMany = RememberOne + string.Concat(Enumerable.Repeat(", (?, ?)", KeysAtOnce - 1));

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
    public static void Remember(SqliteDatabase database, IReadOnlyList<EcsEvent> events)
    {
        // In the order of the table: its pages then fill up from one end, instead of being split in the middle.
        var order = SeenKey.Order(events, EventKey.Of);
        for (int start = 0, count; start < order.Length; start += count)
        {
            count = order.Length - start < KeysAtOnce ? 1 : KeysAtOnce;
            var insert = database.Statement(count == 1 ? RememberOne : RememberMany);
            for (var i = 0; i < count; i++)
            {
                var e = events[order[start + i]];
                Bind(insert, 2 * i, new(EventKey.Of(e), e.ContentHash));
            }

            insert.Run();
        }
    }

    /// <summary>Remembers what another journal knew; what is known here stays as it is.</summary>
    public static void Remember(SqliteDatabase database, IReadOnlyList<SeenEvent> seen)
    {
        var insert = database.Statement("INSERT INTO seen(k, content) VALUES(?, ?) ON CONFLICT(k) DO NOTHING");
        foreach (var one in seen)
        {
            Bind(insert, 0, one);
            insert.Run();
        }
    }

    /// <summary>What is known of these events, and the position of the last of them.</summary>
    public static (IReadOnlyList<SeenEvent> Events, long? Last) Of(SqliteDatabase database, IReadOnlyList<JournalEvent> events)
    {
        var seen = new List<SeenEvent>(events.Count);
        var select = database.Statement(SelectOne);
        Span<byte> id = stackalloc byte[EventBlock.IdBytes];
        foreach (var e in events)
        {
            EventId.Write(id, e.Id);
            var key = BinaryPrimitives.ReadUInt128BigEndian(id);
            // An event without a time of its own is known under hour 0; its block has the time it was received.
            foreach (var hour in (ReadOnlySpan<uint>)[EventKey.HourOf(e.Time), 0])
            {
                if (Find(select, new(key, hour)) is { } content)
                {
                    seen.Add(new(new(key, hour), content));
                    break;
                }
            }
        }

        return (seen, events.Count == 0 ? null : events[^1].Position);
    }

    private static ulong? Find(SqliteStatement select, EventKey key)
    {
        Span<byte> bytes = stackalloc byte[SeenKey.Bytes];
        SeenKey.Write(bytes, key);
        select.Bind(1, bytes);
        if (!select.Step())
        {
            return null;
        }

        var content = (ulong)select.Int64(0);
        select.Reset();
        return content;
    }

    private static void Bind(SqliteStatement insert, int after, SeenEvent seen)
    {
        Span<byte> bytes = stackalloc byte[SeenKey.Bytes];
        SeenKey.Write(bytes, seen.Key);
        insert.Bind(after + 1, bytes);
        insert.Bind(after + 2, (long)seen.Content);
    }
}
