namespace ActivityConnector.Scheduling;

/// <summary>The names of states as people read them: <c>UpToDate</c> is <c>up to date</c>.</summary>
internal static class Words
{
    public static string Of<T>(T state)
        where T : struct, Enum =>
        string.Concat(state.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
