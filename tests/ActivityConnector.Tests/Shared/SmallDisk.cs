using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Shared;

/// <summary>A file system of its own, in memory, of a few mebibytes: it can be really full.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallDisk(int mebibytes)
    {
        if (TryRun("mount", "-t", "tmpfs", "-o", Size(mebibytes), "tmpfs", _folder.Path) is { } problem)
        {
            _folder.Dispose();
            throw new InvalidOperationException(problem);
        }
    }

    /// <summary>Why this user cannot have one; null when it can.</summary>
    public static string? Missing { get; } = Try();

    public string File(string name) => _folder.File(name);

    public void Grow(int mebibytes) => Assert.Null(TryRun("mount", "-o", "remount," + Size(mebibytes), _folder.Path));

    public void Dispose()
    {
        Assert.Null(TryRun("umount", _folder.Path));
        _folder.Dispose();
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux()) return "Only Linux has tmpfs.";

        try
        {
            new SmallDisk(1).Dispose();
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }

    private static string Size(int mebibytes) => string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m");

    private static string? TryRun(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"A file system in memory cannot be mounted here: {errors.Trim()}";
        }
        catch (Win32Exception e)
        {
            return $"A file system in memory cannot be mounted here: {e.Message}";
        }
    }
}

/// <summary>A test that needs a <see cref="SmallDisk"/>: skipped, and counted, where it may not be mounted; a failure where REQUIRE_SERVERS is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = ServerFolder.IsRequired ? null : SmallDisk.Missing;
}
