using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>
/// The ownership of a journal by one process: a locked file beside it. Not SQLite's exclusive mode, which would also shut out the
/// commands that only read. The kernel releases it when the process ends, however it ends; the file stays.
/// </summary>
internal sealed class JournalLock : IDisposable
{
    private readonly FileStream _file;

    private JournalLock(FileStream file) => _file = file;

    /// <summary>Null if another process (or another journal of this one) holds it.</summary>
    /// <exception cref="JournalUnavailableException">The directory cannot be written.</exception>
    public static JournalLock? TryTake(string path)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            Directory.CreateDirectory(directory);
            return new JournalLock(new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnavailableException(
                $"The directory {directory} of the journal cannot be written: {e.Message}",
                $"Make it writable for the user {Environment.UserName}, or set Journal:Path.", e);
        }
    }

    public void Dispose() => _file.Dispose();

    // EWOULDBLOCK of Linux and of macOS, and Windows' sharing violation.
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
