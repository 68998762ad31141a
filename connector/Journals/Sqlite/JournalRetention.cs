using System.Buffers.Binary;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>
/// Deletes blocks of events that are older than the retention and that every reader has, and what is known of ids that no source can read again.
/// A little at a time, on the journal's thread, so that it never holds up a commit for long.
/// </summary>
internal sealed partial class JournalRetention(TimeSpan retention, TimeProvider time, ILogger logger)
{
    private const int BlocksAtOnce = 200;
    private const int KeysAtOnce = 20_000;
    private const int PagesAtOnce = 512;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Ids are known for longer than their events are kept: sweeps and overlaps reach back less than this.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromDays(7);

    private long? _last;
    private bool _more;

    /// <summary>True if there is more to do. Never throws: what fails now is tried again after a later commit.</summary>
    public bool Step(SqliteDatabase database)
    {
        if (!_more && _last is { } last && time.GetElapsedTime(last) < Every)
        {
            return false;
        }

        _last = time.GetTimestamp();
        try
        {
            var now = time.GetUtcNow();
            _more = database.Transaction(() => DeleteEvents(database, now - retention) | DeleteKeys(database, now));
            _more |= GiveBack(database);
        }
        catch (JournalException e)
        {
            _more = false;
            LogFailed(logger, e);
        }

        return _more;
    }

    private static bool DeleteEvents(SqliteDatabase database, DateTimeOffset before)
    {
        var cutoff = before.ToUnixTimeSeconds();
        if (!(database.Number("SELECT committed FROM event_block ORDER BY last_pos LIMIT 1") < cutoff))
        {
            return false;
        }

        var delete = database.Statement("""
            DELETE FROM event_block
            WHERE last_pos<=(SELECT max(last_pos) FROM (SELECT last_pos, committed FROM event_block ORDER BY last_pos LIMIT ?) WHERE committed<?)
            AND last_pos<=(SELECT coalesce(min(pos), 9223372036854775807) FROM reader) RETURNING 1
            """);
        delete.Bind(1, BlocksAtOnce);
        delete.Bind(2, cutoff);
        return Count(delete) == BlocksAtOnce;
    }

    private bool DeleteKeys(SqliteDatabase database, DateTimeOffset now)
    {
        if (OldestPosition(database, now) is not { } position || position - retention - Margin <= DateTimeOffset.UnixEpoch.AddHours(1))
        {
            return false;
        }

        // Hour 0 stays: those records have no time of their own.
        Span<byte> from = [0, 0, 0, 1];
        Span<byte> to = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(to, (uint)((position - retention - Margin).ToUnixTimeSeconds() / 3600));
        var delete = database.Statement(
            "DELETE FROM seen WHERE k>=?1 AND k<=(SELECT max(k) FROM (SELECT k FROM seen WHERE k>=?1 AND k<?2 ORDER BY k LIMIT ?3)) RETURNING 1");
        delete.Bind(1, from);
        delete.Bind(2, to);
        delete.Bind(3, KeysAtOnce);
        return Count(delete) == KeysAtOnce;
    }

    /// <summary>
    /// Where the source that is furthest behind reads, and not later than now: a backfill of old records needs old ids. Null while one
    /// cannot say (it has started over, or its checkpoint is damaged): then every id is kept.
    /// </summary>
    private static DateTimeOffset? OldestPosition(SqliteDatabase database, DateTimeOffset now)
    {
        var oldest = now;
        var select = database.Statement("SELECT text FROM checkpoint c WHERE seq=(SELECT max(seq) FROM checkpoint WHERE source=c.source)");
        var texts = new List<byte[]>();
        while (select.Step())
        {
            texts.Add(select.Blob(0).ToArray());
        }

        foreach (var text in texts)
        {
            DateTimeOffset? at = null;
            try
            {
                at = CheckpointText.Parse(text).Position switch
                {
                    WindowPosition window => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(window.Watermark, 0, now.ToUnixTimeSeconds())),
                    CursorPosition { Head: { } head } => head,
                    _ => null,
                };
            }
            catch (JournalCorruptException)
            {
                // Whoever opens the source says so.
            }

            if (at is null)
            {
                return null;
            }

            oldest = at.Value < oldest ? at.Value : oldest;
        }

        return oldest;
    }

    /// <summary>Free pages are used again by the next events; only a large rest goes back to the disk. True if some did.</summary>
    private static bool GiveBack(SqliteDatabase database)
    {
        var free = database.Number("PRAGMA freelist_count");
        if (!(free > PagesAtOnce + database.Number("PRAGMA page_count") / 4))
        {
            return false;
        }

        database.Execute($"PRAGMA incremental_vacuum({PagesAtOnce})");
        return database.Number("PRAGMA freelist_count") < free;
    }

    private static int Count(SqliteStatement rows)
    {
        var count = 0;
        while (rows.Step())
        {
            count++;
        }

        return count;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old events could not be deleted now; it is tried again after a later commit.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
