using Microsoft.Extensions.Configuration.Memory;

namespace ActivityConnector.Configuration;

/// <summary>The layers of the configuration, merged, and where each value was written. Weakest first: file, environment, <c>--set</c>.</summary>
internal sealed class ConfigurationLayers
{
    private readonly Dictionary<string, LayerValue> _values = new(StringComparer.OrdinalIgnoreCase);

    private ConfigurationLayers(IEnumerable<LayerValue> values)
    {
        foreach (var value in values) _values[value.Key] = value;

        Configuration = new ConfigurationBuilder()
            .Add(new MemoryConfigurationSource { InitialData = _values.Values.Select(v => KeyValuePair.Create(v.Key, v.Value)) })
            .Build();
    }

    public IConfiguration Configuration { get; }

    /// <summary>False when there is a file, and nothing of it could be read: what is missing may stand there.</summary>
    public required bool IsFileRead { get; init; }

    /// <summary>Reads every layer; a file that cannot be read is a problem, and the others are still read.</summary>
    public static ConfigurationLayers Read(ConfigurationInput input, ICollection<ConfigurationProblem> problems)
    {
        var file = input.FindFile();
        var values = file is null ? [] : ConfigurationFile.Read(file, problems);
        return new([.. values ?? [], .. input.FromEnvironment(problems), .. input.FromSet()]) { IsFileRead = values is not null };
    }

    /// <summary>Every value that counts.</summary>
    public IEnumerable<LayerValue> All => _values.Values;

    /// <summary>The value that counts for an option; null when none is given. A key of an account holds also without the account's number.</summary>
    public LayerValue? Find(string key) => Given(key) ?? Given(OptionTypes.WithoutNumbers(key));

    /// <summary>The first value at or below a key that is no option.</summary>
    public LayerValue? FindBelow(string key) => _values.GetValueOrDefault(key)
        ?? _values.Values.FirstOrDefault(v => v.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase));

    private LayerValue? Given(string key) => _values.GetValueOrDefault(key) is { Value.Length: > 0 } value ? value : null;
}
