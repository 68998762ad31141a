namespace ActivityConnector.Configuration;

/// <summary>How far back sources read again what they have read already.</summary>
internal static class Reread
{
    /// <summary>
    /// The longest reach of any source: its sweep and its overlap. A journal that forgets ids keeps at least those of this time.
    /// Sources that are off count too, because a position outlives a credential.
    /// </summary>
    public static TimeSpan Longest(SourcesOptions sources) => sources.Intercom.Select(s => s.SweepRange + s.Lookback)
        .Concat(sources.Sequence.Select(s => s.SweepRange + s.HoldBack))
        .DefaultIfEmpty()
        .Max();
}
