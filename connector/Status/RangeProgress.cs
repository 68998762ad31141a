using ActivityConnector.Pipeline;

namespace ActivityConnector.Status;

/// <summary>What an operator needs to know about one requested range, at one moment. Immutable.</summary>
public sealed record RangeProgress
{
    public required string Id { get; init; }

    /// <summary>The source's name.</summary>
    public required string Source { get; init; }

    public required RangeKind Kind { get; init; }

    public required RangeWork State { get; init; }

    public required DateTimeOffset From { get; init; }

    /// <summary>The end, which does not belong to it.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Up to where it was read, which does not belong to that.</summary>
    public required DateTimeOffset Reached { get; init; }

    /// <summary>The part of its time that was read, 0 to 1.</summary>
    public required double Share { get; init; }

    /// <summary>Events that it brought, those that were missing and revisions included.</summary>
    public required long Published { get; init; }

    /// <summary>Events that were in the journal already.</summary>
    public required long Known { get; init; }

    /// <summary>Of a sweep: events that were missing.</summary>
    public required long Late { get; init; }

    public required long Revised { get; init; }

    public required long DeadLetters { get; init; }

    /// <summary>Events a second, known ones included, while it was worked on; null when nothing can be said yet.</summary>
    public double? EventsPerSecond { get; init; }

    /// <summary>How much more work it is, if the rest has as many records; null when nothing can be said.</summary>
    public double? SecondsLeft { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <param name="source">The source's name.</param>
    /// <param name="range">As it was committed.</param>
    public static RangeProgress Of(string source, RequestedRange range) => new()
    {
        Id = range.Id,
        Source = source,
        Kind = range.Kind,
        State = range.State switch
        {
            RangeState.Done => RangeWork.Done,
            RangeState.Cancelled => RangeWork.Cancelled,
            _ when range.BeganAt is null => RangeWork.Waiting,
            _ => RangeWork.UnderWay,
        },
        From = range.From,
        To = range.To,
        Reached = range.Reached,
        Share = range.Share,
        Published = range.Counts.Published,
        Known = range.Counts.Known,
        Late = range.Counts.Late,
        Revised = range.Counts.Revised,
        DeadLetters = range.Counts.DeadLetters,
        EventsPerSecond = range.WorkedMilliseconds > 0 ? (range.Counts.Published + range.Counts.Known) * 1000.0 / range.WorkedMilliseconds : null,
        SecondsLeft = range.Left?.TotalSeconds,
        AskedAt = range.AskedAt,
        EndedAt = range.EndedAt,
    };
}

/// <summary>What is done with a range.</summary>
public enum RangeWork
{
    /// <summary>Others are read before it.</summary>
    Waiting,

    /// <summary>It is read between polls.</summary>
    UnderWay,

    /// <summary>It was read to its end.</summary>
    Done,

    /// <summary>An operator did not want the rest of it.</summary>
    Cancelled,
}
