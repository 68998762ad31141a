using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Detections;

/// <summary>
/// A condition on one event. As Elasticsearch searches for it: a field with several values matches when one of them does; <c>!=</c> and
/// <c>not</c> of an equality match when none does, also when the field is missing; <c>not</c> of an order turns the order round.
/// </summary>
internal abstract record EqlCondition
{
    public abstract bool Matches(DetectionEvent e);

    public abstract EqlCondition Negate();

    public abstract JsonObject ToSearch();

    public abstract IEnumerable<FieldUse> Fields();
}

internal sealed record EqlBoth(EqlCondition Left, EqlCondition Right) : EqlCondition
{
    public override bool Matches(DetectionEvent e) => Left.Matches(e) && Right.Matches(e);

    public override EqlCondition Negate() => new EqlEither(Left.Negate(), Right.Negate());

    public override JsonObject ToSearch() => Dsl.AllOf([Left.ToSearch(), Right.ToSearch()]);

    public override IEnumerable<FieldUse> Fields() => Left.Fields().Concat(Right.Fields());
}

internal sealed record EqlEither(EqlCondition Left, EqlCondition Right) : EqlCondition
{
    public override bool Matches(DetectionEvent e) => Left.Matches(e) || Right.Matches(e);

    public override EqlCondition Negate() => new EqlBoth(Left.Negate(), Right.Negate());

    public override JsonObject ToSearch() => Dsl.AnyOf([Left.ToSearch(), Right.ToSearch()]);

    public override IEnumerable<FieldUse> Fields() => Left.Fields().Concat(Right.Fields());
}

internal sealed record EqlNot(EqlCondition Inner) : EqlCondition
{
    public override bool Matches(DetectionEvent e) => !Inner.Matches(e);

    public override EqlCondition Negate() => Inner;

    public override JsonObject ToSearch() => Dsl.Not(Inner.ToSearch());

    public override IEnumerable<FieldUse> Fields() => Inner.Fields();
}

internal sealed record EqlTruth(bool Value) : EqlCondition
{
    public override bool Matches(DetectionEvent e) => Value;

    public override EqlCondition Negate() => new EqlTruth(!Value);

    public override JsonObject ToSearch() => Value ? Dsl.All() : Dsl.Not(Dsl.All());

    public override IEnumerable<FieldUse> Fields() => [];
}

/// <summary>The comparisons <c>field != null</c>, and its negation <c>field == null</c>.</summary>
internal sealed record EqlExists(EqlField Field) : EqlCondition
{
    public override bool Matches(DetectionEvent e) => e[Field.Name].Count > 0;

    public override EqlCondition Negate() => new EqlNot(this);

    public override JsonObject ToSearch() => Dsl.Exists(Field.Name);

    public override IEnumerable<FieldUse> Fields() => [new(Field.Name, "null", Field.IsOptional)];
}

/// <summary>A field is equal to a value.</summary>
internal sealed record EqlEqual(EqlField Field, object Value) : EqlCondition
{
    public override bool Matches(DetectionEvent e) => e[Field.Name].Any(v => EqlOrder.Compare(v, Value) == 0);

    public override EqlCondition Negate() => new EqlNot(this);

    public override JsonObject ToSearch() => Dsl.Clause("term", Field.Name, JsonValue.Create(Value));

    public override IEnumerable<FieldUse> Fields() => [new(Field.Name, "==", Field.IsOptional, Value)];
}

/// <summary>A field is less or greater than a value, or equal.</summary>
/// <param name="Operator">One of the four comparisons of order.</param>
internal sealed record EqlOrder(EqlField Field, string Operator, object Value) : EqlCondition
{
    private static readonly Dictionary<string, (string Opposite, string Bound, Func<int, bool> Holds)> Operators = new()
    {
        ["<"] = (">=", "lt", c => c < 0),
        ["<="] = (">", "lte", c => c <= 0),
        [">"] = ("<=", "gt", c => c > 0),
        [">="] = ("<", "gte", c => c >= 0),
    };

    public static bool IsOperator(string symbol) => Operators.ContainsKey(symbol);

    /// <summary>Null when the two cannot be compared.</summary>
    public static int? Compare(object value, object with) => (value, with) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (DateTimeOffset a, string b) when DateTimeOffset.TryParse(b, null, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) =>
            a.CompareTo(time),
        (bool a, bool b) => a.CompareTo(b),
        (long or double, long or double) => Number(value).CompareTo(Number(with)),
        _ => null,
    };

    public override bool Matches(DetectionEvent e) => e[Field.Name].Any(v => Compare(v, Value) is { } order && Operators[Operator].Holds(order));

    public override EqlCondition Negate() => this with { Operator = Operators[Operator].Opposite };

    public override JsonObject ToSearch() => Dsl.Range(Field.Name, Operators[Operator].Bound, JsonValue.Create(Value));

    public override IEnumerable<FieldUse> Fields() => [new(Field.Name, Operator, Field.IsOptional, Value)];

    private static double Number(object value) => value is long whole ? whole : (double)value;
}

/// <summary>A field is one of some texts, or matches one of some patterns.</summary>
/// <param name="Operator">As it was written.</param>
/// <param name="Wildcards">Whether <c>*</c> and <c>?</c> stand for other characters.</param>
internal sealed record EqlOneOf(EqlField Field, string Operator, IReadOnlyList<object> Values, bool IgnoreCase, bool Wildcards) : EqlCondition
{
    public override bool Matches(DetectionEvent e) => e[Field.Name].Any(v => Values.Any(pattern => Matches(v, pattern)));

    public override EqlCondition Negate() => new EqlNot(this);

    public override JsonObject ToSearch() => Dsl.AnyOf(Values.Select(v => Dsl.Clause(
        Wildcards ? "wildcard" : "term",
        Field.Name,
        v is string text
            ? new JsonObject { ["value"] = Wildcards ? text.Replace("\\", "\\\\", StringComparison.Ordinal) : text, ["case_insensitive"] = IgnoreCase }
            : JsonValue.Create(v))));

    public override IEnumerable<FieldUse> Fields() => [new(Field.Name, Operator, Field.IsOptional, Values[0])];

    private bool Matches(object value, object pattern) => (value, pattern, Wildcards) switch
    {
        (string text, string like, true) => Wildcard.Matches(text, like, IgnoreCase, escapes: false),
        (string text, string same, false) => string.Equals(text, same, IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal),
        _ => EqlOrder.Compare(value, pattern) == 0,
    };
}
