namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>How much is sent at once: less after the server found it too much, a tenth more after each success.</summary>
/// <remarks>Not thread-safe; no clock.</remarks>
internal sealed class BatchLimit(int mostEvents, int mostBytes)
{
    private readonly int _mostEvents = mostEvents;
    private int _mostBytes = mostBytes;

    public int Events { get; private set; } = mostEvents;

    public int Bytes { get; private set; } = mostBytes;

    public void Succeeded()
    {
        Events = Math.Min(_mostEvents, Events + Math.Max(1, Events / 10));
        Bytes = Math.Min(_mostBytes, Bytes + Math.Max(1, Bytes / 10));
    }

    /// <summary>Too much for now.</summary>
    public void TooMuch(int events, int bytes)
    {
        Events = Math.Max(1, Math.Min(Events, events / 2));
        Bytes = Math.Max(1, Math.Min(Bytes, bytes / 2));
    }

    /// <summary>Too large, now and ever: the server has a limit of its own.</summary>
    public void TooLarge(int events, int bytes)
    {
        TooMuch(events, bytes);
        _mostBytes = Math.Min(_mostBytes, Math.Max(1, bytes / 2));
    }
}
