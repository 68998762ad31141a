namespace ActivityConnector.Tests.Detections;

/// <summary>An alert of a rule.</summary>
/// <param name="RuleId">The rule's <c>rule_id</c>.</param>
/// <param name="Key">
/// What it is about: the fields of the suppression, of the threshold, the new terms, the join key of a sequence, or the columns of an ES|QL row.
/// </param>
/// <param name="EventIds">
/// The values of <c>event.id</c>: of a query's event, of a sequence, of the first event with a new term, of the events that a threshold counted;
/// none for a row of groups.
/// </param>
/// <param name="Time">The time of the last of its events; of the run for a row of groups.</param>
/// <param name="RaisedAt">The run that raised it.</param>
/// <param name="EventCount">How many events it stands for, suppressed ones too.</param>
/// <param name="Suppressed">How many further alerts became part of it.</param>
internal sealed record RuleAlert(
    string RuleId, RuleKey Key, IReadOnlyList<string> EventIds, DateTimeOffset Time, DateTimeOffset RaisedAt, int EventCount, int Suppressed);

/// <summary>Fields with one value each; null where the event lacks the field. Two with the same are equal.</summary>
internal sealed class RuleKey(IReadOnlyList<(string Field, string? Value)> parts) : IEquatable<RuleKey>
{
    public static RuleKey None { get; } = new([]);

    public IReadOnlyList<(string Field, string? Value)> Parts => parts;

    public string? this[string field] => parts.First(p => p.Field == field).Value;

    public bool Equals(RuleKey? other) => other is not null && parts.SequenceEqual(other.Parts);

    public override bool Equals(object? obj) => Equals(obj as RuleKey);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var part in parts) hash.Add(part);

        return hash.ToHashCode();
    }

    public override string ToString() => string.Join(", ", parts.Select(p => $"{p.Field}={p.Value ?? "(missing)"}"));

    /// <summary>The keys of an event: several when a field has several values, as an aggregation counts it in each; none when a field is missing.</summary>
    public static IEnumerable<RuleKey> Of(DetectionEvent e, IReadOnlyList<string> fields)
    {
        IEnumerable<IReadOnlyList<(string, string?)>> keys = [[]];
        foreach (var field in fields)
        {
            var values = e[field].Select(DetectionEvent.TextOf).Distinct().ToList();
            keys = keys.SelectMany(key => values.Select(v => (IReadOnlyList<(string, string?)>)[.. key, (field, v)]));
        }

        return keys.Select(parts => new RuleKey(parts));
    }

    /// <summary>The key of an event for suppression, in which a missing field is null.</summary>
    public static RuleKey WithMissing(DetectionEvent e, IReadOnlyList<string> fields) => new([.. fields.Select(f => (f, e.Text(f)))]);
}

/// <summary>What a run found, and what it cost.</summary>
/// <param name="Alerts">In the order of the runs.</param>
/// <param name="Took">The sum of the times that the server says its searches took.</param>
/// <param name="Searches">How many requests there were.</param>
internal sealed record RuleResult(IReadOnlyList<RuleAlert> Alerts, TimeSpan Took, int Searches);
