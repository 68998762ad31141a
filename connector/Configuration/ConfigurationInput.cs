namespace ActivityConnector.Configuration;

/// <summary>What the caller gives, weakest first: a file, environment variables, <c>--set</c>.</summary>
internal sealed record ConfigurationInput
{
    private static readonly string[] FirstWords =
        [.. OptionTypes.Properties(typeof(ConnectorOptions)).Concat(OptionTypes.Properties(typeof(SourcesOptions))).Select(p => p.Name)];

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
    /// Of the environment only what names one of the sections: everything else in it is not ours. A first word that is nearly a section, or a
    /// vendor, is taken too, so that it is reported instead of ignored; and so is the name of an option with single underscores.
    /// </summary>
    public IEnumerable<LayerValue> FromEnvironment(ICollection<ConfigurationProblem> problems)
    {
        foreach (var (name, value) in Environment.Where(v => v.Value.Length > 0))
        {
            if (name.Contains("__", StringComparison.Ordinal) || !name.Contains('_', StringComparison.Ordinal)) continue;

            var key = name.Replace('_', ':');
            if (OptionKeys.All.FirstOrDefault(k => k.Equals(key, StringComparison.OrdinalIgnoreCase)) is { } meant)
            {
                problems.Add(new(
                    meant,
                    $"The environment variable {name} has single underscores, and is not read.",
                    $"Write it as {meant.Replace(":", "__", StringComparison.Ordinal)}."));
            }
        }

        return Environment
            .Where(v => v.Key.Contains("__", StringComparison.Ordinal) && Suggestion.For(FirstWord(v.Key), FirstWords) is not null)
            .Select(v => new LayerValue(
                v.Key.Replace("__", ":", StringComparison.Ordinal), v.Value, $"environment variable {v.Key}", WorkingDirectory));
    }

    public IEnumerable<LayerValue> FromSet() => Set.Select(s => new LayerValue(s.Key, s.Value, "--set", WorkingDirectory));

    private static string FirstWord(string name) => name[..name.IndexOf("__", StringComparison.Ordinal)];
}
