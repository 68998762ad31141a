namespace ActivityConnector.Detections;

/// <summary>Ordered steps as an EQL sequence.</summary>
internal static class EqlText
{
    public static string Of(OrderedSteps steps)
    {
        var lines = steps.Ordered.Select(s => $"  [any where {Condition(s.Rule.When)}]{(s.Times > 1 ? $" with runs={s.Times}" : "")}");
        return $"sequence by {string.Join(", ", steps.GroupBy)} with maxspan={ElasticTime.Of(steps.Within)}\n{string.Join('\n', lines)}";
    }

    private static string Condition(Predicate predicate) => predicate switch
    {
        AllOf all => string.Join(" and ", all.Parts.Select(Part)),
        AnyOf any => string.Join(" or ", any.Parts.Select(Part)),
        FieldTest { Comparison: Comparison.Equal } test when test.Values.Any(v => v.HasWildcard) =>
            $"{test.Field} like {In(test.Values)}",
        FieldTest { Comparison: Comparison.Equal, Values: [var only] } test => $"{test.Field} == {Value(only)}",
        FieldTest { Comparison: Comparison.Equal } test => $"{test.Field} in {In(test.Values)}",
        FieldTest { Comparison: Comparison.Missing } test => $"{test.Field} == null",
        FieldTest test => string.Join(" or ", test.Values.Select(v => $"{test.Field} {Sign(test.Comparison)} {v.Text}")),

        // Elasticsearch turns it into must_not, which a missing field meets.
        Not not => $"not ({Condition(not.Part)})",
        _ => throw new InvalidOperationException(predicate.GetType().Name),
    };

    private static string Part(Predicate part) => part is AllOf or AnyOf ? $"({Condition(part)})" : Condition(part);

    private static string In(IEnumerable<RuleValue> values) => $"({string.Join(", ", values.Select(Value))})";

    private static string Value(RuleValue value) => value.IsNumber
        ? value.Text
        : $"\"{value.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Sign(Comparison comparison) => comparison switch
    {
        Comparison.GreaterOrEqual => ">=",
        Comparison.Greater => ">",
        Comparison.LessOrEqual => "<=",
        _ => "<",
    };
}
