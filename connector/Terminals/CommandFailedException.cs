namespace ActivityConnector.Terminals;

/// <summary>A command ends here: the lines go to standard error, the code to the caller.</summary>
internal sealed class CommandFailedException(int exitCode, params IReadOnlyList<string> lines) : Exception(string.Join(Environment.NewLine, lines))
{
    public IReadOnlyList<string> Lines { get; } = lines;

    public int ExitCode { get; } = exitCode;
}
