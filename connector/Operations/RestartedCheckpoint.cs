using ActivityConnector.Pipeline;

namespace ActivityConnector.Operations;

/// <summary>
/// A source that is to be read from its start again: it keeps its pause, its counts, what is known, and what is not known to be complete before that
/// start; what operators have asked to be read is cancelled.
/// </summary>
internal static class RestartedCheckpoint
{
    public static Checkpoint Of(Checkpoint old, SourcePosition start, DateTimeOffset now) =>
        old.OpenRanges.Aggregate(old, (checkpoint, range) => RequestedRange.CancelIn(checkpoint, range.Id, now).Checkpoint) with
        {
            Window = start is WindowPosition window ? window with { Suspects = Before(window.BackfillFrom, old.Suspects) } : null,
            // What lies beyond the start was committed before, and it is not known by which commits.
            Cursor = start is CursorPosition cursor ? cursor with { Floor = 0 } : null,
            Sweep = new SweepProgress { BeganAt = now, LateTotal = old.Sweep.LateTotal },
            WasCollectedEarlier = true,
        };

    /// <summary>Of those that begin before the start; what lies after it is read again.</summary>
    private static IReadOnlyList<SuspectRange> Before(long start, IEnumerable<SuspectRange> suspects) =>
        [.. suspects.Where(range => range.From < start).Select(range => range with { To = Math.Min(range.To, start - 1) })];
}
