using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ActivityConnector.Pipeline;

/// <summary>
/// Files that another user may have put in place: opening one never waits for the other end of a pipe, and reading one never takes more than
/// it may have. What stands in the way is an <see cref="IOException"/> that begins with a verb, after "the file", and never holds the path: the
/// value of an option for a file may be the secret itself.
/// </summary>
internal static class RegularFile
{
    private const int NoSuchFile = 2;
    private const int IsDirectory = 21;
    private const int TooManyLinksOnLinux = 40;
    private const int TooManyLinksOnMac = 62;

    /// <summary>The whole content; a link is followed.</summary>
    /// <param name="mostBytes">What it may have.</param>
    /// <exception cref="IOException">It cannot be opened, is no regular file, or is too large.</exception>
    public static byte[] Read(string path, int mostBytes)
    {
        using var file = Open(path, FileAccess.Read, followLinks: true);
        var length = Length(file);
        if (length > mostBytes) throw TooLarge(mostBytes);

        // One byte more than it says it has: a device says nothing and gives without end.
        var bytes = new byte[(int)length + 1];
        var count = 0;
        while (count < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(count), count) is > 0 and var read) count += read;

        if (count > length)
        {
            throw length == 0 ? new IOException("is a device or another special file, not a regular one") : new IOException("changed while it was read");
        }

        return bytes[..count];
    }

    /// <summary>Opens a file that is there.</summary>
    /// <param name="followLinks">Whether the last part of the path may be a symbolic link.</param>
    /// <exception cref="IOException">It is not there, is a folder or a link that is not to be followed, or access is denied.</exception>
    public static SafeFileHandle Open(string path, FileAccess access, bool followLinks)
    {
        if (path.Contains('\0')) throw new IOException("cannot be opened (there is a NUL in its path)");

        if (Directory.Exists(path)) throw new IOException("is a folder");

        if (OperatingSystem.IsWindows())
        {
            if (!followLinks && IsLink(path)) throw new IOException("is a symbolic link");

            return File.OpenHandle(path, FileMode.Open, access);
        }

        var handle = OpenUnix(path, Flags(access, followLinks));
        if (!handle.IsInvalid) return handle;

        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw error switch
        {
            NoSuchFile => new FileNotFoundException(IsLink(path) ? "is a symbolic link to nothing" : "is not there"),
            IsDirectory => new IOException("is a folder"),
            TooManyLinksOnLinux or TooManyLinksOnMac when !followLinks => new IOException("is a symbolic link"),
            _ => new IOException($"cannot be opened ({Marshal.GetPInvokeErrorMessage(error)})"),
        };
    }

    /// <summary>
    /// What stands at the path and is no regular file, as a verb with its object; null for a regular file, for none, and for one that cannot be opened.
    /// </summary>
    public static string? Oddity(string path)
    {
        if (IsLink(path)) return "is a symbolic link";

        if (Directory.Exists(path)) return "is a folder";

        if (!File.Exists(path) || OperatingSystem.IsWindows()) return null;

        try
        {
            using var file = Open(path, FileAccess.Read, followLinks: false);
            _ = Length(file);
            return (File.GetAttributes(path) & FileAttributes.Device) != 0 ? "is a device" : null;
        }
        catch (IOException e) when (e is not FileNotFoundException && e.Message.StartsWith("is ", StringComparison.Ordinal))
        {
            return e.Message;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Whether the last part of the path is a symbolic link, to whatever it leads.</summary>
    public static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    /// <summary>Whether every user of the system may write the file; false where that cannot be told.</summary>
    public static bool IsWritableByAll(string path)
    {
        if (OperatingSystem.IsWindows()) return false;

        try
        {
            using var file = Open(path, FileAccess.Read, followLinks: true);
            return File.GetUnixFileMode(file).HasFlag(UnixFileMode.OtherWrite);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static long Length(SafeFileHandle file)
    {
        try
        {
            return RandomAccess.GetLength(file);
        }
        catch (NotSupportedException)
        {
            throw new IOException("is a pipe or a socket, not a regular file");
        }
    }

    private static IOException TooLarge(int mostBytes) => new($"has more than {mostBytes / 1024} KiB");

    /// <summary>Without waiting for a writer of a pipe, without making a terminal ours, closed in child processes. .NET has no names for these.</summary>
    private static int Flags(FileAccess access, bool followLinks)
    {
        var flags = access == FileAccess.Read ? 0 : 2;
        if (OperatingSystem.IsMacOS()) return flags | 0x4 | 0x20000 | 0x1000000 | (followLinks ? 0 : 0x100);

        var noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x8000 : 0x20000;
        return flags | 0x800 | 0x100 | 0x80000 | (followLinks ? 0 : noFollow);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern SafeFileHandle OpenUnix([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
