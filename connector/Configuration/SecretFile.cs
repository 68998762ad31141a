using System.Text;

namespace ActivityConnector.Configuration;

/// <summary>A file that holds one secret.</summary>
internal static class SecretFile
{
    public const string NewKey = "Give a file with at least 16 random bytes, for example made with: openssl rand -hex 32.";

    /// <param name="fewestBytes">A secret with fewer, without the white space around it, is too short.</param>
    public static void Check(string key, string path, string workingDirectory, ICollection<ConfigurationProblem> problems, int fewestBytes = 1)
    {
        try
        {
            var bytes = Encoding.UTF8.GetByteCount(File.ReadAllText(Path.GetFullPath(path, workingDirectory)).Trim());
            if (bytes == 0)
            {
                problems.Add(new(key, $"The file {path} is empty.", "Write the secret into it."));
            }
            else if (bytes < fewestBytes)
            {
                problems.Add(new(key, $"The key in the file {path} has {bytes} bytes, and at least {fewestBytes} are needed.", NewKey));
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
