using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>Reads committed events over one connection.</summary>
internal sealed class EventRows
{
    /// <summary>A batch ends with the event that reaches it, so that it stays small whatever the events are.</summary>
    private const int MaxBytes = 5 << 20;

    private readonly Dictionary<long, SourceKey> _sources = [];

    /// <summary>The events at positions in (<paramref name="after"/>, <paramref name="upTo"/>], in order.</summary>
    public List<JournalEvent> Read(SqliteDatabase database, long after, long upTo, int maxEvents, EventFilter? filter = null)
    {
        var events = new List<JournalEvent>();
        var bytes = 0;
        var select = database.Statement("""
            SELECT pos, source, id, time, trace_id, body FROM events WHERE pos>? AND pos<=? AND time>=? AND time<? ORDER BY pos
            """);
        select.Bind(1, after);
        select.Bind(2, upTo);
        select.Bind(3, filter?.Since?.UtcTicks ?? 0);
        select.Bind(4, filter?.Until?.UtcTicks ?? long.MaxValue);
        while (events.Count < maxEvents && bytes < MaxBytes && select.Step())
        {
            var source = Source(database, select.Int64(1));
            if (filter?.Accepts(source) ?? true)
            {
                var json = select.Blob(5).ToArray();
                bytes += json.Length;
                events.Add(new(
                    select.Int64(0), source, EventId.Read(select.Blob(2)), new DateTimeOffset(select.Int64(3), TimeSpan.Zero),
                    select.IsNull(4) ? null : EventId.Read(select.Blob(4)), json));
            }
        }

        select.Reset();
        return events;
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
