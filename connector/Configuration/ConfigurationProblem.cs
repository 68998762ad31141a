namespace ActivityConnector.Configuration;

/// <summary>One thing wrong with the configuration, for the person who wrote it. Never holds the value of a secret.</summary>
/// <param name="Key">The option as it is written with <c>--set</c>: <c>Sources:Intercom:PageSize</c>; or the file's path.</param>
/// <param name="Cause">What is wrong, as one sentence.</param>
/// <param name="Fix">What to do, as one sentence.</param>
/// <param name="IsWarning">True when the connector starts all the same.</param>
public sealed record ConfigurationProblem(string Key, string Cause, string Fix, bool IsWarning = false)
{
    /// <summary>Where the value was written: <c>line 3 of /etc/connector.json</c>; null where no value was given.</summary>
    public string? SetBy { get; init; }

    /// <summary>One line for a log or a pipe.</summary>
    public override string ToString() => $"{(IsWarning ? "warning" : "error")}: {Key}: {Cause} {Fix}{(SetBy is null ? "" : $" (Set by {SetBy}.)")}";
}
