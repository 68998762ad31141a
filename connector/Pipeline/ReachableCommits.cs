namespace ActivityConnector.Pipeline;

/// <summary>
/// Follows one walk along a list of cursors and finds which commits brought what lies beyond its position: their events must stay known,
/// whatever their times say, because the next walk reads them again.
/// </summary>
/// <remarks>Not thread-safe; one for each walk. A <see cref="WindowPosition"/> goes through unchanged: there the time of a record decides.</remarks>
internal sealed class ReachableCommits(SourcePosition? start, bool wasReset)
{
    private readonly bool _isAfterReset = start is null && wasReset;
    private readonly Dictionary<string, long> _days = [];
    private SourcePosition? _position = start;
    private long? _beyond;

    /// <summary>The batch's position with what the walk has learned so far.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="earliest">The earliest commit that brings an event of the batch which lies beyond the batch's position; null = no event does.</param>
    /// <param name="next">The commit that the batch itself is going to be.</param>
    public SourcePosition After(ActivityBatch batch, long? earliest, long next)
    {
        if (batch.Position is not CursorPosition position) return batch.Position;

        // What was committed before this walk and lies beyond its start, which can be another one than the stored position.
        var before = _isAfterReset ? 0 : position.Floor;
        if ((_position as CursorPosition)?.After != position.After)
        {
            _beyond = null;
            _position = position;
        }

        _beyond = Earlier(_beyond, earliest);
        return position with
        {
            // At the tail everything beyond the position was met in this walk.
            Floor = batch.IsTail ? _beyond : Earlier(before, _beyond),
            // A cursor of this walk: beyond it lie this walk's commits from now on, and what was there before.
            Days = [.. position.Days.Select(day => day.Floor is null && day.After is { } after
                ? day with { Floor = FloorOf(after, Earlier(before, next)!.Value) }
                : day)],
        };
    }

    /// <summary>A cursor keeps the floor of the batch that brought it; the source does not hear of it until the next walk.</summary>
    private long FloorOf(string after, long floor)
    {
        _days.TryAdd(after, floor);
        return _days[after];
    }

    private static long? Earlier(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
