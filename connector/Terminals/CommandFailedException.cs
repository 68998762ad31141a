namespace ActivityConnector.Terminals;

/// <summary>A command ends here: the message goes to standard error as it is, the code to the caller.</summary>
internal sealed class CommandFailedException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
