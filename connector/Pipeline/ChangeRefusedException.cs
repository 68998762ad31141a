namespace ActivityConnector.Pipeline;

/// <summary>A change that an operator asks for is not possible as things are. Nothing was changed.</summary>
public sealed class ChangeRefusedException(string message, string fix) : Exception(message)
{
    /// <summary>What to do first, in one sentence.</summary>
    public string Fix { get; } = fix;
}
