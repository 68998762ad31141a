namespace ActivityConnector.Simulation;

/// <summary>A quota per fixed window of whole seconds, aligned on Unix time. Thread-safe.</summary>
internal sealed class RateWindow(int limit, int windowSeconds, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _window = -1;
    private int _used;

    public int Limit => limit;

    /// <summary>Takes one request from the quota.</summary>
    public Usage Take()
    {
        lock (_gate)
        {
            var window = time.GetUtcNow().ToUnixTimeSeconds() / windowSeconds;
            if (window != _window)
                (_window, _used) = (window, 0);
            var allowed = _used < limit;
            if (allowed)
                _used++;
            return new Usage(allowed, limit - _used, (window + 1) * windowSeconds);
        }
    }

    /// <param name="Reset">When the next window starts, in Unix seconds.</param>
    public readonly record struct Usage(bool Allowed, int Remaining, long Reset);
}
