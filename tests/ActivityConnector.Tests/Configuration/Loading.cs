using ActivityConnector.Configuration;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Configuration;

/// <summary>Configuration as a process would load it, from a folder of its own and with no environment but the given one.</summary>
internal sealed class Loading : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("configuration").FullName;

    public Dictionary<string, string> Environment { get; } = [];

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public LoadedConfiguration Load(string? file = null, params string[] set) => LoadedConfiguration.Load(
        new ConfigurationInput
        {
            File = file,
            Environment = Environment,
            Set = [.. set.Select(s => KeyValuePair.Create(s[..s.IndexOf('=', StringComparison.Ordinal)], s[(s.IndexOf('=', StringComparison.Ordinal) + 1)..]))],
            WorkingDirectory = Folder,
        },
        new ManualTimeProvider());

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
