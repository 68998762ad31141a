using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>A folder beside the repository that holds a real server with a <c>start</c> and a <c>stop</c> script, if it is there.</summary>
internal static class ServerFolder
{
    private static readonly HashSet<int> Given = [];

    /// <summary>True when a test that has no server is to fail instead of being skipped: in CI.</summary>
    public static bool IsRequired { get; } = Environment.GetEnvironmentVariable("REQUIRE_SERVERS") == "1";

    /// <summary>The path of a server, or null.</summary>
    public static string? Find(string server)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "shared", "servers", server);
            if (File.Exists(Path.Combine(folder, "start"))) return folder;
        }

        return null;
    }

    /// <summary>Runs one of its scripts and returns what it printed.</summary>
    public static Task<string> RunAsync(string folder, string script, params string[] arguments) =>
        RunAsync(new Dictionary<string, string>(), folder, script, arguments);

    /// <inheritdoc cref="RunAsync(string, string, string[])"/>
    public static async Task<string> RunAsync(IReadOnlyDictionary<string, string> environment, string folder, string script, params string[] arguments)
    {
        // A server outlives the script and keeps its streams: they end in a file, and the script's end is awaited.
        var output = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(
                "bash", ["-c", "exec > \"$0\" 2>&1 < /dev/null; \"$@\"", output, Path.Combine(folder, script), .. arguments]);
            foreach (var (name, value) in environment) start.Environment[name] = value;

            using var process = Process.Start(start)!;
            await process.WaitForExitAsync();
            var text = await File.ReadAllTextAsync(output);
            return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{script} {string.Join(' ', arguments)} failed:\n{text}");
        }
        finally
        {
            File.Delete(output);
        }
    }

    /// <summary>The first of some neighbouring ports that are free now, below those that the system gives to clients. None is given twice.</summary>
    public static int FreePorts(int count, int beside = 0)
    {
        lock (Given)
        {
            for (var port = 20_000 + (Environment.ProcessId % 50 * 200); port < 32_000; port += 10)
            {
                // A server that is down for a while gets its ports again: those beside the first one are nobody else's either.
                int[] ports = [.. Enumerable.Range(port, count), .. Enumerable.Range(port + beside, count)];
                if (!ports.Any(Given.Contains) && ports.All(IsFree))
                {
                    Given.UnionWith(ports);
                    return port;
                }
            }
        }

        throw new InvalidOperationException("No free port.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
