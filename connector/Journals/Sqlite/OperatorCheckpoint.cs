using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>Positions changed by hand; inside a transaction, and with a new epoch, so that the present writer cannot continue.</summary>
internal static class OperatorCheckpoint
{
    public static long Change(SqliteDatabase database, SourceKey source, Func<byte[]?, long, CheckpointChange> change)
    {
        var (id, _, last) = OwnedSource.FindOrAdd(database, source);
        byte[]? stored = OwnedSource.Checkpoints(database, id).FirstOrDefault().Text;
        var changed = change(stored, last + 1);
        var sequence = changed.Checkpoint is null ? 0 : last + 1;
        SeenEvents.Remember(database, id, changed.AlsoSeen);
        Delete(database, id);
        if (changed.Checkpoint is { } checkpoint)
        {
            var insert = database.Statement("INSERT INTO checkpoint(source, seq, text) VALUES(?, ?, ?)");
            insert.Bind(1, id);
            insert.Bind(2, sequence);
            insert.Bind(3, CheckpointText.Serialize(checkpoint with { Sequence = sequence, Source = source }));
            insert.Run();
        }

        SetSequence(database, id, sequence);
        if (changed.Told is { } told && (sequence > 0 || stored is not null)) Tell(database, id, told);

        return sequence;
    }

    /// <summary>An event beside the position; none for a source that is not there.</summary>
    public static void Tell(SqliteDatabase database, SourceKey source, EcsEvent told)
    {
        if (OwnedSource.Find(database, source) is { } id) Tell(database, id, told);
    }

    private static void Tell(SqliteDatabase database, long source, EcsEvent told)
    {
        var select = database.Statement("SELECT max(last_pos) FROM source");
        select.Step();
        var position = select.Int64(0);
        select.Reset();
        EventBlockWriter.Write(database, source, [told], position, told.Time.ToUnixTimeSeconds());
        SeenEvents.Remember(database, source, [told]);
        var update = database.Statement("UPDATE source SET last_pos=? WHERE id=?");
        update.Bind(1, position + 1);
        update.Bind(2, source);
        update.Run();
    }

    private static void Delete(SqliteDatabase database, long source)
    {
        var delete = database.Statement("DELETE FROM checkpoint WHERE source=?");
        delete.Bind(1, source);
        delete.Run();
    }

    private static void SetSequence(SqliteDatabase database, long source, long sequence)
    {
        var update = database.Statement("UPDATE source SET seq=? WHERE id=?");
        update.Bind(1, sequence);
        update.Bind(2, source);
        update.Run();
    }
}
