using System.Runtime.CompilerServices;
using ActivityConnector.Pipeline;
using Microsoft.Data.Sqlite;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>A look into the file while a connector may be writing to it.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SqliteJournalView : IJournalView
{
    private const int Stride = 2_000;

    private readonly WorkThread<SqliteDatabase> _thread;

    private SqliteJournalView(WorkThread<SqliteDatabase> thread) => _thread = thread;

    /// <summary>Opens a journal to look at it, whether or not a process owns it.</summary>
    /// <param name="cancellationToken">Ends whatever is asked of the view, also later.</param>
    /// <exception cref="JournalUnavailableException">There is no such file, or it cannot be read.</exception>
    /// <exception cref="JournalCorruptException">It is no journal, or one of a newer version.</exception>
    public static async ValueTask<SqliteJournalView> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new JournalUnavailableException($"There is no journal {path}.", "Set Journal:Path, or run the connector first.");
        }

        SqliteJournal.RefuseOddFiles(path);
        var thread = await WorkThread<SqliteDatabase>.OpenAsync("journal view", () => SqliteDatabase.Open(path, SqliteOpenMode.ReadOnly, cancellationToken));
        try
        {
            await thread.RunAsync(JournalSchema.Verify, cancellationToken);
            return new SqliteJournalView(thread);
        }
        catch
        {
            await thread.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public LeftOutRecords? LeftOut => null;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SourceKey>> SourcesAsync(CancellationToken cancellationToken) => AskAsync<IReadOnlyList<SourceKey>>(
        database =>
        {
            var sources = new List<SourceKey>();
            var select = database.Statement("SELECT name, account FROM source WHERE seq>0 ORDER BY name, account");
            while (select.Step()) sources.Add(new(select.Text(0), select.Text(1)));

            return sources;
        },
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<byte[]?> CheckpointAsync(SourceKey source, CancellationToken cancellationToken) => AskAsync(
        database =>
        {
            var select = database.Statement("""
                SELECT text FROM checkpoint WHERE source=(SELECT id FROM source WHERE name=? AND account=?) ORDER BY seq DESC LIMIT 1
                """);
            select.Bind(1, source.Source);
            select.Bind(2, source.Account);
            var text = select.Step() ? select.Blob(0).ToArray() : null;
            select.Reset();
            return text;
        },
        cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<DeadLetter> DeadLettersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var before = long.MaxValue;
        while (await AskAsync(database => DeadLetters.Before(database, before), cancellationToken) is { Count: > 0 } some)
        {
            foreach (var (number, letter) in some)
            {
                before = number;
                yield return letter;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<DeadLetter?> DeadLetterAsync(string id, CancellationToken cancellationToken) =>
        AskAsync(database => DeadLetters.Find(database, id), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<DeadLetterStage, long>> OpenDeadLettersAsync(CancellationToken cancellationToken) =>
        AskAsync(DeadLetters.CountByStage, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Backlog?> BacklogAsync(string reader, CancellationToken cancellationToken) =>
        AskAsync(database => ReaderPositions.Backlog(database, reader), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JournalEvent>> LatestAsync(
        EventFilter filter, string? text, int count, CancellationToken cancellationToken)
    {
        var (rows, latest) = (new EventRows(), new List<JournalEvent>());
        var (first, last) = await BoundsAsync(cancellationToken);
        first = Math.Max(first, last - IJournalView.MostSearched);
        while (last > first && latest.Count < count)
        {
            var (after, upTo, most) = (Math.Max(first, last - Stride), last, count - latest.Count);
            latest.AddRange(await AskAsync(database => Latest(database, after, upTo, most), cancellationToken));
            last = after;
        }

        return latest;

        List<JournalEvent> Latest(SqliteDatabase database, long after, long upTo, int most)
        {
            var newest = new List<JournalEvent>();
            while (rows.Read(database, after, upTo, Stride, filter) is { Count: > 0 } some)
            {
                after = some[^1].Position;
                newest = [.. newest.Concat(some.Where(e => EitherJournal.Holds(e, text))).TakeLast(most)];
            }

            newest.Reverse();
            return newest;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SeenEvent> SeenAsync(
        SourceKey source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EventKey? last = null;
        do
        {
            var after = last;
            (var events, last) = await AskAsync(database => SeenEvents.Page(database, source, after, Stride), cancellationToken);
            foreach (var seen in events) yield return seen;
        }
        while (last is not null);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<JournalEvent> EventsAsync(EventFilter filter, TimeProvider? follow, CancellationToken cancellationToken) =>
        EventsAsync(0, filter, follow, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalEvent> WaitingAsync(
        string reader, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var acknowledged = await AskAsync(database => ReaderPositions.Of(database, reader) ?? 0, cancellationToken);
        await foreach (var e in EventsAsync(acknowledged, filter, follow: null, cancellationToken)) yield return e;
    }

    /// <inheritdoc/>
    public ValueTask<DeletedEvents> DeletedAsync(SourceKey source, CancellationToken cancellationToken) =>
        AskAsync(JournalRetention.DeletedSoFar, cancellationToken);

    public ValueTask DisposeAsync() => _thread.DisposeAsync();

    internal ValueTask<string?> OwnerAsync(CancellationToken cancellationToken) =>
        AskAsync(database => JournalSchema.Get(database, "owner"), cancellationToken);

    private async IAsyncEnumerable<JournalEvent> EventsAsync(
        long from, EventFilter filter, TimeProvider? follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = new EventRows();
        var (position, last) = await BoundsAsync(cancellationToken);
        position = Math.Max(position, from);
        while (true)
        {
            while (position < last)
            {
                // In strides, so that a filter which lets little through does not hold one snapshot over the whole file.
                var (after, upTo, end) = (position, Math.Min(position + Stride, last), last);
                (var events, position) = await AskAsync(
                    database => rows.Read(database, after, upTo, Stride, filter) is { Count: > 0 } some
                        ? (some, some[^1].Position)
                        : ([], Math.Min(EventRows.BeforeNext(database, upTo), end)),
                    cancellationToken);
                foreach (var e in events) yield return e;
            }

            if (follow is null) yield break;

            // Another process writes the file, and SQLite does not report it.
            await Task.Delay(EitherJournal.FollowEvery, follow, cancellationToken);
            (_, last) = await BoundsAsync(cancellationToken);
        }
    }

    private ValueTask<T> AskAsync<T>(Func<SqliteDatabase, T> question, CancellationToken cancellationToken) =>
        _thread.RunAsync(database => SqliteFailure.OfRows(database.Path, () => question(database)), cancellationToken);

    private async ValueTask<(long Before, long Last)> BoundsAsync(CancellationToken cancellationToken) => await AskAsync(
        database => ((database.Number("SELECT min(first_pos) FROM event_block") ?? 1) - 1, database.Number("SELECT max(last_pos) FROM event_block") ?? 0),
        cancellationToken);
}
