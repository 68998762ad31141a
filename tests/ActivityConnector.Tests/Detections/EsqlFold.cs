namespace ActivityConnector.Tests.Detections;

/// <summary>
/// Leaves out the events that cannot change any row, so that a query over days need not read a million events at each run of a week: of a query
/// that only groups by fields and takes the greatest, the least or the distinct values of fields, and for each part of the time, one event of
/// each greatest, least and distinct value is enough.
/// </summary>
internal static class EsqlFold
{
    /// <param name="partOf">Parts of the time that are in the time of a run as a whole, or not at all.</param>
    public static IReadOnlyList<DetectionEvent> Of(EsqlQuery query, IReadOnlyList<DetectionEvent> events, Func<DateTimeOffset, int> partOf)
    {
        if (query.Commands is not [EsqlStats stats, ..] || stats.By.Any(b => b.Value is not EsqlColumn)
            || stats.Aggregates.Any(a => a.Function == "COUNT" || a.Argument is not EsqlColumn))
        {
            return events;
        }

        var kept = new Dictionary<(int Part, string Group, string Aggregate, string Value), (DetectionEvent Event, object Value)>();
        var groups = new Dictionary<(int Part, string Group), DetectionEvent>();
        foreach (var e in events)
        {
            var part = partOf(e.Time);
            var group = string.Join('\u001f', stats.By.Select(b => string.Join('\u001e', e[((EsqlColumn)b.Value).Name].Select(DetectionEvent.TextOf))));
            groups.TryAdd((part, group), e);
            foreach (var aggregate in stats.Aggregates)
            {
                var isBound = aggregate.Function is "MAX" or "MIN";
                foreach (var value in e[((EsqlColumn)aggregate.Argument!).Name])
                {
                    var place = (part, group, aggregate.Name, isBound ? "" : DetectionEvent.TextOf(value));
                    var isFirst = !kept.TryGetValue(place, out var best);
                    if (isFirst || (isBound && EsqlValue.Compare(value, best.Value) * (aggregate.Function == "MAX" ? 1 : -1) > 0)) kept[place] = (e, value);
                }
            }
        }

        return [.. kept.Values.Select(k => k.Event).Concat(groups.Values).Distinct().OrderBy(e => e.Time)];
    }
}
