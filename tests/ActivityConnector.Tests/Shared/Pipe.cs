using System.Diagnostics;

namespace ActivityConnector.Tests.Shared;

/// <summary>A named pipe that nobody writes into.</summary>
internal static class Pipe
{
    public static string Make(string path)
    {
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }
}
