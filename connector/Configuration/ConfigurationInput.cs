using Microsoft.Extensions.Configuration.Memory;

namespace ActivityConnector.Configuration;

/// <summary>What the caller gives, weakest first: a file, environment variables, <c>--set</c>.</summary>
internal sealed record ConfigurationInput
{
    /// <summary>The environment variable that names the file where <c>--config</c> is not given.</summary>
    public const string FileVariable = "ACTIVITY_CONNECTOR_CONFIG";

    /// <summary>
    /// The file of <c>--config</c>; null = that of <see cref="FileVariable"/>, else <c>config/connector.json</c> beside the program, else none.
    /// Never one of the working directory: any user who can write there could send a credential to another address.
    /// </summary>
    public string? File { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The pairs of <c>--set</c>; a later one wins.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Set { get; init; } = [];

    public string WorkingDirectory { get; init; } = Directory.GetCurrentDirectory();

    public string BinaryDirectory { get; init; } = AppContext.BaseDirectory;

    /// <summary>The file that is read, or null when there is none to read.</summary>
    public string? FindFile()
    {
        if ((File ?? Environment.GetValueOrDefault(FileVariable)) is { Length: > 0 } named) return Path.GetFullPath(named, WorkingDirectory);

        var beside = Path.Combine(BinaryDirectory, "config", "connector.json");
        return System.IO.File.Exists(beside) ? beside : null;
    }

    /// <summary>
    /// Of the environment only what names one of the sections: everything else in it is not ours. A first word that is nearly
    /// a section is taken too, so that it is reported instead of ignored.
    /// </summary>
    public MemoryConfigurationSource EnvironmentSource(IReadOnlyCollection<string> sections) => new()
    {
        InitialData = Environment
            .Where(v => v.Key.Contains("__", StringComparison.Ordinal)
                && Suggestion.For(v.Key[..v.Key.IndexOf("__", StringComparison.Ordinal)], sections) is not null)
            .Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), (string?)v.Value)),
    };

    public MemoryConfigurationSource SetSource() => new()
    {
        InitialData = Set.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)).Reverse().DistinctBy(s => s.Key, StringComparer.OrdinalIgnoreCase),
    };
}
