namespace ActivityConnector.Tests.Detections;

/// <summary>What an EQL rule finds in one run: an event, or a sequence, whose values for suppression are those that all its events share.</summary>
internal static class EqlFindings
{
    public static IEnumerable<RuleFinding> Of(ElasticRule rule, IEnumerable<DetectionEvent> events)
    {
        var query = EqlQuery.Parse(rule.Query);
        return EqlEvaluator.Run(query, events).Select(match =>
        {
            var ids = match.Events.Select(e => e.Id).ToList();
            var group = rule.Suppression is { GroupBy.Count: > 0 } s ? new RuleKey([.. s.GroupBy.Select(f => (f, Shared(match.Events, f)))]) : null;
            var key = query.IsSequence ? new RuleKey([.. query.Stages[0].By.Select((f, i) => (f.Name, match.Key[i]))]) : group ?? RuleKey.None;
            return new RuleFinding(string.Join(' ', match.Events.Select(e => e.DocumentId)), key, group, ids, match.Events[^1].Time, ids.Count);
        });
    }

    private static string? Shared(IReadOnlyList<DetectionEvent> events, string field)
    {
        var values = events.Select(e => e.Text(field)).Distinct().ToList();
        return values is [var same] ? same : null;
    }
}
