using System.Text;

namespace ActivityConnector.Detections;

/// <summary>A predicate as a Lucene query string, which Kibana, OpenSearch Dashboards and both servers read alike (<c>query_string</c>).</summary>
internal static class LuceneText
{
    private const string Special = """+-=&|!(){}[]^"~:\/<> """;

    public static string Of(Predicate predicate) => predicate switch
    {
        AllOf all => string.Join(" AND ", all.Parts.Select(Part)),
        AnyOf any => string.Join(" OR ", any.Parts.Select(Part)),
        Not not => $"NOT {Part(not.Part)}",
        FieldTest { Comparison: Comparison.Missing } test => $"NOT _exists_:{test.Field}",
        FieldTest { Values: [var only] } test => $"{test.Field}:{Value(test.Comparison, only)}",
        FieldTest test => $"{test.Field}:({string.Join(" OR ", test.Values.Select(v => Value(test.Comparison, v)))})",
        _ => throw new InvalidOperationException(predicate.GetType().Name),
    };

    private static string Part(Predicate part) => part is AllOf or AnyOf or Not or FieldTest { Comparison: Comparison.Missing } ? $"({Of(part)})" : Of(part);

    private static string Value(Comparison comparison, RuleValue value) => comparison switch
    {
        Comparison.GreaterOrEqual => $"[{value.Text} TO *]",
        Comparison.Greater => $"{{{value.Text} TO *]",
        Comparison.LessOrEqual => $"[* TO {value.Text}]",
        Comparison.Less => $"[* TO {value.Text}}}",
        _ when value.IsNumber => value.Text,
        _ when value.HasWildcard => Escaped(value.Text),
        _ => $"\"{value.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
    };

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in text)
        {
            if (Special.Contains(character, StringComparison.Ordinal)) escaped.Append('\\');

            escaped.Append(character);
        }

        return escaped.ToString();
    }
}
