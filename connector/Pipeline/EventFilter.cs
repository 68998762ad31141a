namespace ActivityConnector.Pipeline;

/// <summary>Which events of the journal are wanted; null = no bound.</summary>
public sealed record EventFilter
{
    /// <summary>A vendor's short name, or <c>vendor/account</c>.</summary>
    public string? Source { get; init; }

    /// <summary>The event's own time is this or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The event's own time is earlier than this.</summary>
    public DateTimeOffset? Until { get; init; }

    public bool Accepts(JournalEvent e) => Accepts(e.Source) && !(e.Time < Since) && !(e.Time >= Until);

    public bool Accepts(SourceKey source) => Source is null || Source == source.Source || Source == source.ToString();

    /// <summary>By its source. A broken part of a page is known to be a vendor's; which account's is not kept.</summary>
    public bool AcceptsSourceOf(DeadLetter letter) =>
        Source is null || (letter.Source is { } source ? Accepts(source) : Source.Split('/')[0] == letter.SourceText);
}
