namespace ActivityConnector.Pipeline;

/// <summary>A source was not read up to the present. The checkpoint is kept, and no record is lost.</summary>
/// <param name="message">The cause in one sentence, without a secret.</param>
/// <param name="fix">What the operator does about it or looks at, in one sentence, without a secret.</param>
public abstract class SourceException(string message, string fix, Exception? inner) : Exception(message, inner)
{
    /// <summary>What the operator does about it or looks at, in one sentence.</summary>
    public string Fix { get; } = fix;
}

/// <summary>The vendor refused and will refuse until an operator acts: credential, permission, plan, version, address, another account.</summary>
public sealed class SourceRefusedException(string message, string fix, Exception? inner = null) : SourceException(message, fix, inner);

/// <summary>The vendor could not be read now, after every retry of the request: network, outage, or answers that are not what it promises.</summary>
/// <remarks>The next poll tries again.</remarks>
public sealed class SourceUnavailableException(string message, string fix, Exception? inner = null) : SourceException(message, fix, inner);

/// <summary>All that could be read was read, but a part of the past could not be shown to be complete. It is read again until it is.</summary>
public sealed class SourceIncompleteException(string message, string fix, Exception? inner = null) : SourceException(message, fix, inner);

/// <summary>An operator has paused the source: nothing is read until it is resumed.</summary>
public sealed class SourcePausedException(Pause pause) : SourceException(
    $"It has been paused since {UtcText.Of(pause.Since)} by {pause.By}.", "Resume it to read what has happened since.", null);

/// <summary>The clocks of the host, the vendor and the checkpoint contradict each other, so that the present is not known.</summary>
public sealed class SourceClockException(string message, string fix, Exception? inner = null) : SourceException(message, fix, inner);
