using ActivityConnector.Transforms.Ecs;

namespace ActivityConnector.Transforms.Privacy;

/// <summary>Which privacy rule holds for a field, and which fields are special.</summary>
internal static class FieldPrivacy
{
    /// <summary>Fields that identity, order and routing stand on.</summary>
    public static readonly string[] Required = ["event.id", "@timestamp", "event.dataset", "organization.id", "ecs.version", "event.kind"];

    /// <summary>Where values are the connector's own; <c>message</c> is looked at as a whole.</summary>
    private static readonly string[] OwnRoots = ["ecs.", "event.", "error.", "agent.", "service.", "data_stream.", "organization.", "labels.", "trace."];

    private static readonly string[] NotText = ["source.ip", "related.ip", "event.created"];

    /// <summary>The action of the field's own rule, else of the longest <c>prefix.*</c> above it.</summary>
    public static PrivacyAction ActionOf(PrivacyRules rules, string field)
    {
        if (rules.Actions.TryGetValue(field, out var action)) return action;

        for (var dot = field.LastIndexOf('.'); dot > 0; dot = field.LastIndexOf('.', dot - 1))
        {
            if (rules.Actions.TryGetValue(field[..dot] + ".*", out action)) return action;
        }

        return PrivacyAction.Keep;
    }

    /// <summary>Whether a rule hides the field, or one below it.</summary>
    public static bool HidesAnyOf(PrivacyRules rules, string field) => ActionOf(rules, field) != PrivacyAction.Keep
        || rules.Actions.Any(rule => rule.Value != PrivacyAction.Keep && rule.Key.StartsWith(field + ".", StringComparison.Ordinal));

    /// <summary>Whether the field's values come from the record, so that one of them may stand in another field too.</summary>
    public static bool MayRepeatValues(string field) =>
        field is not ("@timestamp" or "message" or "tags") && !OwnRoots.Any(root => field.StartsWith(root, StringComparison.Ordinal));

    /// <summary>A hash is a text: a field of another type, where no index would take it, is left out instead.</summary>
    public static bool IsText(FlatField field) => !field.IsNumber && !NotText.Contains(field.Name);
}
