using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>Reads committed events over one connection.</summary>
internal sealed class EventRows
{
    /// <summary>A batch ends with the event that reaches it, so that it stays small whatever the events are.</summary>
    private const int MaxBytes = 8 << 20;

    private readonly Dictionary<long, SourceKey> _sources = [];
    private readonly EventBlockReader _open = new();

    /// <summary>The events at positions in (<paramref name="after"/>, <paramref name="upTo"/>], in order.</summary>
    /// <exception cref="JournalCorruptException">One of them is damaged; its position is named.</exception>
    public List<JournalEvent> Read(SqliteDatabase database, long after, long upTo, int maxEvents, EventFilter? filter = null)
    {
        var (since, until) = (filter?.Since?.UtcTicks ?? 0, filter?.Until?.UtcTicks ?? long.MaxValue);
        var events = new List<JournalEvent>();
        var bytes = 0;
        var select = database.Statement("""
            SELECT first_pos, last_pos, source, committed, min_time, max_time, body FROM event_block WHERE last_pos>? ORDER BY last_pos
            """);
        select.Bind(1, after);
        try
        {
            while (events.Count < maxEvents && bytes < MaxBytes && select.Step())
            {
                var block = new EventBlock(
                    select.Int64(0), select.Int64(1), select.Int64(2), select.Int64(3), select.Int64(4), select.Int64(5));
                if (block.First > upTo) break;

                // Or what is wrong with it would be looked for at each of its positions.
                var most = select.Length(6) / EventBlock.HeadBytes;
                if (block.Last < block.First || block.Last - block.First >= most) throw EventBlockReader.Damaged(database, block);

                if (block.MaxTime < since || block.MinTime >= until) continue;

                var source = Source(database, block.Source);
                if (!(filter?.Accepts(source) ?? true)) continue;

                _open.Open(database, block, select, 6);
                foreach (var e in _open.Events())
                {
                    if (e.Position > upTo || events.Count == maxEvents || bytes >= MaxBytes) break;

                    if (e.Position > after && e.Time >= since && e.Time < until)
                    {
                        // One that is picked out would keep its whole block in memory.
                        var json = filter is null ? e.Json : e.Json.ToArray();
                        bytes += json.Length;
                        events.Add(new(
                            e.Position, source, HexId.Read(e.Id.Span), new DateTimeOffset(e.Time, TimeSpan.Zero),
                            e.TraceId.IsEmpty ? null : HexId.Read(e.TraceId.Span), DateTimeOffset.FromUnixTimeSeconds(block.Committed), json));
                    }
                }
            }
        }
        finally
        {
            select.Reset();
        }

        return events;
    }

    /// <summary>The last position before the next event after a position; the greatest one when there is none.</summary>
    public static long BeforeNext(SqliteDatabase database, long position)
    {
        var select = database.Statement("SELECT first_pos FROM event_block WHERE last_pos>? ORDER BY last_pos LIMIT 1");
        select.Bind(1, position);
        var next = select.Step() ? Math.Max(position, select.Int64(0) - 1) : long.MaxValue;
        select.Reset();
        return next;
    }

    private SourceKey Source(SqliteDatabase database, long id)
    {
        if (!_sources.TryGetValue(id, out var source))
        {
            var select = database.Statement("SELECT name, account FROM source WHERE id=?");
            select.Bind(1, id);
            source = select.Step()
                ? new(select.Text(0), select.Text(1))
                : throw new JournalCorruptException(
                    $"The journal {database.Path} has an event of a source that it does not name.", "Restore it from a backup.");
            select.Reset();
            _sources.Add(id, source);
        }

        return source;
    }
}
