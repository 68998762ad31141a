namespace ActivityConnector;

/// <summary>What of the connector runs in this process; the parts meet in the journal only.</summary>
internal enum Role
{
    /// <summary>Sources and sink.</summary>
    All,

    /// <summary>From the sources to the journal.</summary>
    Collect,

    /// <summary>From the journal to the sink.</summary>
    Index,
}
