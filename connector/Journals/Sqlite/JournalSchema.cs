using System.Globalization;
using System.Text.RegularExpressions;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>The tables of a journal.</summary>
internal static partial class JournalSchema
{
    public const int Version = 2;

    /// <summary>"ACTJ": marks a journal among other SQLite files.</summary>
    private const int ApplicationId = 0x4143544A;

    private const string Tables = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- seq and last_pos repeat what checkpoint and event_block say, so that a lost row is noticed.
        CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL, account TEXT NOT NULL, epoch INTEGER NOT NULL,
            seq INTEGER NOT NULL, last_pos INTEGER NOT NULL, UNIQUE(name, account));

        -- The newest two of each source: the older one is for when the newest is damaged.
        CREATE TABLE checkpoint(source INTEGER NOT NULL REFERENCES source(id), seq INTEGER NOT NULL, text BLOB NOT NULL,
            PRIMARY KEY(source, seq)) WITHOUT ROWID;

        -- Times in 100 ns since year 1, committed in Unix seconds, all UTC. The body is described in EventBlock; it is last, so that
        -- a block which is not wanted is skipped without reading it. The index tells what is old without looking at every block.
        CREATE TABLE event_block(last_pos INTEGER PRIMARY KEY, first_pos INTEGER NOT NULL, source INTEGER NOT NULL,
            committed INTEGER NOT NULL, min_time INTEGER NOT NULL, max_time INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX event_block_committed ON event_block(committed);

        -- k: 4 bytes of hour, then 16 bytes of the id's digest, so that neighbours in time are neighbours on disk.
        -- An index over random ids touches another page for each event: twice as slow at first, and growing with the table.
        -- Ids are never deleted. source 0: a build of version 1 wrote the row, of any source, and its content digest followed other rules.
        CREATE TABLE seen(k BLOB PRIMARY KEY, content INTEGER NOT NULL, source INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;

        CREATE TABLE reader(name TEXT PRIMARY KEY, pos INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE dead_letter(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, stage TEXT NOT NULL, reason TEXT NOT NULL,
            origin TEXT NOT NULL, at INTEGER NOT NULL, body BLOB, length INTEGER NOT NULL);
        """;

    /// <summary>The statement of version 1 that <see cref="FromVersion1"/> changes.</summary>
    private const string SeenOfVersion1 = "CREATE TABLE seen(k BLOB PRIMARY KEY, content INTEGER NOT NULL) WITHOUT ROWID";

    private const string FromVersion1 = """
        ALTER TABLE seen ADD COLUMN source INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX event_block_committed ON event_block(committed);
        """;

    /// <summary>Every statement that a journal of any version may have in its schema, without comments, spaces and line ends made one space.</summary>
    private static readonly HashSet<string> Known =
        [.. Comment().Replace(Tables, "").Split(';').Append(SeenOfVersion1).Select(Plain).Where(statement => statement.Length > 0)];

    private static readonly string[] Names = ["meta", "source", "checkpoint", "event_block", "seen", "reader", "dead_letter"];

    /// <summary>Prepares a connection that writes, makes the tables in a new file, and brings an older file to this version.</summary>
    public static void OpenForWriting(SqliteDatabase database, int pageSize, int walPages, DateTimeOffset now)
    {
        var isNew = database.Number("SELECT count(*) FROM sqlite_schema") == 0;
        if (isNew && database.Number("PRAGMA page_count") == 0 && new FileInfo(database.Path).Length > 0)
        {
            // SQLite takes a file that is cut to a few bytes for an empty one.
            throw SqliteFailure.Of(database.Path, SQLitePCL.raw.SQLITE_NOTADB, "the file is cut short", null);
        }

        if (isNew)
        {
            // Both hold only for a file that has no table yet; WAL mode writes its first page.
            database.Execute($"PRAGMA page_size={pageSize}; PRAGMA auto_vacuum=INCREMENTAL;");
        }

        var version = isNew ? Version : Verify(database);
        database.Execute($"""
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint={walPages};
            PRAGMA journal_size_limit={2L * walPages * pageSize}; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY;
            PRAGMA foreign_keys=ON;
            """);
        if (isNew)
        {
            database.Transaction(() =>
            {
                database.Execute($"PRAGMA application_id={ApplicationId}");
                database.Execute(Tables);
                SetVersion(database);
                Set(database, "agent_id", Guid.NewGuid().ToString());
                Set(database, "created_at", now.UtcDateTime.ToString("o", CultureInfo.InvariantCulture));
            });
        }
        else if (version < Version)
        {
            database.Transaction(() =>
            {
                database.Execute(FromVersion1);
                SetVersion(database);
            });
        }
    }

    /// <summary>The version of the file.</summary>
    /// <exception cref="JournalCorruptException">It is no journal, or of a version that this program does not know.</exception>
    public static int Verify(SqliteDatabase database)
    {
        if (database.Number("PRAGMA application_id") != ApplicationId)
        {
            throw new JournalCorruptException(
                $"{database.Path} is not a journal of this program.",
                "Set Journal:Path to another file.");
        }

        RefuseForeign(database);
        if (!int.TryParse(Get(database, "schema_version"), NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1)
        {
            throw new JournalCorruptException(
                $"The journal {database.Path} has lost its version.",
                SqliteFailure.Restore);
        }

        if (version > Version)
        {
            throw new JournalCorruptException(
                $"The journal {database.Path} has version {version}; this program knows versions up to {Version}.",
                $"Run a version of the connector that knows journal version {version}.");
        }

        return version;
    }

    public static string? Get(SqliteDatabase database, string key)
    {
        var select = database.Statement("SELECT value FROM meta WHERE key=?");
        select.Bind(1, key);
        var value = select.Step() ? select.Text(0) : null;
        select.Reset();
        return value;
    }

    public static void Set(SqliteDatabase database, string key, string value)
    {
        var insert = database.Statement("INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value=excluded.value");
        insert.Bind(1, key);
        insert.Bind(2, value);
        insert.Run();
    }

    /// <summary>
    /// Before anything is asked of a table: each is what a version of this program made. A view, a trigger or a column that is computed would
    /// run what another program wrote, for as long as that takes.
    /// </summary>
    private static void RefuseForeign(SqliteDatabase database)
    {
        var missing = new HashSet<string>(Names);
        var foreign = default(string);
        var select = database.Statement("SELECT type, name, sql FROM sqlite_schema");
        while (select.Step())
        {
            var (type, name) = (select.Text(0), select.Text(1));
            missing.Remove(name);

            // SQLite's own: the index of a key, and what its command ANALYZE counts.
            var isKnown = select.IsNull(2) ? type == "index" : Known.Contains(Plain(select.Text(2))) || (type == "table" && Statistics().IsMatch(name));
            if (!isKnown) foreign ??= $"the {type} \"{name}\"";
        }

        if (foreign is not null)
        {
            throw new JournalCorruptException($"The journal {database.Path} has {foreign}, which no version of this program makes.", SqliteFailure.Restore);
        }

        if (missing.Count > 0)
        {
            throw new JournalCorruptException($"The journal {database.Path} has lost its table {missing.First()}.", SqliteFailure.Restore);
        }
    }

    private static string Plain(string statement) => Space().Replace(statement, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex("--.*")]
    private static partial Regex Comment();

    [GeneratedRegex("^sqlite_stat[14]$")]
    private static partial Regex Statistics();

    private static void SetVersion(SqliteDatabase database) => Set(database, "schema_version", Version.ToString(CultureInfo.InvariantCulture));
}
