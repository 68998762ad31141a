namespace ActivityConnector.Configuration;

/// <summary>The mapping tables are there and can be read.</summary>
internal static class MappingRules
{
    public const string IntercomTable = "intercom-ecs.csv";
    public const string SequenceTable = "sequence-ecs.csv";

    public static void Check(string folder, ICollection<ConfigurationProblem> problems)
    {
        foreach (var name in new[] { IntercomTable, SequenceTable })
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                problems.Add(new("Transform:MappingsFolder", $"There is no table {path}.", "Give the folder that holds intercom-ecs.csv and sequence-ecs.csv."));
            }
        }
    }
}
