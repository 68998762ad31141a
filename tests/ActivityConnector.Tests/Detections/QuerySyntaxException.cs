namespace ActivityConnector.Tests.Detections;

/// <summary>A query is refused: the message names the line, the column and the cause.</summary>
internal sealed class QuerySyntaxException(string text, int position, string cause) : Exception(Describe(text, position, cause))
{
    /// <summary>Where in the text, from 0.</summary>
    public int Position { get; } = position;

    private static string Describe(string text, int position, string cause)
    {
        var before = text.AsSpan(0, Math.Min(position, text.Length));
        return $"Line {before.Count('\n') + 1}, column {before.Length - before.LastIndexOf('\n')}: {cause}";
    }
}
