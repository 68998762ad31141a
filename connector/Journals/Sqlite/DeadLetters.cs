using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>The table of dead letters.</summary>
internal static class DeadLetters
{
    private const string Columns = "n, id, stage, reason, origin, at, body, length";

    /// <summary>One whose id is already kept stays as it is.</summary>
    public static void Keep(SqliteDatabase database, IReadOnlyList<DeadLetter> letters)
    {
        var insert = database.Statement("""
            INSERT INTO dead_letter(id, stage, reason, origin, at, body, length) VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING
            """);
        foreach (var letter in letters)
        {
            insert.Bind(1, letter.Id);
            insert.Bind(2, letter.Stage.Text());
            insert.Bind(3, letter.Reason);
            insert.Bind(4, letter.Origin);
            insert.Bind(5, letter.At.UtcTicks);
            insert.Bind(6, letter.Body.Span);
            insert.Bind(7, letter.OriginalLength);
            insert.Run();
        }
    }

    /// <summary>Some of those before the given number, newest first; none = there are no older ones.</summary>
    public static IReadOnlyList<(long Number, DeadLetter Letter)> Before(SqliteDatabase database, long number)
    {
        var select = database.Statement($"SELECT {Columns} FROM dead_letter WHERE n<? ORDER BY n DESC LIMIT 500");
        select.Bind(1, number);
        var letters = new List<(long, DeadLetter)>();
        while (select.Step())
        {
            // A damaged file can give the same rows without end.
            if (select.Int64(0) >= number) throw SqliteFailure.OutOfOrder(database.Path);

            number = select.Int64(0);
            letters.Add((number, Read(select)));
        }

        return letters;
    }

    public static IReadOnlyDictionary<DeadLetterStage, long> CountByStage(SqliteDatabase database)
    {
        var counts = new Dictionary<DeadLetterStage, long>();
        var select = database.Statement("SELECT stage, count(*) FROM dead_letter GROUP BY stage");
        while (select.Step()) counts.Add(DeadLetterStages.Parse(select.Text(0))!.Value, select.Int64(1));

        return counts;
    }

    public static DeadLetter? Find(SqliteDatabase database, string id)
    {
        var select = database.Statement($"SELECT {Columns} FROM dead_letter WHERE id=?");
        select.Bind(1, id);
        var letter = select.Step() ? Read(select) : null;
        select.Reset();
        return letter;
    }

    /// <returns>How many of them there were.</returns>
    public static int Discard(SqliteDatabase database, IEnumerable<string> ids)
    {
        var (delete, count) = (database.Statement("DELETE FROM dead_letter WHERE id=? RETURNING 1"), 0);
        foreach (var id in ids)
        {
            delete.Bind(1, id);
            while (delete.Step()) count++;
        }

        return count;
    }

    private static DeadLetter Read(SqliteStatement row) => new()
    {
        Id = row.Text(1),
        Stage = DeadLetterStages.Parse(row.Text(2))!.Value,
        Reason = row.Text(3),
        Origin = row.Text(4),
        At = new DateTimeOffset(row.Int64(5), TimeSpan.Zero),
        Body = row.Blob(6).ToArray(),
        OriginalLength = row.Int64(7),
    };
}
