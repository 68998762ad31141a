using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The configured nodes in turn. One that failed is left out for a while, longer each time; when all are, one is tried anyway.</summary>
/// <remarks>Thread-safe. Nothing is asked of the cluster about its nodes: their own addresses often cannot be reached from outside.</remarks>
internal sealed class NodeList(IEnumerable<string> urls, TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Node[] _nodes = [.. urls.Select(url => new Node(new Uri(url.TrimEnd('/') + "/")))];
    private readonly Lock _gate = new();
    private int _turn;

    public int Count => _nodes.Length;

    /// <summary>The next one in turn that is alive or whose time is up; of the dead ones the first to come back.</summary>
    public Node Next()
    {
        lock (_gate)
        {
            var inTurn = Enumerable.Range(_turn, _nodes.Length).Select(i => _nodes[i % _nodes.Length]);
            _turn = (_turn + 1) % _nodes.Length;
            return inTurn.FirstOrDefault(n => DeadFor(n) <= TimeSpan.Zero) ?? _nodes.MinBy(DeadFor)!;
        }
    }

    public void Failed(Node node)
    {
        lock (_gate)
        {
            node.Dead = (time.GetTimestamp(), ExponentialDelay.Of(node.Failures++ / 2.0, First, Longest));
        }
    }

    public void Answered(Node node)
    {
        lock (_gate)
        {
            node.Failures = 0;
            node.Dead = default;
        }
    }

    /// <summary>How long it is left out from now on; not positive = it is not. Whatever is done to the wall clock.</summary>
    public TimeSpan DeadFor(Node node) => node.Dead.For - time.GetElapsedTime(node.Dead.From);

    /// <summary>One node.</summary>
    internal sealed class Node(Uri address)
    {
        public Uri Address { get; } = address;

        /// <summary>In a row.</summary>
        public int Failures { get; set; }

        /// <summary>From when, as a timestamp, and for how long it is left out.</summary>
        public (long From, TimeSpan For) Dead { get; set; }
    }
}
