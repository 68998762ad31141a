using ActivityConnector.Configuration;

namespace ActivityConnector.Detections;

/// <summary>Sigma's selection: a field a line, with a modifier or without, and the values of which one is enough.</summary>
internal static class Selection
{
    /// <exception cref="RuleFileException">It is not understood, or events have no such field.</exception>
    public static Predicate Read(YamlPart selection)
    {
        var tests = selection.Names.Select(name => Test(selection, name)).ToList();
        if (tests.Count == 0) throw selection.Error("A selection needs a field.");

        return tests is [var only] ? only : new AllOf(tests);
    }

    private static FieldTest Test(YamlPart selection, string name)
    {
        var values = selection.Values(name);
        var (field, modifier) = name.Split('|') switch
        {
            [var only] => (only, ""),
            [var first, var second] => (first, second),
            _ => throw selection.Error($"'{name}' has several modifiers. One is understood."),
        };
        CheckField(selection, field);
        if (modifier is "gte" or "gt" or "lte" or "lt" && values.Any(v => !v.IsNumber)) throw selection.Error($"'{name}' needs a number.");

        if (values.Count == 0)
        {
            return modifier.Length == 0 ? new FieldTest(field, Comparison.Missing, []) : throw selection.Error($"'{name}' has no value.");
        }

        return modifier switch
        {
            "" => new FieldTest(field, Comparison.Equal, values),
            "contains" => new FieldTest(field, Comparison.Equal, With("*", values, "*")),
            "startswith" => new FieldTest(field, Comparison.Equal, With("", values, "*")),
            "endswith" => new FieldTest(field, Comparison.Equal, With("*", values, "")),
            "gte" => new FieldTest(field, Comparison.GreaterOrEqual, values),
            "gt" => new FieldTest(field, Comparison.Greater, values),
            "lte" => new FieldTest(field, Comparison.LessOrEqual, values),
            "lt" => new FieldTest(field, Comparison.Less, values),
            _ => throw selection.Error(
                $"The modifier '{modifier}' of '{field}' is not understood. These are: contains, startswith, endswith, gte, gt, lte, lt."),
        };
    }

    /// <exception cref="RuleFileException">Events have no such field.</exception>
    public static void CheckField(YamlPart part, string field)
    {
        if (EventFieldNames.IsField(field)) return;

        var near = EventFieldNames.Near(field);
        throw part.Error($"Events have no field '{field}'.{(near.Count > 0 ? $" Did you mean {string.Join(" or ", near)}?" : "")}");
    }

    private static IReadOnlyList<RuleValue> With(string before, IReadOnlyList<RuleValue> values, string after) =>
        [.. values.Select(v => new RuleValue(before + v.Text + after, IsNumber: false))];
}
