using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>
/// Deletes blocks of events that are older than the retention and that every reader has. A little at a time, on the journal's thread, so that
/// it never holds up a commit for long.
/// </summary>
internal sealed partial class JournalRetention(TimeSpan retention, TimeProvider time, ILogger logger)
{
    private const int BlocksAtOnce = 200;
    private const int PagesAtOnce = 512;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly HourlyReminder _reminder = new(time);
    private long? _last;
    private bool _more;

    /// <summary>True if there is more to do. Never throws: what fails now is tried again after a later commit.</summary>
    /// <param name="present">What ages are measured against: never the host's clock alone, which may be wrong.</param>
    public bool Step(SqliteDatabase database, DateTimeOffset present)
    {
        if (!_more && _last is { } last && time.GetElapsedTime(last) < Every) return false;

        _last = time.GetTimestamp();
        try
        {
            _more = database.Transaction(() => DeleteEvents(database, present - retention, present));
            _more |= GiveBack(database);
            _reminder.Clear();
        }
        catch (JournalException e)
        {
            _more = false;
            if (_reminder.IsDue(e)) LogFailed(logger, e.Message, e.Fix);
        }

        return _more;
    }

    /// <summary>
    /// By the positions that were given away, which are consecutive. Retention deletes from the first one on: what stood before the first block that is
    /// left may have been deleted by it, and what is missing behind that block is lost.
    /// </summary>
    public static DeletedEvents DeletedSoFar(SqliteDatabase database)
    {
        var select = database.Statement("SELECT first_pos, committed FROM event_block ORDER BY last_pos LIMIT 1");
        var (first, committed) = select.Step() ? (select.Int64(0), select.Int64(1)) : (0, 0);
        select.Reset();
        if (first == 0) return new DeletedEvents(database.Number("SELECT max(last_pos) FROM source") > 0 ? DateTimeOffset.MaxValue : null, null);
        if (first == 1) return new DeletedEvents(null, null);

        var until = Math.Clamp(committed + (long)DeletedEvents.Disorder.TotalSeconds, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        select = database.Statement("""
            WITH start AS (SELECT max(last_pos) AS pos FROM event_block
                WHERE last_pos<coalesce((SELECT min(last_pos) FROM event_block WHERE committed>?), 9223372036854775807))
            SELECT (SELECT max(last_pos) FROM source) - (SELECT pos FROM start) - coalesce(sum(last_pos - first_pos + 1), 0)
            FROM event_block WHERE last_pos>(SELECT pos FROM start)
            """);
        select.Bind(1, until);
        select.Step();
        var lost = Math.Max(0, select.Int64(0));
        select.Reset();
        return new DeletedEvents(DateTimeOffset.FromUnixTimeSeconds(until), lost);
    }

    /// <summary>
    /// True if there is more to do. A block with a time in the future was committed by a build that trusted a wrong clock: its age is not
    /// known, so it is deleted together with the next block after it that is old enough, and does not keep other blocks from being deleted.
    /// </summary>
    private static bool DeleteEvents(SqliteDatabase database, DateTimeOffset before, DateTimeOffset present)
    {
        // The plus signs choose the plan: the index says what the last old block is, and only blocks before it are looked at.
        var delete = database.Statement("""
            DELETE FROM event_block WHERE last_pos IN (
                SELECT last_pos FROM event_block
                WHERE last_pos<=(SELECT max(+last_pos) FROM event_block WHERE committed<?1)
                AND last_pos<=(SELECT coalesce(min(pos), 9223372036854775807) FROM reader)
                AND (+committed<?1 OR +committed>?2)
                ORDER BY last_pos LIMIT ?3)
            RETURNING 1
            """);
        delete.Bind(1, before.ToUnixTimeSeconds());
        delete.Bind(2, present.ToUnixTimeSeconds());
        delete.Bind(3, BlocksAtOnce);
        var count = 0;
        while (delete.Step()) count++;

        return count == BlocksAtOnce;
    }

    /// <summary>Free pages are used again by the next events; only a large rest goes back to the disk. True if some did.</summary>
    private static bool GiveBack(SqliteDatabase database)
    {
        var free = database.Number("PRAGMA freelist_count");
        if (!(free > PagesAtOnce + database.Number("PRAGMA page_count") / 4)) return false;

        database.Execute($"PRAGMA incremental_vacuum({PagesAtOnce})");
        return database.Number("PRAGMA freelist_count") < free;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old events could not be deleted now: {Cause} {Fix} It is tried again after a later commit.")]
    private static partial void LogFailed(ILogger logger, string cause, string fix);
}
