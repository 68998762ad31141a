namespace ActivityConnector.Detections;

/// <summary>A rule file cannot be used. The message names the file, the line and what is wrong.</summary>
internal sealed class RuleFileException(string file, long line, string problem, Exception? inner = null)
    : Exception($"{file}, line {line}: {problem}", inner);
