namespace ActivityConnector.Configuration;

/// <summary>A file that holds one secret.</summary>
internal static class SecretFile
{
    public static void Check(string key, string path, string workingDirectory, ICollection<ConfigurationProblem> problems)
    {
        try
        {
            if (string.IsNullOrWhiteSpace(File.ReadAllText(Path.GetFullPath(path, workingDirectory))))
            {
                problems.Add(new(key, $"The file {path} is empty.", "Write the secret into it."));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(
                key,
                $"The file {path} cannot be read: {FileProblem.Describe(e)}.",
                "Give the path of a file that the connector's user can read."));
        }
    }
}
