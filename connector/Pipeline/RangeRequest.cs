using System.Globalization;

namespace ActivityConnector.Pipeline;

/// <summary>An operator's wish to have a range of time read.</summary>
/// <param name="Id">A new one: see <see cref="RequestedRange.Id"/>.</param>
/// <param name="Kind">Why.</param>
/// <param name="From">The first moment, to the second.</param>
/// <param name="To">The end, which does not belong to it, to the second.</param>
public sealed record RangeRequest(string Id, RangeKind Kind, DateTimeOffset From, DateTimeOffset To)
{
    /// <inheritdoc cref="RequestedRange.Span"/>
    public string Span => RequestedRange.SpanOf(From, To);

    /// <summary>The operator takes it that events which the journal may have forgotten are published again.</summary>
    public bool PublishesAgain { get; init; }

    /// <summary>A name that no other range has.</summary>
    public static string NewId() => Guid.NewGuid().ToString("N")[..8];

    /// <summary>
    /// The checkpoint with this range. One that is open and has the same bounds is this one: asking again does not read it twice.
    /// </summary>
    /// <param name="checkpoint">Where the source stands.</param>
    /// <param name="bounds">What can be read of it.</param>
    /// <exception cref="ChangeRefusedException">It cannot be read, or not without what the operator should know first.</exception>
    public (Checkpoint Checkpoint, RequestedRange Asked) AddTo(Checkpoint checkpoint, RangeBounds bounds)
    {
        var run = new SweepRun { From = From.ToUnixTimeSeconds(), To = To.ToUnixTimeSeconds() - 1 };
        var open = checkpoint.OpenRanges.ToList();
        var known = checkpoint.Ranges?.FirstOrDefault(range => range.Id == Id)
            ?? open.Find(range => range.Kind == Kind && range.Run.From == run.From && range.Run.To == run.To);
        if (known is not null) return (checkpoint, known);

        Check(checkpoint, bounds, open);
        var asked = new RequestedRange { Id = Id, Kind = Kind, State = RangeState.Open, Run = run, AskedAt = bounds.Present };
        return (asked.In(checkpoint), asked);
    }

    private void Check(Checkpoint checkpoint, RangeBounds bounds, List<RequestedRange> open)
    {
        var source = checkpoint.Source;
        if (From >= To)
        {
            throw new ChangeRefusedException($"The range begins at {UtcText.Of(From)} and ends at {UtcText.Of(To)}.", "Its begin must be before its end.");
        }

        if (To > bounds.Present)
        {
            throw new ChangeRefusedException(
                $"The range ends in the future: {UtcText.Of(To)} (it is {UtcText.Of(bounds.Present)}).", "Choose an end up to the present.");
        }

        var end = bounds.EndOf(checkpoint);
        if (To > end)
        {
            throw new ChangeRefusedException(
                $"{source} is read up to {UtcText.Of(end)} without what may still become visible, and every poll reads on from there; "
                + $"the range ends at {UtcText.Of(To)}.",
                $"Choose an end up to {UtcText.Of(end)}.");
        }

        if (From < bounds.Earliest)
        {
            throw new ChangeRefusedException(
                $"The vendor has no records from before {UtcText.Of(bounds.Earliest)}; the range begins at {UtcText.Of(From)}.",
                $"Choose a begin from {UtcText.Of(bounds.Earliest)} on.");
        }

        if (open.Find(range => range.From < To && range.To > From) is { } other)
        {
            throw new ChangeRefusedException(
                $"The range overlaps with the {other.Kind.Name()} {other.Id} ({other.Span}), which is not at its end.",
                $"Continue it (the same times as those), cancel it ('backfill cancel {other.Id}'), or choose other times.");
        }

        if (open.Count >= RequestedRange.MostOpen)
        {
            throw new ChangeRefusedException(
                string.Create(CultureInfo.InvariantCulture, $"{open.Count} ranges of {source} are not at their ends, and no more are kept."),
                "Wait for one of them ('backfill status'), or cancel one ('backfill cancel ID').");
        }

        var collectedFrom = CollectedFrom(checkpoint);
        if (Kind == RangeKind.Sweep && From < collectedFrom)
        {
            throw new ChangeRefusedException(
                $"{source} was collected from {UtcText.Of(collectedFrom)} on; a sweep looks only at what was collected, "
                + $"and this one begins at {UtcText.Of(From)}.",
                $"Choose a begin from {UtcText.Of(collectedFrom)} on, or bring what is older with 'backfill start'.");
        }

        if (!PublishesAgain) CheckKnown(checkpoint, collectedFrom);
    }

    private void CheckKnown(Checkpoint checkpoint, DateTimeOffset collectedFrom)
    {
        if (checkpoint.KnownFrom is not { } known || From >= known) return;

        // What was read of earlier ranges counts as well.
        var collected = checkpoint.Ranges?.Where(range => range.BeganAt is not null).Select(range => (range.From, To: range.Reached)) ?? [];
        var again = collected.Append((From: collectedFrom, To: known))
            .Select(part => (From: Later(part.From, From), To: Earlier(Earlier(part.To, To), known)))
            .Where(part => part.From < part.To).Order().ToList();
        if (again.Count == 0) return;

        throw new ChangeRefusedException(
            $"The journal knows events of {checkpoint.Source} from {UtcText.Of(known)} on and may have forgotten older ones: what was collected of "
            + $"{string.Join(", ", again.Select(part => RequestedRange.SpanOf(part.From, part.To)))} would be published again.",
            $"Choose a begin from {UtcText.Of(known)} on, or ask for it with --publish-again.");
    }

    /// <summary>From when on everything was collected; <see cref="DateTimeOffset.MinValue"/> where that is not known.</summary>
    private static DateTimeOffset CollectedFrom(Checkpoint checkpoint) =>
        (checkpoint.Window?.BackfillFrom ?? checkpoint.Cursor?.BackfillFrom) is { } first && !checkpoint.WasCollectedEarlier
            ? DateTimeOffset.FromUnixTimeSeconds(first)
            : DateTimeOffset.MinValue;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}

/// <summary>What can be read of a source at all.</summary>
/// <param name="Earliest">No record of the vendor is older.</param>
/// <param name="Present">The source's present.</param>
/// <param name="Overlap">How far back every poll reads again.</param>
public readonly record struct RangeBounds(DateTimeOffset Earliest, DateTimeOffset Present, TimeSpan Overlap)
{
    public static RangeBounds Of(ISourceOptions options, DateTimeOffset present) => new(options.Earliest, present, options.Overlap);

    /// <summary>Where the live records begin, which every poll reads again; the position of a source that has not come so far.</summary>
    public DateTimeOffset EndOf(Checkpoint checkpoint)
    {
        var settled = Present - Overlap;
        var reached = checkpoint.Window?.Reached
            ?? (checkpoint.Cursor is { TailAt: null, At: { } at } ? DateTimeOffset.FromUnixTimeSeconds(at) : settled);
        var end = reached < settled ? reached : settled;
        return DateTimeOffset.FromUnixTimeSeconds(end.ToUnixTimeSeconds());
    }
}
