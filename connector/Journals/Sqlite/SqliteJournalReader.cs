using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

internal sealed class SqliteJournalReader(SqliteJournal journal, string name, long position, WorkThread<SqliteDatabase> thread) : IJournalReader
{
    private readonly EventRows _rows = new();
    private long _position = position;

    public async ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(int maxEvents, CancellationToken cancellationToken)
    {
        var after = _position;
        var events = await thread.RunAsync(
            database => SqliteFailure.OfRows(database.Path, () => _rows.Read(database, after, long.MaxValue, maxEvents)), cancellationToken);
        if (events.Count > 0) _position = events[^1].Position;

        return events;
    }

    public ValueTask AcknowledgeAsync(JournalEvent last, CancellationToken cancellationToken) =>
        journal.WriteAsync(database => ReaderPositions.Acknowledge(database, name, last.Position), cancellationToken);

    public ValueTask DisposeAsync() => thread.DisposeAsync();
}
