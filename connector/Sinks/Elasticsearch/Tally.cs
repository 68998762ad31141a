using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>What became of one write, so far.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Tally
{
    private readonly List<RefusedEvent> _refused = [];

    public long Stored { get; set; }

    public long Known { get; set; }

    public long Dropped { get; set; }

    public long Expired { get; set; }

    public long InFailureStore { get; set; }

    public Witnesses Witnesses { get; } = new();

    /// <summary>What the server has settled.</summary>
    public long Settled => Stored + Known + Dropped + _refused.Count;

    public SinkResult Result => new(Stored, Known, Dropped + Expired, _refused);

    public void Refuse(PendingEvent e, string reason) => _refused.Add(new(e.Event, reason));

    public void Say(ILogger log)
    {
        if (Expired > 0)
        {
            ElasticsearchLog.Expired(log, Expired);
        }

        if (Dropped > 0)
        {
            ElasticsearchLog.Dropped(log, Dropped);
        }

        if (InFailureStore > 0)
        {
            ElasticsearchLog.InFailureStore(log, InFailureStore);
        }
    }
}
