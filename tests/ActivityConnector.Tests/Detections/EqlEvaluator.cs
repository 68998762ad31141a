namespace ActivityConnector.Tests.Detections;

/// <summary>Events that a query found: one, or the sequence in its order.</summary>
internal sealed record EqlMatch(IReadOnlyList<DetectionEvent> Events, IReadOnlyList<string?> Key);

/// <summary>
/// Runs EQL over events, written from Elastic's reference ("How sequence queries handle matches"): a state machine for each join key, with one
/// pending sequence a state; a newer one replaces an older one in the same state; an event moves the pending sequence of the state before its
/// own, which is given up when that would exceed <c>maxspan</c>.
/// </summary>
internal static class EqlEvaluator
{
    /// <summary>What a query finds, in the order of the last events.</summary>
    /// <param name="query">One filter or a sequence.</param>
    /// <param name="events">
    /// In any order: they are taken by their times. Of events of the same time, the earlier in the list counts as the earlier: Elasticsearch
    /// promises no order for them.
    /// </param>
    public static IReadOnlyList<EqlMatch> Run(EqlQuery query, IEnumerable<DetectionEvent> events)
    {
        var matches = new List<EqlMatch>();
        var machines = new Dictionary<Key, Pending?[]>();
        var distinct = query.Stages.Distinct().ToList();
        var kinds = query.Stages.Select(s => distinct.IndexOf(s)).ToArray();
        foreach (var e in events.OrderBy(e => e.Time))
        {
            if (!query.IsSequence)
            {
                if (query.Stages[0].Matches(e)) matches.Add(new([e], []));

                continue;
            }

            var keys = distinct.Select(s => s.Matches(e) ? s.KeyOf(e) : null).ToArray();
            for (var stage = query.Stages.Count - 1; stage >= 0; stage--)
            {
                if (keys[kinds[stage]] is { } key) Step(query, new Key(key), stage, e, machines, matches);
            }
        }

        return matches;
    }

    /// <summary>From the last stage to the first, so that one event does not take two stages of the same sequence.</summary>
    private static void Step(
        EqlQuery query, Key key, int stage, DetectionEvent e, Dictionary<Key, Pending?[]> machines, List<EqlMatch> matches)
    {
        var last = query.Stages.Count - 1;
        if (!machines.TryGetValue(key, out var states))
        {
            if (stage > 0) return;

            machines[key] = states = new Pending?[last];
        }

        if (stage == 0)
        {
            states[0] = new(null, e, e.Time);
            return;
        }

        if (states[stage - 1] is not { } before) return;

        states[stage - 1] = null;
        if (query.Maxspan is { } most && e.Time - before.Start > most) return;

        var moved = new Pending(before, e, before.Start);
        if (stage < last)
        {
            states[stage] = moved;
        }
        else
        {
            matches.Add(new(moved.Events(), key.Values));
        }
    }

    private sealed record Pending(Pending? Before, DetectionEvent Event, DateTimeOffset Start)
    {
        public List<DetectionEvent> Events()
        {
            var events = new List<DetectionEvent>();
            for (var at = this; at is not null; at = at.Before) events.Add(at.Event);

            events.Reverse();
            return events;
        }
    }

    /// <summary>Equal when all values are.</summary>
    private sealed class Key(IReadOnlyList<string?> values) : IEquatable<Key>
    {
        public IReadOnlyList<string?> Values => values;

        public bool Equals(Key? other) => other is not null && values.SequenceEqual(other.Values);

        public override bool Equals(object? obj) => Equals(obj as Key);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var value in values) hash.Add(value);

            return hash.ToHashCode();
        }
    }
}
