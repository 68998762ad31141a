namespace ActivityConnector.Pipeline;

/// <summary>What a vendor's last answer said about its quota.</summary>
/// <param name="Limit">Requests in a window.</param>
/// <param name="Remaining">Requests left in the window.</param>
public sealed record Quota(long Limit, long Remaining);
