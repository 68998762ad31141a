using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>Positions changed by hand; inside a transaction, and with a new epoch, so that the present writer cannot continue.</summary>
internal static class OperatorCheckpoint
{
    public static long Set(SqliteDatabase database, SourceKey source, Checkpoint checkpoint, IReadOnlyList<SeenEvent> alsoSeen)
    {
        var (id, _, last) = OwnedSource.FindOrAdd(database, source);
        SeenEvents.Remember(database, id, alsoSeen);
        var sequence = last + 1;
        var text = CheckpointText.Serialize(checkpoint with { Sequence = sequence, Source = source });
        Delete(database, id);
        var insert = database.Statement("INSERT INTO checkpoint(source, seq, text) VALUES(?, ?, ?)");
        insert.Bind(1, id);
        insert.Bind(2, sequence);
        insert.Bind(3, text);
        insert.Run();
        SetSequence(database, id, sequence);
        return sequence;
    }

    public static bool Reset(SqliteDatabase database, SourceKey source)
    {
        if (OwnedSource.Find(database, source) is not { } id) return false;

        Delete(database, id);
        SetSequence(database, id, 0);
        return true;
    }

    /// <summary>An event beside the position; none for a source that is not there.</summary>
    public static void Tell(SqliteDatabase database, SourceKey source, EcsEvent told)
    {
        if (OwnedSource.Find(database, source) is not { } id) return;

        var select = database.Statement("SELECT max(last_pos) FROM source");
        select.Step();
        var position = select.Int64(0);
        select.Reset();
        EventBlockWriter.Write(database, id, [told], position, told.Time.ToUnixTimeSeconds());
        var update = database.Statement("UPDATE source SET last_pos=? WHERE id=?");
        update.Bind(1, position + 1);
        update.Bind(2, id);
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
        var update = database.Statement("UPDATE source SET seq=?, epoch=epoch+1 WHERE id=?");
        update.Bind(1, sequence);
        update.Bind(2, source);
        update.Run();
    }
}
