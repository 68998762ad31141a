using ActivityConnector.Transforms;

namespace ActivityConnector.Configuration;

/// <summary>The two mapping tables of a folder.</summary>
internal sealed record MappingTables(IntercomTable Intercom, SequenceTable Sequence)
{
    public const string IntercomFile = "intercom-ecs.csv";
    public const string SequenceFile = "sequence-ecs.csv";

    /// <summary>Reads them both; what is wrong with one does not hide what is wrong with the other.</summary>
    /// <returns>Null when there is a problem.</returns>
    public static MappingTables? Read(string folder, ICollection<ConfigurationProblem> problems)
    {
        var intercom = Read(Path.Combine(folder, IntercomFile), IntercomTable.Parse, problems);
        var sequence = Read(Path.Combine(folder, SequenceFile), SequenceTable.Parse, problems);
        return intercom is null || sequence is null ? null : new(intercom, sequence);
    }

    /// <summary>Reads them for a configuration that has been checked.</summary>
    /// <exception cref="InvalidOperationException">The folder has changed since; the message says what is wrong.</exception>
    public static MappingTables Of(TransformOptions options)
    {
        var problems = new List<ConfigurationProblem>();
        return Read(options.MappingsFolder!, problems) ?? throw new InvalidOperationException(string.Join(Environment.NewLine, problems));
    }

    private static T? Read<T>(string path, Func<string, T> parse, ICollection<ConfigurationProblem> problems)
        where T : class
    {
        try
        {
            return parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new("Transform:MappingsFolder", $"The table {path} cannot be read: {FileTrouble.Say(e)}.", $"Give the folder that holds {IntercomFile} and {SequenceFile}."));
        }
        catch (FormatException e)
        {
            problems.Add(new("Transform:MappingsFolder", $"The table {path} is broken: {e.Message.TrimEnd('.')}.", "Mend that line; the delivered table is an example."));
        }

        return null;
    }
}
