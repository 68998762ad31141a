namespace ActivityConnector.Admin;

/// <summary>What the address names does not exist.</summary>
internal sealed class NotFoundException(string message, string fix) : Exception(message)
{
    public string Fix { get; } = fix;
}
