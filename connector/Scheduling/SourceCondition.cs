namespace ActivityConnector.Scheduling;

/// <summary>What a source is doing, as <c>status</c>, the API and the page name it.</summary>
public enum SourceCondition
{
    /// <summary>No run of it has begun.</summary>
    Starting,

    /// <summary>The first run since the start is under way: it reads what happened since the last commit.</summary>
    CatchingUp,

    /// <inheritdoc cref="RunEnd.UpToDate"/>
    UpToDate,

    /// <inheritdoc cref="RunEnd.Incomplete"/>
    Incomplete,

    /// <inheritdoc cref="RunEnd.Behind"/>
    Behind,

    /// <inheritdoc cref="RunEnd.Quiet"/>
    Quiet,

    /// <inheritdoc cref="RunEnd.Refused"/>
    Refused,

    /// <inheritdoc cref="RunEnd.Unavailable"/>
    Unavailable,

    /// <inheritdoc cref="RunEnd.Clock"/>
    Clock,

    /// <inheritdoc cref="RunEnd.Failed"/>
    Failed,

    /// <summary>Another instance of the same deployment collects it.</summary>
    Standby,

    /// <inheritdoc cref="RunEnd.Paused"/>
    Paused,

    /// <summary>No running connector was asked: this is what the journal alone shows.</summary>
    NotRunning,
}
