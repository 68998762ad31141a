using System.Globalization;
using System.IO.Enumeration;

namespace ActivityConnector.Detections;

/// <summary>How a field is compared with values.</summary>
internal enum Comparison
{
    /// <summary>One of the values; in a text, <c>*</c> stands for any characters and <c>?</c> for one.</summary>
    Equal,

    GreaterOrEqual,
    Greater,
    LessOrEqual,
    Less,

    /// <summary>The field has no value.</summary>
    Missing,
}

/// <summary>A value of a rule.</summary>
/// <param name="IsNumber">Whether the file has it as a number, without quotation marks.</param>
internal readonly record struct RuleValue(string Text, bool IsNumber)
{
    public bool HasWildcard => !IsNumber && Text.AsSpan().ContainsAny('*', '?');
}

/// <summary>
/// One field of an event against the values of a rule. Texts are compared with their case, unlike in Sigma, because keyword fields of an index are.
/// </summary>
/// <param name="Values">One of them is enough. Empty for <see cref="Comparison.Missing"/>.</param>
internal sealed record FieldTest(string Field, Comparison Comparison, IReadOnlyList<RuleValue> Values) : Predicate
{
    public override IEnumerable<FieldTest> Tests => [this];

    public override bool Matches(EventValues e)
    {
        var found = e[Field];
        if (Comparison == Comparison.Missing) return found.Count == 0;

        foreach (var text in found)
        {
            foreach (var value in Values)
            {
                if (Meets(text, value)) return true;
            }
        }

        return false;
    }

    private bool Meets(string found, RuleValue value) => Comparison switch
    {
        Comparison.Equal when value.HasWildcard => FileSystemName.MatchesSimpleExpression(value.Text, found, ignoreCase: false),
        Comparison.Equal => found == value.Text,
        Comparison.GreaterOrEqual => Number(found) >= Number(value.Text),
        Comparison.Greater => Number(found) > Number(value.Text),
        Comparison.LessOrEqual => Number(found) <= Number(value.Text),
        _ => Number(found) < Number(value.Text),
    };

    // Not a number compares as false with everything.
    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
