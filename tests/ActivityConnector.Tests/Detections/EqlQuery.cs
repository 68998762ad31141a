using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Detections;

/// <summary>
/// A parsed EQL query: one filter, or a sequence of two stages or more. A subset of Elastic's EQL: no <c>sample</c>, <c>until</c>, missing
/// events, functions, arithmetic, regular expressions and pipes.
/// </summary>
/// <param name="Stages">What happens in this order; <c>with runs=3</c> gives three of the same. One when it is no sequence.</param>
/// <param name="IsSequence">Whether the query begins with <c>sequence</c>.</param>
/// <param name="Maxspan">From the first event to the last, inclusive; null without limit.</param>
internal sealed record EqlQuery(IReadOnlyList<EqlStage> Stages, bool IsSequence, TimeSpan? Maxspan)
{
    /// <exception cref="QuerySyntaxException">Elasticsearch would refuse the query, or it is beyond the subset.</exception>
    public static EqlQuery Parse(string text) => new EqlParser(text).Parse();

    /// <summary>Every field that the query names, and for what.</summary>
    public IReadOnlyList<FieldUse> Fields() =>
        [.. Stages.Distinct().SelectMany(s => s.Condition.Fields().Concat(s.By.Select(f => new FieldUse(f.Name, "by", f.IsOptional)))).Distinct()];

    /// <summary>What is wrong with the fields of the query, one line each.</summary>
    public IReadOnlyList<string> Problems(IndexFields fields) => fields.Problems(Fields());

    /// <summary>A query of a search that finds the events that can be of any stage, translated as Elasticsearch does it.</summary>
    public JsonObject ToSearch() => Dsl.AnyOf(Stages.Distinct().Select(s => s.ToSearch()));
}

/// <summary>One item of a sequence, or the only filter.</summary>
/// <param name="Category">A value of <c>event.category</c>; null for <c>any</c>.</param>
/// <param name="By">The join key, fields of <c>sequence by</c> first.</param>
internal sealed record EqlStage(string? Category, EqlCondition Condition, IReadOnlyList<EqlField> By)
{
    public bool Matches(DetectionEvent e) => (Category is null || e["event.category"].Contains(Category)) && Condition.Matches(e);

    public JsonObject ToSearch() => Category is null
        ? Condition.ToSearch()
        : Dsl.AllOf([Dsl.Clause("term", "event.category", Category), Condition.ToSearch()]);

    /// <summary>The values that all events of a sequence share; null when one is missing that must be there.</summary>
    public IReadOnlyList<string?>? KeyOf(DetectionEvent e)
    {
        var key = new string?[By.Count];
        for (var i = 0; i < By.Count; i++)
        {
            var values = e[By[i].Name];
            if (values.Count == 0 && !By[i].IsOptional) return null;

            key[i] = values.Count == 0 ? null : string.Join('\u001f', values.Select(DetectionEvent.TextOf).Order(StringComparer.Ordinal));
        }

        return key;
    }
}

/// <summary>A field as the query names it; optional with a question mark before it.</summary>
internal sealed record EqlField(string Name, bool IsOptional);
