namespace ActivityConnector.Simulation;

/// <summary>One request as it came in.</summary>
/// <param name="At">When, by the simulator's clock.</param>
/// <param name="HasAuthorization">Whether an Authorization header was there; never its value.</param>
public sealed record SimulatedRequest(
    DateTimeOffset At, string Method, string Path, string Query, bool HasAuthorization, string? TraceParent, string? ApiVersion, string? UserAgent);

/// <summary>The last requests one vendor got, oldest first. Thread-safe.</summary>
internal sealed class RequestLog
{
    private const int Kept = 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<SimulatedRequest> _requests = new();
    private readonly List<(long At, TaskCompletionSource Reached)> _awaited = [];
    private long _count;

    public IReadOnlyList<SimulatedRequest> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Completes when <paramref name="count"/> more requests have come in.</summary>
    public Task MoreAsync(int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _awaited.Add((_count + count, reached));
        }

        return reached.Task;
    }

    public void Add(HttpRequest request, string versionHeader, DateTimeOffset at)
    {
        var headers = request.Headers;
        var entry = new SimulatedRequest(
            at,
            request.Method,
            request.Path.Value ?? "",
            request.QueryString.Value ?? "",
            headers.Authorization.Count > 0,
            headers.TraceParent,
            headers[versionHeader],
            headers.UserAgent);
        lock (_gate)
        {
            if (_requests.Count == Kept)
                _requests.Dequeue();
            _requests.Enqueue(entry);
            _count++;
            _awaited.RemoveAll(a => a.At <= _count && a.Reached.TrySetResult());
        }
    }
}
