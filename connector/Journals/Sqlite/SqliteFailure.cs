using System.Globalization;
using ActivityConnector.Pipeline;
using SQLitePCL;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>What an error of SQLite means for the operator.</summary>
internal static class SqliteFailure
{
    /// <summary>What to do about a journal that is damaged.</summary>
    public const string Restore = "Restore it from a backup, or move it away to read everything again: sinks keep each event once.";

    /// <param name="code">The extended result code.</param>
    public static Exception Of(string path, int code, string text, Exception? inner) => (code & 0xFF) switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new JournalBusyException(
            $"Another program holds a lock on the journal {path}.",
            "Close the program that has it open for writing (a sqlite3 shell, a backup).", inner),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_FORMAT => new JournalCorruptException(
            $"The journal {path} is damaged or not a journal: {text}.",
            Restore, inner),
        raw.SQLITE_CONSTRAINT => new InvalidOperationException(
            $"An event is already in the journal, or twice in one commit ({text}). Nothing of the commit was written.", inner),
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_CANTOPEN or raw.SQLITE_AUTH => new JournalUnavailableException(
            $"The journal {path} cannot be opened for what was asked: {text}.",
            "Check that the path exists and that this user may read and write the file and its directory.", inner),
        _ => new JournalUnavailableException(
            $"The disk under the journal {path} failed: {text} ({code}).",
            "Check the volume and the system's log.", inner),
    };

    /// <summary>SQLite answers the same for a full disk and for a file at its limit; the numbers show which it is.</summary>
    public static Exception Full(string path, long? maxBytes)
    {
        var file = new FileInfo(Path.GetFullPath(path));
        var (size, log) = (file.Exists ? file.Length : 0, LogBytes(path));
        var free = new DriveInfo(file.DirectoryName!).AvailableFreeSpace;
        return new JournalFullException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The journal {path} is full: the file has {Mebibytes(size)}, its write-ahead log (-wal) {Mebibytes(log)}"
                + $"{(maxBytes is { } most ? $", and together they may have {Mebibytes(most)}" : "")}; {Mebibytes(free)} are free on the disk."),
            RoomFix(maxBytes - size - log < free) + " Collection continues by itself once there is room.");
    }

    /// <summary>What gives a journal room.</summary>
    /// <param name="isLimited">Whether its limit is nearer than the end of the disk.</param>
    public static string RoomFix(bool isLimited) => isLimited
        ? "Raise Journal:MaxBytes (not given: 80 % of what was free at the start), or lower Journal:Retention; events that a sink still has to get stay."
        : "Make room on the disk, or lower Journal:Retention; events that a sink still has to get stay.";

    /// <summary>What is asked of rows that may hold anything: a value that cannot be is damage of the journal, not of the program.</summary>
    public static T OfRows<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException or InvalidDataException)
        {
            throw new JournalCorruptException($"The journal {path} has a row that cannot be read ({e.GetType().Name}).", Restore, e);
        }
    }

    /// <summary>Rows that are asked for in order, and do not come so.</summary>
    public static JournalCorruptException OutOfOrder(string path) => new($"The journal {path} is damaged: its rows are out of order.", Restore);

    /// <summary>What the write-ahead log has on the disk.</summary>
    public static long LogBytes(string path)
    {
        var log = new FileInfo(Path.GetFullPath(path) + "-wal");
        return log.Exists ? log.Length : 0;
    }

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_048_576.0:F1} MiB");
}
