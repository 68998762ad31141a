namespace ActivityConnector.Sources.Sequence;

/// <summary>Notices a walk that comes back to a cursor it has been at, in constant memory (Brent's algorithm).</summary>
internal sealed class CursorLoop
{
    private string? _mark;
    private int _steps;
    private int _limit = 1;

    /// <summary>True when the walk has been at <paramref name="cursor"/> before; at the latest after some rounds of the loop.</summary>
    public bool Closes(string cursor)
    {
        if (cursor == _mark) return true;

        if (++_steps == _limit)
        {
            _mark = cursor;
            _steps = 0;
            _limit *= 2;
        }

        return false;
    }
}
