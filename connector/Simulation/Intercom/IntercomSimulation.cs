namespace ActivityConnector.Simulation.Intercom;

/// <summary>What <c>pages.next</c> is when there is a next page.</summary>
public enum NextPageStyle
{
    /// <summary>An absolute URL: what really comes back.</summary>
    Url,

    /// <summary>An object with <c>starting_after</c>: what the contract also allows.</summary>
    StartingAfter,
}

/// <summary>How the last page says that it is the last.</summary>
public enum LastPageStyle
{
    NextNull,
    NextAbsent,
    NextEmptyObject,
    PagesEmpty,
    PagesNull,
    PagesAbsent,
}

/// <summary>The order of records of one second in a list that is otherwise newest first; it is not documented.</summary>
public enum TieOrder
{
    NewestFirst,
    OldestFirst,
    Scattered,
}

/// <summary>The Intercom half of the simulator. The defaults are the documented behaviour.</summary>
public sealed record IntercomSimulation
{
    /// <summary>Records of history.</summary>
    public int Records { get; init; } = 1000;

    /// <summary><c>app.id_code</c>, the workspace.</summary>
    public string Workspace { get; init; } = "sim1wksp";

    /// <summary><c>app.region</c>.</summary>
    public string Region { get; init; } = "US";

    /// <summary>Whether a record of exactly <c>created_at_after</c> or <c>created_at_before</c> is in the list.</summary>
    public bool BoundsInclusive { get; init; } = true;

    public TieOrder Ties { get; init; }

    /// <summary>The server gives 20 a page whatever is asked.</summary>
    public bool IgnorePerPage { get; init; }

    public NextPageStyle Next { get; init; }

    public LastPageStyle LastPage { get; init; }

    /// <summary>Requests allowed in each window of 10 seconds.</summary>
    public int RateLimit { get; init; } = 1667;

    /// <summary>A longer window between the two bounds is answered with HTTP 500.</summary>
    public TimeSpan? MaxWindow { get; init; }

    /// <summary>Faults besides those of <see cref="SimulatorOptions.Faults"/>.</summary>
    public IReadOnlyList<FaultSpec> Faults { get; init; } = [];
}
