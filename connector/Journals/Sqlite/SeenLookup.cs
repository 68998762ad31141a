using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>
/// Looks up many keys in one walk through the table, in the order they lie there. What a batch asks for are neighbours in time, and so
/// neighbours on disk: that takes half the time of a search for each.
/// </summary>
internal ref struct SeenLookup
{
    /// <summary>Rows that were not asked for and are passed, before a search is the cheaper way on.</summary>
    private const int MaxSteps = 4;

    private readonly SqliteStatement _from;
    private EventKey _sought;
    private EventKey _at;
    private bool _isOpen;
    private bool _isAtEnd;

    private SeenLookup(SqliteDatabase database) => _from = database.Statement("SELECT k, content, source FROM seen WHERE k>=? ORDER BY k");

    /// <summary>For each key the content under which it is known, or null; inside a transaction.</summary>
    public static KnownEvent?[] Find(SqliteDatabase database, IReadOnlyList<EventKey> keys)
    {
        var found = new KnownEvent?[keys.Count];
        var lookup = new SeenLookup(database);
        foreach (var i in SeenKey.Order(keys, static key => key))
        {
            found[i] = lookup.MoveTo(keys[i]) ? new KnownEvent(SeenEvents.Content(lookup._from), 0) : null;
        }

        lookup._from.Reset();
        return found;
    }

    /// <summary>Moves to the first row that is not before <paramref name="key"/>; true when it is the key's own.</summary>
    private bool MoveTo(EventKey key)
    {
        // Two keys with the same start may come the wrong way round: the second is then searched for.
        var walks = _isOpen && !IsBefore(key, _sought);
        for (var steps = 0; walks && !_isAtEnd && IsBefore(_at, key); steps++)
        {
            walks = steps < MaxSteps;
            if (walks) Step();
        }

        if (!walks) Search(key);

        _sought = key;
        return !_isAtEnd && _at == key;
    }

    private static bool IsBefore(EventKey a, EventKey b) => a.Hour == b.Hour ? a.Key < b.Key : a.Hour < b.Hour;

    private void Search(EventKey key)
    {
        Span<byte> bytes = stackalloc byte[SeenKey.Bytes];
        SeenKey.Write(bytes, key);
        _from.Reset();
        _from.Bind(1, bytes);
        _isOpen = true;
        Step();
    }

    private void Step()
    {
        _isAtEnd = !_from.Step();
        if (!_isAtEnd) _at = SeenKey.Read(_from.Blob(0));
    }
}
