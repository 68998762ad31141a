using System.Collections.Immutable;

namespace ActivityConnector.Tests.Detections;

/// <summary>A row of a result: its columns in their order, and the event it is, if it is one.</summary>
internal sealed record EsqlRow(IReadOnlyList<(string Name, object? Value)> Columns, DetectionEvent? Event)
{
    public object? this[string column] => Columns.First(c => c.Name == column).Value;
}

/// <summary>Runs ES|QL over events, written from Elastic's reference. The default limit of 1,000 rows is left out.</summary>
internal static class EsqlEvaluator
{
    /// <param name="query">What <see cref="EsqlQuery.Parse"/> gave.</param>
    /// <param name="events">Those of the indices that <c>FROM</c> names.</param>
    /// <param name="now">What <c>NOW()</c> gives.</param>
    /// <exception cref="ArgumentException">Values of types that do not go together are compared or computed.</exception>
    public static IReadOnlyList<EsqlRow> Run(EsqlQuery query, IEnumerable<DetectionEvent> events, DateTimeOffset now)
    {
        IReadOnlyList<string>? order = null;
        var rows = events.Select(e => new Row(e, ImmutableDictionary<string, object?>.Empty, true));
        foreach (var command in query.Commands)
        {
            switch (command)
            {
                case EsqlWhere where:
                    rows = rows.Where(r => where.Condition.Of(r.Context(now)) is true);
                    break;
                case EsqlEval eval:
                    rows = rows.Select(r => eval.Columns.Aggregate(r, (row, c) => row.With(c.Name, c.Value.Of(row.Context(now)))));
                    order = order is null ? null : [.. order.Except(eval.Columns.Select(c => c.Name)), .. eval.Columns.Select(c => c.Name)];
                    break;
                case EsqlStats stats:
                    rows = Stats(stats, rows, now);
                    order = [.. stats.Aggregates.Select(a => a.Name), .. stats.By.Select(b => b.Name)];
                    break;
                case EsqlKeep keep:
                    order = keep.Columns;
                    break;
                case EsqlSort sort:
                    rows = Sort(sort, rows, now);
                    break;
                case EsqlLimit limit:
                    rows = rows.Take(limit.Rows);
                    break;
            }
        }

        return [.. rows.Select(r => new EsqlRow([.. (order ?? r.Names()).Select(name => (name, r.Column(name)))], r.Event))];
    }

    private static IEnumerable<Row> Stats(EsqlStats stats, IEnumerable<Row> rows, DateTimeOffset now)
    {
        var groups = new Dictionary<string, (object?[] Key, List<EsqlContext> Rows)>();
        if (stats.By.Count == 0) groups[""] = ([], []);

        foreach (var row in rows)
        {
            var context = row.Context(now);
            foreach (var key in Keys(stats.By.Select(b => b.Value.Of(context)).ToList()))
            {
                var text = string.Join('\u001f', key.Select(k => k is null ? "\u001e" : DetectionEvent.TextOf(k)));
                if (!groups.TryGetValue(text, out var group)) groups[text] = group = (key, []);

                group.Rows.Add(context);
            }
        }

        foreach (var (key, contexts) in groups.Values)
        {
            var made = ImmutableDictionary<string, object?>.Empty.SetItems(stats.By.Select((b, i) => KeyValuePair.Create(b.Name, key[i])));
            yield return new(null, made.SetItems(stats.Aggregates.Select(a => KeyValuePair.Create(a.Name, a.Of(contexts)))), false);
        }
    }

    /// <summary>A row with several values of a key is in the group of each.</summary>
    private static IEnumerable<object?[]> Keys(List<object?> values)
    {
        IEnumerable<object?[]> keys = [[]];
        foreach (var value in values)
        {
            IEnumerable<object?> each = EsqlValue.Each(value).DefaultIfEmpty();
            keys = keys.SelectMany(key => each.Select(v => (object?[])[.. key, v]));
        }

        return keys;
    }

    private static IOrderedEnumerable<Row> Sort(EsqlSort sort, IEnumerable<Row> rows, DateTimeOffset now)
    {
        var sorted = rows.OrderBy(_ => 0);
        foreach (var key in sort.Keys)
        {
            var comparer = Comparer<object?>.Create((a, b) => (a, b) switch
            {
                (null, null) => 0,
                (null, _) => key.NullsFirst ? -1 : 1,
                (_, null) => key.NullsFirst ? 1 : -1,
                _ => key.Descending ? EsqlValue.Compare(b, a) : EsqlValue.Compare(a, b),
            });
            sorted = sorted.ThenBy(r => Bound(key, key.Value.Of(r.Context(now))), comparer);
        }

        return sorted;
    }

    /// <summary>Of several values the least counts, or the greatest in descending order.</summary>
    private static object? Bound(EsqlSortKey key, object? value)
    {
        var order = EsqlValue.Each(value).Order(Comparer<object>.Create(EsqlValue.Compare)).ToList();
        return key.Descending ? order.LastOrDefault() : order.FirstOrDefault();
    }

    /// <param name="OfIndex">Whether the fields of the event are columns too.</param>
    private sealed record Row(DetectionEvent? Event, ImmutableDictionary<string, object?> Made, bool OfIndex)
    {
        public EsqlContext Context(DateTimeOffset now) => new(Column, now);

        public object? Column(string name) => Made.TryGetValue(name, out var value) ? value : OfIndex && Event is not null ? EsqlValue.Of(Event[name]) : null;

        public IReadOnlyList<string> Names() => [.. (OfIndex && Event is not null ? Event.Fields.Keys : []).Union(Made.Keys)];

        public Row With(string name, object? value) => this with { Made = Made.SetItem(name, value) };
    }
}
