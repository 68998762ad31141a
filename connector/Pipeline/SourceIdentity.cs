namespace ActivityConnector.Pipeline;

/// <summary>What a source knows of the account it reads, before the first record.</summary>
public sealed record SourceIdentity
{
    /// <summary>The account as checkpoints and fences name it; never changes for one account.</summary>
    public required string Account { get; init; }

    /// <summary>
    /// The vendor's id of the organisation, when it is one for the whole account (Intercom); null when each record carries its own
    /// (Sequence).
    /// </summary>
    public string? OrganizationId { get; init; }

    /// <summary>The organisation's display name, if the vendor gives it or it is configured.</summary>
    public string? OrganizationName { get; init; }

    /// <summary>Why the vendor could not be asked which account this is, so that the configured one is believed; null when it was asked.</summary>
    public string? Unchecked { get; init; }

    /// <summary>How far the vendor's clock was ahead of this host's, to the second; null when it gave none.</summary>
    public TimeSpan? ClockAhead { get; init; }
}
