namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Tells a poison event, at which the server fails each time, from a server that fails. A failure counts against an event only when the same
/// response has an event for the same index that is stored or known, and when ten were for each that fails. An event that is left alone gets
/// such an event along as a control: sending it again changes nothing.
/// </summary>
/// <remarks>Not thread-safe; one for each write.</remarks>
internal sealed class PoisonEvents
{
    /// <summary>The failures after which an event is poison.</summary>
    public const int MostFailures = 10;

    private const int AcceptedForEach = 10;

    private readonly Dictionary<string, (int Count, PendingEvent Last)> _accepted = [];

    /// <summary>The server has stored it, or had it.</summary>
    public void Accepted(PendingEvent e)
    {
        e.IsSettled = true;
        _accepted[e.Target] = (_accepted.GetValueOrDefault(e.Target).Count + 1, e);
    }

    /// <summary>The event that shows whether the server takes others of the index; null when there is none.</summary>
    public PendingEvent? ControlFor(PendingEvent e) => _accepted.TryGetValue(e.Target, out var accepted) ? accepted.Last : null;

    /// <summary>Adds a control for each index with an event that failed before, as far as there is one and room for it.</summary>
    public void AddControls(List<PendingEvent> request, BatchLimit limit)
    {
        foreach (var target in request.Where(e => e.Failures > 0).Select(e => e.Target).Distinct().ToList())
        {
            if (_accepted.TryGetValue(target, out var accepted) && request.Count < limit.Events
                && request.Sum(e => e.Bytes) + accepted.Last.Bytes <= limit.Bytes)
            {
                request.Add(accepted.Last);
            }
        }
    }

    /// <summary>Counts the failures of one response. The events that are poison by now.</summary>
    /// <param name="accepting">The indices for which the same response has an event that is stored or known.</param>
    public IReadOnlySet<PendingEvent> CountFailures(IEnumerable<PendingEvent> failed, IReadOnlySet<string> accepting)
    {
        var poison = new HashSet<PendingEvent>();
        foreach (var target in failed.GroupBy(e => e.Target))
        {
            var counts = accepting.Contains(target.Key) && _accepted.GetValueOrDefault(target.Key).Count >= AcceptedForEach * target.Count();
            foreach (var e in target)
            {
                e.Failures++;
                if (counts && ++e.FailuresAmongOthers >= MostFailures) poison.Add(e);
            }
        }

        return poison;
    }
}
