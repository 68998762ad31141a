namespace ActivityConnector.Dashboards;

/// <summary>What became of one object.</summary>
internal enum ImportOutcome
{
    Created,

    /// <summary>There already, and equal in all that is delivered.</summary>
    Same,

    /// <summary>It was as an older release delivered it.</summary>
    Updated,

    /// <summary>A user changed it, and it was left as it is.</summary>
    Kept,

    /// <summary>A user changed it, and it was replaced all the same.</summary>
    Overwritten,

    /// <summary>The server has no such kind of object, and it goes without.</summary>
    Unsupported,

    Failed,
}

/// <param name="Kind">What the object is, for a person.</param>
/// <param name="Detail">Which fields are concerned, or the reason with its fix.</param>
internal sealed record ImportRow(string Kind, string Name, ImportOutcome Outcome, string? Detail = null);
