using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>One write: the events that are still to be sent, and the counts of those that are settled.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class WriteProgress
{
    /// <summary>Characters, as <see cref="RefusedEvent"/> promises.</summary>
    private const int MostOfAReason = 256;

    private readonly List<RefusedEvent> _refused = [];

    /// <summary>The events that are not settled and not under way, in the order in which they are sent.</summary>
    public Queue<PendingEvent> Pending { get; } = [];

    public long Stored { get; set; }

    public long Known { get; set; }

    public long Dropped { get; set; }

    public long Expired { get; set; }

    public long InFailureStore { get; set; }

    public PoisonEvents PoisonEvents { get; } = new();

    /// <summary>Those of the stored ones whose id is another one than they were sent with, by index.</summary>
    public Dictionary<string, long> OtherIds { get; } = [];

    /// <summary>Those of the stored ones that are in another index than they were sent to, by index.</summary>
    public Dictionary<string, long> OtherIndices { get; } = [];

    public bool HasLookedForPipeline { get; set; }

    /// <summary>The events whose index is held.</summary>
    public List<PendingEvent> Waiting { get; } = [];

    /// <summary>Why the last of them waits.</summary>
    public RetryReason? WaitingFor { get; private set; }

    /// <summary>The number of responses that took an event, or knew one: each shows that the server was well then.</summary>
    public long Takings { get; set; }

    /// <summary>The number of events that the server has settled.</summary>
    public long Settled => Stored + Known + Dropped + _refused.Count;

    public SinkResult Result => new(Stored, Known, Dropped + Expired, _refused, WaitingFor is { } reason && Waiting.Count > 0
        ? new([.. Waiting.Select(e => e.Event).OrderBy(e => e.Position)], reason.Cause, reason.Fix)
        : null);

    /// <summary>The event waits for its index.</summary>
    public void Wait(PendingEvent e, RetryReason reason)
    {
        Waiting.Add(e);
        WaitingFor = reason;
    }

    /// <summary>The events that wait are tried again now.</summary>
    public void EndWaits()
    {
        Requeue(Waiting);
        Waiting.Clear();
    }

    public void Refuse(PendingEvent e, string reason) => _refused.Add(new(e.Event, reason.Length <= MostOfAReason ? reason : reason[..MostOfAReason]));

    /// <summary>Those of a request that are not settled are sent again, after the others.</summary>
    public void Requeue(IEnumerable<PendingEvent> events)
    {
        foreach (var e in events.Where(e => !e.IsSettled)) Pending.Enqueue(e);
    }

    public void Log(ILogger log)
    {
        if (Expired > 0) ElasticsearchLog.Expired(log, Expired);

        if (Dropped > 0) ElasticsearchLog.Dropped(log, Dropped);

        if (InFailureStore > 0) ElasticsearchLog.InFailureStore(log, InFailureStore);
    }
}
