namespace ActivityConnector.Tests.Detections;

/// <summary>
/// A parsed ES|QL query: <c>FROM</c>, then any of <c>WHERE EVAL STATS KEEP SORT LIMIT</c>. Functions: <c>NOW DATE_DIFF COUNT COUNT_DISTINCT MAX
/// MIN VALUES</c>.
/// </summary>
/// <param name="Sources">The index patterns of <c>FROM</c>.</param>
internal sealed record EsqlQuery(IReadOnlyList<string> Sources, IReadOnlyList<EsqlCommand> Commands, IReadOnlyList<FieldUse> Uses)
{
    /// <exception cref="QuerySyntaxException">Elasticsearch would refuse the query, or it is beyond the subset.</exception>
    public static EsqlQuery Parse(string text) => new EsqlParser(text).Parse();

    /// <summary>Every field of the index that the query names, and for what; columns that the query makes are none.</summary>
    public IReadOnlyList<FieldUse> Fields() => Uses;

    /// <summary>What is wrong with the fields of the query, one line each.</summary>
    public IReadOnlyList<string> Problems(IndexFields fields) => fields.Problems(Uses);

    /// <summary>Whether its rows are groups, not events.</summary>
    public bool IsAggregating => Commands.Any(c => c is EsqlStats);
}

/// <summary>One step of the pipe.</summary>
internal abstract record EsqlCommand;

internal sealed record EsqlWhere(EsqlExpression Condition) : EsqlCommand;

internal sealed record EsqlEval(IReadOnlyList<(string Name, EsqlExpression Value)> Columns) : EsqlCommand;

internal sealed record EsqlStats(IReadOnlyList<EsqlAggregate> Aggregates, IReadOnlyList<(string Name, EsqlExpression Value)> By) : EsqlCommand;

internal sealed record EsqlKeep(IReadOnlyList<string> Columns) : EsqlCommand;

internal sealed record EsqlSort(IReadOnlyList<EsqlSortKey> Keys) : EsqlCommand;

internal sealed record EsqlLimit(int Rows) : EsqlCommand;

internal sealed record EsqlSortKey(EsqlExpression Value, bool Descending, bool NullsFirst);

/// <summary>A column that <c>STATS</c> makes of the rows of a group.</summary>
/// <param name="Argument">Null for <c>COUNT(*)</c>.</param>
internal sealed record EsqlAggregate(string Name, string Function, EsqlExpression? Argument)
{
    public object? Of(IEnumerable<EsqlContext> rows)
    {
        if (Argument is null) return (long)rows.Count();

        var values = rows.SelectMany(r => EsqlValue.Each(Argument.Of(r)));
        return Function switch
        {
            "COUNT" => (long)values.Count(),
            "COUNT_DISTINCT" => (long)values.Distinct().Count(),
            "MAX" => values.Aggregate((object?)null, (best, v) => best is null || EsqlValue.Compare(v, best) > 0 ? v : best),
            "MIN" => values.Aggregate((object?)null, (best, v) => best is null || EsqlValue.Compare(v, best) < 0 ? v : best),
            _ => EsqlValue.Of([.. values.Distinct().Order(Comparer<object>.Create(EsqlValue.Compare))]),
        };
    }
}
