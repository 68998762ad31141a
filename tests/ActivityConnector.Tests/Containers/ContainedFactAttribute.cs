using System.Diagnostics;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Containers;

/// <summary>A test that runs a program in a root of its own: skipped, and counted, where this user may not; a failure where REQUIRE_SERVERS is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ContainedFactAttribute : FactAttribute
{
    public ContainedFactAttribute() =>
        Skip = ServerFolder.IsRequired || MayMount() ? null : "This user may not mount: run the tests as root on Linux for what a container does.";

    private static bool MayMount()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return false;

        var start = new ProcessStartInfo("sh", ["-c", "unshare --mount mount -t tmpfs tmpfs /mnt"]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
