using ActivityConnector.Pipeline;
using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>The options and everything that is wrong with them. Reading it touches files only: no network, nothing is written.</summary>
/// <param name="Options">Only for use when <see cref="CanRun"/>.</param>
/// <param name="Problems">In the order in which a reader of the file meets them; warnings among them.</param>
/// <param name="File">The file that was read, if any.</param>
internal sealed record LoadedConfiguration(ConnectorOptions Options, IReadOnlyList<ConfigurationProblem> Problems, string? File)
{
    /// <summary>Where each value was written.</summary>
    public required ConfigurationLayers Layers { get; init; }

    /// <summary>The key of an object of the options that stands in a list.</summary>
    public required Func<object, string> KeyOf { get; init; }

    /// <summary>The folder of delivered files with a name: beside the configuration file, else beside the binary.</summary>
    public required Func<string, string> FolderOf { get; init; }

    /// <summary>False when at least one problem is more than a warning.</summary>
    public bool CanRun => Problems.All(p => p.IsWarning);

    /// <summary>
    /// The problems that concern a command which needs only some sections: those of other sections do not keep it from its work,
    /// those of the file as a whole do.
    /// </summary>
    public LoadedConfiguration For(params IEnumerable<string> sections)
    {
        var others = OptionTypes.Properties(typeof(ConnectorOptions)).Select(p => p.Name).Except(sections).ToList();
        return this with { Problems = [.. Problems.Where(p => !others.Contains(p.Key.Split(':')[0]))] };
    }

    /// <summary>Reads every layer, then holds the result against every rule.</summary>
    public static LoadedConfiguration Load(ConfigurationInput input, TimeProvider clock)
    {
        var problems = new List<ConfigurationProblem>();
        var file = input.FindFile();
        var layers = ConfigurationLayers.Read(input, problems);
        var reader = new OptionReader(layers, problems);
        var options = reader.Read<ConnectorOptions>(layers.Configuration);
        options.Transform.MappingsFolder ??= FindFolder("mappings");
        options.Elasticsearch.SetupFolder ??= FindFolder("elasticsearch");
        if (options.Journal.Path.Length == 0) options.Journal.Path = Path.GetFullPath(JournalOptions.DefaultPath, input.WorkingDirectory);

        new ConfigurationRules(reader.KeyOf, input.WorkingDirectory, clock, problems).Check(options);
        new UnusedRules(reader.KeyOf, problems).Check(options);
        new JournalPathRule(layers, input.WorkingDirectory, problems).Check(options.Journal);
        if (VendorTables.Read(options.Transform.MappingsFolder, problems) is { } tables)
        {
            PrivacyRule.Check(options.Transform, tables.Values.First(), problems);
            SeverityRule.Check(options.Transform, tables.Values, problems);
        }

        var located = problems.Select(p => p.SetBy is null ? p with { SetBy = layers.Find(p.Key)?.Origin } : p);

        // What is missing may stand in the file: only what is wrong wherever it stands is a second problem.
        if (!layers.IsFileRead) located = located.Where(p => p.SetBy is not null || p.Key == file);

        return new LoadedConfiguration(options, [.. located], file) { Layers = layers, KeyOf = reader.KeyOf, FolderOf = FindFolder };

        string FindFolder(string name)
        {
            var beside = file is null ? null : Path.Combine(Path.GetDirectoryName(file)!, name);
            return Directory.Exists(beside) ? beside : Path.Combine(input.BinaryDirectory, "config", name);
        }
    }
}
