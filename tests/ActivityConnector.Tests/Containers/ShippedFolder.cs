using System.Diagnostics;
using System.Security.Cryptography;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Containers;

/// <summary>What <c>build/publish</c> makes for the image, once for all tests.</summary>
public sealed class ShippedFolder : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.File("app");

    /// <summary>Publishes from a folder, which may be another copy of the repository.</summary>
    public static async Task PublishAsync(string root, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [System.IO.Path.Combine(root, "build", "publish"), "linux-x64", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"build/publish failed:\n{await output}\n{await errors}");
    }

    /// <summary>The files below a folder, each with a digest of what it holds.</summary>
    public static IReadOnlyDictionary<string, string> Digests(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => System.IO.Path.GetRelativePath(folder, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));

    public Task InitializeAsync() => PublishAsync(DeliveredFiles.Root, Path);

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}
