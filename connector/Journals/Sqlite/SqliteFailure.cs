using ActivityConnector.Pipeline;
using SQLitePCL;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>What an error of SQLite means for the operator.</summary>
internal static class SqliteFailure
{
    /// <param name="code">The extended result code.</param>
    public static Exception Of(string path, int code, string text, Exception? inner) => (code & 0xFF) switch
    {
        raw.SQLITE_FULL => new JournalFullException(
            $"The disk of the journal {path} is full.",
            "Free some space on it; collection goes on by itself.", inner),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new JournalBusyException(
            $"Another program holds a lock on the journal {path}.",
            "Close the program that has it open for writing (a sqlite3 shell, a backup).", inner),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_FORMAT => new JournalCorruptException(
            $"The journal {path} is damaged or not a journal: {text}.",
            "Restore it from a backup, or move it away to read everything again: sinks keep each event once.", inner),
        raw.SQLITE_CONSTRAINT => new InvalidOperationException(
            $"An event is already in the journal, or twice in one commit ({text}). Nothing of the commit was written.", inner),
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_CANTOPEN or raw.SQLITE_AUTH => new JournalUnavailableException(
            $"The journal {path} cannot be opened for what was asked: {text}.",
            "Check that the path exists and that this user may read and write the file and its directory.", inner),
        _ => new JournalUnavailableException(
            $"The disk under the journal {path} failed: {text} ({code}).",
            "Check the volume and the system's log.", inner),
    };

    public static Exception AtItsLimit(string path) => new JournalFullException(
        $"The journal {path} has reached its size limit.",
        "Raise Journal:MaxBytes, lower Journal:Retention, or let the sinks catch up; collection goes on by itself.");
}
