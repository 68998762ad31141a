namespace ActivityConnector.Tests.Detections;

/// <summary>What an ES|QL rule finds in one run: a row. The same row of a later run is the same finding; for rows that are events, the same event.</summary>
internal static class EsqlFindings
{
    public static IEnumerable<RuleFinding> Of(ElasticRule rule, IEnumerable<DetectionEvent> events, DateTimeOffset now) =>
        EsqlEvaluator.Run(EsqlQuery.Parse(rule.Query), events, now).Select(row =>
        {
            var key = new RuleKey([.. row.Columns.Select(c => (c.Name, Text(c.Value)))]);
            var group = rule.Suppression is { GroupBy.Count: > 0 } s ? new RuleKey([.. s.GroupBy.Select(f => (f, Column(row, f)))]) : null;
            return row.Event is { } e
                ? new RuleFinding(e.DocumentId, key, group, [e.Id], e.Time, 1)
                : new RuleFinding(key.ToString(), key, group, [], now, 1);
        });

    private static string? Column(EsqlRow row, string field) =>
        row.Columns.Any(c => c.Name == field) ? Text(row[field]) : row.Event?.Text(field);

    private static string? Text(object? value) => value is null ? null : string.Join(", ", EsqlValue.Each(value).Select(DetectionEvent.TextOf));
}
