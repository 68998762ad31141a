namespace ActivityConnector.Dashboards;

/// <summary>The server cannot be worked with at all: it is not reached, not ready, not the right one, or does not know the user.</summary>
/// <param name="message">The cause, as one sentence.</param>
/// <param name="fix">What to do, as one sentence.</param>
internal sealed class DashboardsException(string message, string fix) : Exception(message)
{
    public string Fix { get; } = fix;
}
