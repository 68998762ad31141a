using ActivityConnector.Pipeline;

namespace ActivityConnector.Configuration;

/// <summary>
/// Where the journal is. A relative path of a configuration file starts from that file; where a journal is in the working directory instead, a start would
/// make an empty one and read everything again.
/// </summary>
internal sealed class JournalPathRule(ConfigurationLayers layers, string workingDirectory, ICollection<ConfigurationProblem> problems)
{
    private const string Key = "Journal:Path";

    public void Check(JournalOptions journal)
    {
        if (string.IsNullOrWhiteSpace(journal.Path))
        {
            problems.Add(new(Key, "It is blank.", $"Give the path of a file on a local disk, for example {JournalOptions.DefaultPath}."));
        }
        else if (Directory.Exists(journal.Path))
        {
            problems.Add(new(Key, $"{journal.Path} is a folder.", $"Give the path of a file, for example {JournalOptions.DefaultPath}."));
        }
        else if (journal.Kind == JournalKind.Sqlite && layers.Find(Key) is { Value: { } written } && !written.Contains('\0') && !File.Exists(journal.Path)
            && Path.GetFullPath(written, workingDirectory) is var other && other != journal.Path && File.Exists(other))
        {
            problems.Add(new(
                Key,
                $"It is relative to the configuration file, and means {journal.Path}, where there is no journal; {other} is one.",
                $"Give the whole path: {other} to go on with that journal."));
        }
    }
}
