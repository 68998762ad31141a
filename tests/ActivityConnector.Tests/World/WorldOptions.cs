namespace ActivityConnector.Tests.World;

/// <summary>How the connector is configured for one life of its process.</summary>
internal sealed record WorldOptions
{
    public required int PageSize { get; init; }

    public required TimeSpan SweepRange { get; init; }

    public required TimeSpan MaxWindow { get; init; }

    /// <summary>How many windows are read at once.</summary>
    public required int Concurrency { get; init; }

    public string? StartAt { get; init; }

    /// <summary>The workspace that the token must belong to; null = whichever it does.</summary>
    public string? Account { get; init; }

    /// <summary>How far back each poll reads again: the lookback or the hold-back.</summary>
    public required TimeSpan Overlap { get; init; }
}
