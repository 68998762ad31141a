using System.Diagnostics;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>The tools beside the repository (shared/tools), if they are there.</summary>
internal static class ToolFolder
{
    /// <summary>The path of a tool, for example <c>promtool</c>; null when it is not there.</summary>
    public static string? Find(string tool)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var path = Path.Combine(at.FullName, "shared", "tools", tool);
            if (File.Exists(path)) return path;
        }

        return null;
    }

    public static string? Missing(string tool) => Find(tool) is null ? $"There is no {tool} here: put one beside the repository (shared/tools/{tool})." : null;

    /// <summary>Runs a tool to its end and returns its exit code with all that it printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string tool, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(tool) ?? throw new InvalidOperationException(Missing(tool)), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
