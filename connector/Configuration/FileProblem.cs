namespace ActivityConnector.Configuration;

/// <summary>Why a file cannot be read, in words that need no stack trace.</summary>
internal static class FileProblem
{
    public static string Describe(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "it is a folder or access is denied",
        _ => e.Message.TrimEnd('.'),
    };
}
