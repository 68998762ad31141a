using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>A source as its new writer finds it.</summary>
/// <param name="Id">The source's row.</param>
/// <param name="Epoch">Grows with each writer: a writer with an older one is fenced.</param>
/// <param name="ValidSequence">The row of the checkpoint that was read, 0 if there was none yet.</param>
/// <param name="Warning">Why the newest checkpoint was not used, if it was not.</param>
internal sealed record OwnedSource(long Id, long Epoch, Checkpoint? Checkpoint, long ValidSequence, string? Warning)
{
    /// <summary>Fences the writer before and recovers the checkpoint; to be called inside a transaction.</summary>
    public static OwnedSource Take(SqliteDatabase database, SourceKey source)
    {
        var (id, epoch, sequence) = FindOrAdd(database, source);
        var warning = default(string);
        foreach (var (seq, text) in Checkpoints(database, id))
        {
            if (CheckpointText.VersionOf(text) is { } version && version > Checkpoint.CurrentVersion) throw CheckpointText.Newer(version);

            if (seq > sequence) throw new JournalCorruptException($"The checkpoint of {source} is newer than the journal knows.", CheckpointText.Fix);

            if (seq < sequence) warning ??= "it is missing";

            try
            {
                var checkpoint = CheckpointText.Parse(text);
                RefuseOther(source, checkpoint, seq);
                // The damaged one's number is used up.
                return new(id, epoch, checkpoint with { Sequence = sequence }, seq, warning);
            }
            catch (JournalCorruptException e)
            {
                warning = e.Message;
            }
        }

        return sequence == 0
            ? new(id, epoch, null, 0, null)
            : throw new JournalCorruptException(
                $"No valid checkpoint of {source} is left although {sequence} commits were made: {warning ?? "they are missing"}.", CheckpointText.Fix);
    }

    /// <summary>The row of the source; null if there is none.</summary>
    public static long? Find(SqliteDatabase database, SourceKey source)
    {
        var select = database.Statement("SELECT id FROM source WHERE name=? AND account=?");
        select.Bind(1, source.Source);
        select.Bind(2, source.Account);
        long? id = select.Step() ? select.Int64(0) : null;
        select.Reset();
        return id;
    }

    /// <summary>The row of the source with a new epoch; added if the source is new.</summary>
    public static (long Id, long Epoch, long Sequence) FindOrAdd(SqliteDatabase database, SourceKey source)
    {
        var update = database.Statement("UPDATE source SET epoch=epoch+1 WHERE name=? AND account=? RETURNING id, epoch, seq");
        update.Bind(1, source.Source);
        update.Bind(2, source.Account);
        if (!update.Step())
        {
            RefuseIfOneWasLost(database, source);
            update = database.Statement("INSERT INTO source(name, account, epoch, seq, last_pos) VALUES(?, ?, 1, 0, 0) RETURNING id, epoch, seq");
            update.Bind(1, source.Source);
            update.Bind(2, source.Account);
            update.Step();
        }

        var found = (update.Int64(0), update.Int64(1), update.Int64(2));
        while (update.Step())
        {
            // A RETURNING statement takes effect as a whole only when it is done.
        }

        return found;
    }

    /// <summary>The stored texts of a source, newest first.</summary>
    public static List<(long Sequence, byte[] Text)> Checkpoints(SqliteDatabase database, long source)
    {
        var texts = new List<(long, byte[])>();
        var select = database.Statement("SELECT seq, text FROM checkpoint WHERE source=? ORDER BY seq DESC");
        select.Bind(1, source);
        while (select.Step()) texts.Add((select.Int64(0), select.Blob(1).ToArray()));

        return texts;
    }

    /// <summary>A source that looks new may be one whose row was damaged: it must not start over silently.</summary>
    private static void RefuseIfOneWasLost(SqliteDatabase database, SourceKey added)
    {
        // Not by the index: that it may be damaged is the point.
        var rows = new List<(SourceKey Source, long Id)>();
        var select = database.Statement("SELECT name, account, id FROM source NOT INDEXED");
        while (select.Step()) rows.Add((new(select.Text(0), select.Text(1)), select.Int64(2)));

        foreach (var (source, id) in rows)
        {
            if (source == added) throw new JournalCorruptException($"The journal has {source}, and its index does not.", CheckpointText.Fix);

            foreach (var (seq, text) in Checkpoints(database, id))
            {
                if (CheckpointText.VersionOf(text) <= Checkpoint.CurrentVersion) RefuseOther(source, CheckpointText.Parse(text), seq);
            }
        }

        if (database.Number("SELECT 1 FROM checkpoint WHERE source NOT IN (SELECT id FROM source) LIMIT 1") is not null)
        {
            throw new JournalCorruptException("The journal has a checkpoint of a source that it does not name.", CheckpointText.Fix);
        }
    }

    private static void RefuseOther(SourceKey source, Checkpoint checkpoint, long sequence)
    {
        if (checkpoint.Source != source || checkpoint.Sequence != sequence)
        {
            throw new JournalCorruptException(
                $"The journal has the checkpoint of {checkpoint.Source} number {checkpoint.Sequence} "
                + $"as {source} number {sequence}.",
                CheckpointText.Fix);
        }
    }
}
