namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Tells a server that fails at one event from a server that fails. A failure counts against an event only when the answer that has it also
/// takes or knows another event for the same index, and there ten were taken for each that fails. An event that is left alone gets one of
/// those along as a witness: sending it again changes nothing.
/// </summary>
/// <remarks>Not thread-safe; one for each write.</remarks>
internal sealed class Witnesses
{
    /// <summary>The failures after which a server will not take an event.</summary>
    public const int MostFailures = 10;

    private const int ToOne = 10;

    private readonly Dictionary<string, (int Count, PendingEvent Last)> _taken = [];

    /// <summary>The server has it.</summary>
    public void Took(PendingEvent e)
    {
        e.IsSettled = true;
        _taken[e.Target] = (_taken.GetValueOrDefault(e.Target).Count + 1, e);
    }

    /// <summary>Adds a witness for each index with an event that failed before, as far as there is one and room for it.</summary>
    public void Join(List<PendingEvent> request, BatchLimit limit)
    {
        foreach (var target in request.Where(e => e.Failures > 0).Select(e => e.Target).Distinct().ToList())
        {
            if (_taken.TryGetValue(target, out var taken) && request.Count < limit.Events && request.Sum(e => e.Bytes) + taken.Last.Bytes <= limit.Bytes)
            {
                request.Add(taken.Last);
            }
        }
    }

    /// <summary>Counts one answer's failures. The events that are to be given up.</summary>
    /// <param name="vouched">The indices for which the same answer takes or knows an event.</param>
    public IReadOnlySet<PendingEvent> Hopeless(IEnumerable<PendingEvent> failed, IReadOnlySet<string> vouched)
    {
        var hopeless = new HashSet<PendingEvent>();
        foreach (var target in failed.GroupBy(e => e.Target))
        {
            var counts = vouched.Contains(target.Key) && _taken.GetValueOrDefault(target.Key).Count >= ToOne * target.Count();
            foreach (var e in target)
            {
                e.Failures++;
                if (counts && ++e.FailuresAmongOthers >= MostFailures)
                {
                    hopeless.Add(e);
                }
            }
        }

        return hopeless;
    }
}
