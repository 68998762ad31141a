using ActivityConnector.Pipeline;

namespace ActivityConnector.Operations;

/// <summary>
/// A source that is to be read from its start again: it keeps its pause, its counts and what is known; what operators have asked to be read is cancelled.
/// </summary>
internal static class RestartedCheckpoint
{
    public static Checkpoint Of(Checkpoint old, SourcePosition start, DateTimeOffset now) =>
        old.OpenRanges.Aggregate(old, (checkpoint, range) => RequestedRange.CancelIn(checkpoint, range.Id, now).Checkpoint) with
        {
            Window = start as WindowPosition,
            // What lies beyond the start was committed before, and it is not known by which commits.
            Cursor = start is CursorPosition cursor ? cursor with { Floor = 0 } : null,
            Sweep = new SweepProgress { BeganAt = now, LateTotal = old.Sweep.LateTotal },
            WasCollectedEarlier = true,
        };
}
