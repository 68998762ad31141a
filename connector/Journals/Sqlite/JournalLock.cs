using System.Runtime.InteropServices;
using System.Text;
using ActivityConnector.Pipeline;
using Microsoft.Win32.SafeHandles;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>
/// The ownership of a journal by one process: a locked file beside it, for this user only, that holds a name of this very ownership. Not
/// SQLite's exclusive mode, which would also shut out the commands that only read. The kernel releases it when the process ends, however it
/// ends; the file stays.
/// </summary>
internal sealed class JournalLock : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int HeldOnLinux = 11;
    private const int HeldOnMac = 35;
    private const int ExclusiveAndAtOnce = 2 | 4;
    private const int Release = 8;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly byte[] _name = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString());

    private JournalLock(string path, SafeFileHandle file)
    {
        (_path, _file) = (path, file);
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, _name, 0);
    }

    /// <summary>Whether the file at the path is still this one: neither deleted nor replaced.</summary>
    /// <exception cref="JournalUnavailableException">It cannot be seen now.</exception>
    public bool IsInPlace
    {
        get
        {
            // There a file that is open can be neither.
            if (OperatingSystem.IsWindows()) return true;

            try
            {
                using var file = RegularFile.Open(_path, FileAccess.Read, followLinks: false);
                var name = new byte[_name.Length + 1];
                return name.AsSpan(0, RandomAccess.Read(file, name, 0)).SequenceEqual(_name);
            }
            catch (IOException e) when (e is FileNotFoundException || Directory.Exists(_path) || RegularFile.IsLink(_path))
            {
                return false;
            }
            catch (IOException e)
            {
                throw new JournalUnavailableException($"The file {_path} {e.Message.TrimEnd('.')}.", "See what the system says of it; it is tried again.", e);
            }
        }
    }

    /// <summary>Null if another process (or another journal of this one) holds it.</summary>
    /// <exception cref="JournalUnavailableException">The directory cannot be written, or what stands in the file's place is none.</exception>
    public static JournalLock? TryTake(string path)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var file = path + ".lock";
        try
        {
            Directory.CreateDirectory(directory);
            if (RegularFile.Oddity(file) is null) MakePrivate(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnavailableException(
                $"The directory {directory} of the journal cannot be written: {e.Message}",
                $"Make it writable for the user {Environment.UserName}, or set Journal:Path.", e);
        }

        try
        {
            return RegularFile.Oddity(file) is { } oddity ? throw new IOException(oddity) : TryLock(file);
        }
        catch (IOException e)
        {
            throw new JournalUnavailableException(
                $"The file {file}, which keeps two connectors apart, {e.Message.TrimEnd('.')}.",
                "Find out who made it, and remove it while no connector runs; or set Journal:Path to a directory that only the connector's user can write.", e);
        }
    }

    /// <summary>Makes an empty file that only its owner can read, unless something stands there. Never through a link.</summary>
    public static void MakePrivate(string path)
    {
        if (File.Exists(path) || RegularFile.IsLink(path)) return;

        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;

            new FileStream(path, options).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster.
        }
    }

    public void Dispose()
    {
        // A child process has a copy of the handle from fork to exec; closing this one would leave the file locked until then.
        if (!OperatingSystem.IsWindows() && !_file.IsClosed) _ = LockUnix(_file, Release);

        _file.Dispose();
    }

    private static JournalLock? TryLock(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                return new JournalLock(path, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (e.HResult == unchecked((int)0x80070020))
            {
                return null;
            }
        }

        var file = RegularFile.Open(path, FileAccess.ReadWrite, followLinks: false);
        if (LockUnix(file, ExclusiveAndAtOnce) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            file.Dispose();
            return error is HeldOnLinux or HeldOnMac ? null : throw new IOException($"cannot be locked ({Marshal.GetPInvokeErrorMessage(error)})");
        }

        try
        {
            // Any user who can read it could lock it.
            File.SetUnixFileMode(file, OwnerOnly);
        }
        catch (UnauthorizedAccessException)
        {
            // It belongs to another user, who lets this one write it.
        }

        return new JournalLock(path, file);
    }

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int LockUnix(SafeFileHandle file, int operation);
}
