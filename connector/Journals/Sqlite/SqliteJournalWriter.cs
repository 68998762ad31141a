using System.Diagnostics;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

internal sealed class SqliteJournalWriter(SqliteJournal journal, SourceKey source, OwnedSource owned) : IJournalWriter
{
    private long _validSequence = owned.ValidSequence;

    public SourceKey Source => source;

    public Checkpoint? Checkpoint { get; private set; } = owned.Checkpoint;

    public bool WasReset => false;

    public async ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IReadOnlyList<EventKey> keys, CancellationToken cancellationToken) =>
        keys.Count == 0 ? [] : await journal.WriteAsync(database => SeenEvents.Find(database, keys), cancellationToken);

    public async ValueTask CommitAsync(JournalCommit commit, CancellationToken cancellationToken)
    {
        var checkpoint = commit.Checkpoint;
        if (checkpoint.Source != source) throw new ArgumentException($"The checkpoint is not of {source}.", nameof(commit));

        var text = CheckpointText.Serialize(checkpoint);
        journal.RecordSpans.Create(commit.Events, "journal");
        using var span = Spans.Start("commit journal", ActivityKind.Client);
        span?.SetTag(Spans.DatabaseSystem, "sqlite");
        span?.SetTag(Spans.DatabaseOperation, "commit");
        span?.SetTag(Spans.DatabaseBatchSize, commit.Events.Count);
        try
        {
            await journal.CommitAsync(database => Write(database, commit, text), cancellationToken);
            FailPoint.Pass("committed");
            _validSequence = checkpoint.Sequence;
            Checkpoint = checkpoint;
        }
        catch (Exception e)
        {
            span.Fail(e);
            throw;
        }
        finally
        {
            // Also when there was no room: then it is needed most.
            journal.Retain(checkpoint.CommittedAt);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Write(SqliteDatabase database, JournalCommit commit, byte[] checkpoint)
    {
        var position = RefuseStranger(database, commit.Checkpoint.Sequence);
        EventBlockWriter.Write(database, owned.Id, commit.Events, position, commit.Checkpoint.CommittedAt.ToUnixTimeSeconds());
        FailPoint.Pass("produced");
        SeenEvents.Remember(database, owned.Id, commit.Events);
        DeadLetters.Keep(database, commit.DeadLetters);

        var insert = database.Statement("INSERT INTO checkpoint(source, seq, text) VALUES(?, ?, ?)");
        insert.Bind(1, owned.Id);
        insert.Bind(2, commit.Checkpoint.Sequence);
        insert.Bind(3, checkpoint);
        insert.Run();

        var delete = database.Statement("DELETE FROM checkpoint WHERE source=? AND seq<?");
        delete.Bind(1, owned.Id);
        delete.Bind(2, _validSequence);
        delete.Run();

        var update = database.Statement("UPDATE source SET seq=?, last_pos=max(last_pos, ?) WHERE id=?");
        update.Bind(1, commit.Checkpoint.Sequence);
        update.Bind(2, commit.Events.Count == 0 ? 0 : position + commit.Events.Count);
        update.Bind(3, owned.Id);
        update.Run();
        FailPoint.Pass("commit");
    }

    /// <summary>The last position given away, if this is still the writer and no other writer has written since.</summary>
    private long RefuseStranger(SqliteDatabase database, long sequence)
    {
        var select = database.Statement("SELECT epoch, seq, (SELECT max(last_pos) FROM source) FROM source WHERE id=?");
        select.Bind(1, owned.Id);
        var (epoch, last, position) = select.Step() ? (select.Int64(0), select.Int64(1), select.Int64(2)) : (-1, 0, 0);
        select.Reset();
        if (epoch != owned.Epoch)
        {
            throw new JournalFencedException(
                $"A newer writer owns {source}; this one stops.",
                "Nothing, if it was restarted or taken over on purpose; otherwise see that only one connector collects this source.");
        }

        return sequence == last + 1
            ? position
            : throw new JournalCorruptException(
                $"The checkpoint of {source} has number {sequence} where {last + 1} follows: another process writes to this journal.",
                "See that only one connector uses this journal, and start it again.");
    }
}
