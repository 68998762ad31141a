namespace ActivityConnector.Pipeline;

/// <summary>The sink refused and will go on refusing until somebody acts: credential, right, address or set-up. No event is lost.</summary>
public sealed class SinkRefusedException(string message, string fix, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the operator does about it, in one sentence.</summary>
    public string Fix { get; } = fix;
}

/// <summary>The sink could not take events for longer than it was to be waited for. No event is lost.</summary>
public sealed class SinkUnavailableException(string message, string fix, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to look at, in one sentence.</summary>
    public string Fix { get; } = fix;
}
