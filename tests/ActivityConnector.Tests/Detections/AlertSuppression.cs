namespace ActivityConnector.Tests.Detections;

/// <summary>
/// Makes alerts of what the runs of one rule find, as Kibana does: what was found before is no new alert; what has the same values of the fields
/// of the suppression becomes a part of the alert that was raised for them within the duration, or within the same run when there is none.
/// </summary>
internal sealed class AlertSuppression(ElasticRule rule)
{
    private readonly List<RuleAlert> _alerts = [];
    private readonly List<List<string>> _ids = [];
    private readonly HashSet<string> _seen = [];
    private readonly Dictionary<RuleKey, int> _open = [];

    public IReadOnlyList<RuleAlert> Alerts => _alerts;

    /// <param name="run">When the run that found it was.</param>
    /// <param name="found">In the order of the events.</param>
    public void Add(DateTimeOffset run, RuleFinding found)
    {
        if (!_seen.Add(found.Identity)) return;

        var group = rule.Suppression is null ? null : found.Group;
        if (group is not null && rule.Suppression!.SuppressesMissing == false && group.Parts.Any(p => p.Value is null)) group = null;

        if (group is not null && _open.TryGetValue(group, out var open) && run - _alerts[open].RaisedAt <= (rule.Suppression!.Duration ?? TimeSpan.Zero))
        {
            var alert = _alerts[open];
            _ids[open].AddRange(found.EventIds);
            _alerts[open] = alert with
            {
                Time = found.Time > alert.Time ? found.Time : alert.Time,
                EventCount = alert.EventCount + found.EventCount,
                Suppressed = alert.Suppressed + 1,
            };
            return;
        }

        if (group is not null) _open[group] = _alerts.Count;

        _ids.Add([.. found.EventIds]);
        _alerts.Add(new(rule.Id, found.Key, _ids[^1], found.Time, run, found.EventCount, 0));
    }
}

/// <summary>What one run of a rule found, before suppression.</summary>
/// <param name="Identity">The same for the same finding of another run.</param>
/// <param name="Key">What the alert is about.</param>
/// <param name="Group">The values of the fields of the suppression; null when nothing is suppressed.</param>
internal sealed record RuleFinding(
    string Identity, RuleKey Key, RuleKey? Group, IReadOnlyList<string> EventIds, DateTimeOffset Time, int EventCount);
