namespace ActivityConnector.Pipeline;

/// <summary>The sink does not take events. No event is lost.</summary>
public abstract class SinkException(string message, string fix, Exception? inner) : Exception(message, inner)
{
    /// <summary>What the operator does about it or looks at, in one sentence.</summary>
    public string Fix { get; } = fix;
}

/// <summary>The sink refused and will refuse until an operator acts: credential, right, address or set-up. No event is lost.</summary>
public sealed class SinkRefusedException(string message, string fix, Exception? inner = null) : SinkException(message, fix, inner);

/// <summary>The sink could not take events for longer than it was to be waited for. No event is lost.</summary>
public sealed class SinkUnavailableException(string message, string fix, Exception? inner = null) : SinkException(message, fix, inner);
