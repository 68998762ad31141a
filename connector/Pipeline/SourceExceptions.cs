namespace ActivityConnector.Pipeline;

/// <summary>The vendor refused and will go on refusing until somebody acts: credential, permission, plan, version or address.</summary>
/// <remarks>The checkpoint is kept; the source is probed slowly. The message names the cause, <see cref="Fix"/> the remedy, neither a secret.</remarks>
public sealed class SourceRefusedException(string message, string fix, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the operator does about it, in one sentence.</summary>
    public string Fix { get; } = fix;

    /// <summary>How long to wait before the vendor is asked again. The default value is 5 minutes.</summary>
    public TimeSpan ProbeAfter { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>The vendor could not be read now, after every retry of the request: network, outage, or answers that are not what it promises.</summary>
/// <remarks>The checkpoint is kept and the next firing tries again.</remarks>
public sealed class SourceUnavailableException(string message, string fix, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to look at, in one sentence.</summary>
    public string Fix { get; } = fix;
}
