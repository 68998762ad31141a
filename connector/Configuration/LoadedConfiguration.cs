using System.Text.Json;
using ActivityConnector.Vendors;
using Microsoft.Extensions.Configuration.Memory;

namespace ActivityConnector.Configuration;

/// <summary>The options and everything that is wrong with them. Reading it touches files only: no network, nothing is written.</summary>
/// <param name="Options">Only for use when <see cref="CanRun"/>.</param>
/// <param name="Problems">In the order in which a reader of the file meets them; warnings among them.</param>
/// <param name="File">The file that was read, if any.</param>
internal sealed record LoadedConfiguration(ConnectorOptions Options, IReadOnlyList<ConfigurationProblem> Problems, string? File)
{
    private const string FixFile = "Fix the file; config/connector.schema.json shows an editor what it may hold.";

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
        var configuration = new ConfigurationBuilder();
        AddFile(configuration, file, problems);
        configuration.Add(input.EnvironmentSource([.. OptionTypes.Properties(typeof(ConnectorOptions)).Select(p => p.Name)]));
        configuration.Add(input.SetSource());

        var reader = new OptionReader(problems);
        var options = reader.Read<ConnectorOptions>(configuration.Build());
        options.Transform.MappingsFolder = FolderOf("mappings", options.Transform.MappingsFolder, file, input);
        options.Elasticsearch.SetupFolder = FolderOf("elasticsearch", options.Elasticsearch.SetupFolder, file, input);
        new ConfigurationRules(reader.KeyOf, input.WorkingDirectory, clock, problems).Check(options);
        if (!string.IsNullOrWhiteSpace(options.Journal.Path)) options.Journal.Path = Path.GetFullPath(options.Journal.Path, input.WorkingDirectory);

        if (VendorTables.Read(options.Transform.MappingsFolder, problems) is { } tables)
        {
            PrivacyRule.Check(options.Transform, tables.Values.First(), problems);
        }

        return new LoadedConfiguration(options, problems, file);
    }

    private static void AddFile(ConfigurationBuilder configuration, string? file, List<ConfigurationProblem> problems)
    {
        if (file is null) return;

        try
        {
            // Built here, alone, so that a broken file is one problem and the other layers are still read.
            using var stream = System.IO.File.OpenRead(file);
            var values = new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable();
            configuration.Add(new MemoryConfigurationSource { InitialData = [.. values] });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(
                file,
                "The configuration file cannot be read: " + FileProblem.Describe(e) + ".",
                "Give the path of a readable file with --config."));
        }
        catch (JsonException e)
        {
            problems.Add(new(file, $"It is not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.", FixFile));
        }
        catch (FormatException e)
        {
            problems.Add(new(file, e.Message, FixFile));
        }
        catch (InvalidOperationException)
        {
            problems.Add(new(file, "It has a text that cannot be decoded: an escape such as \\ud800 without the other half of its pair.", FixFile));
        }
    }

    /// <summary>A folder that is not given stands beside the configuration file, else beside the binary.</summary>
    private static string FolderOf(string name, string? given, string? file, ConfigurationInput input)
    {
        if (given is { Length: > 0 }) return Path.GetFullPath(given, input.WorkingDirectory);

        var beside = file is null ? null : Path.Combine(Path.GetDirectoryName(file)!, name);
        return Directory.Exists(beside) ? beside : Path.Combine(input.BinaryDirectory, "config", name);
    }
}
