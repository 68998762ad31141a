namespace ActivityConnector.Sources.Intercom;

/// <summary>What holds for windows that are read before their turn. Thread-safe.</summary>
/// <param name="mostBytes">What each of them, or a page of it, may have; with more it is left until its turn.</param>
internal sealed class ReadAhead(int mostBytes)
{
    private volatile bool _isDropped;

    public int MostBytes { get; } = mostBytes;

    /// <summary>
    /// Where the first records are searched for: windows are as wide as if there were none, and one with more than a page is left until its turn.
    /// </summary>
    public bool IsSearch { get; init; }

    /// <summary>They are not needed: no more requests are sent for them.</summary>
    public bool IsDropped => _isDropped;

    public void Drop() => _isDropped = true;
}
