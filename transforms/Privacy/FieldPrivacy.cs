using ActivityConnector.Transforms.Ecs;

namespace ActivityConnector.Transforms.Privacy;

/// <summary>Which privacy rule holds for a field, and which fields are special.</summary>
internal static class FieldPrivacy
{
    /// <summary>Fields that identity, order and routing stand on.</summary>
    public static readonly string[] Required = ["event.id", "@timestamp", "event.dataset", "organization.id", "ecs.version", "event.kind"];

    /// <summary>Where values are the connector's own.</summary>
    private static readonly string[] OwnRoots = ["ecs.", "event.", "error.", "agent.", "service.", "data_stream.", "organization.", "labels.", "trace."];

    private static readonly string[] NotText = ["source.ip", "related.ip", "event.created"];

    /// <summary>
    /// The action of the field's own rule, else of the longest <c>prefix.*</c>, or prefix, above it. What <c>source.ip</c> hides, <c>source.address</c> does
    /// not show: it is the same address, or a list with it.
    /// </summary>
    public static PrivacyAction ActionOf(PrivacyRules rules, string field)
    {
        var action = OwnActionOf(rules, field);
        return action == PrivacyAction.Keep && field == "source.address" ? OwnActionOf(rules, "source.ip") : action;
    }

    /// <summary>Whether a rule says that the field is kept.</summary>
    public static bool IsKeptByRule(PrivacyRules rules, string field) => RuleOf(rules, field) == PrivacyAction.Keep;

    private static PrivacyAction OwnActionOf(PrivacyRules rules, string field) => RuleOf(rules, field) ?? PrivacyAction.Keep;

    private static PrivacyAction? RuleOf(PrivacyRules rules, string field)
    {
        if (rules.Actions.TryGetValue(field, out var action)) return action;

        for (var dot = field.LastIndexOf('.'); dot > 0; dot = field.LastIndexOf('.', dot - 1))
        {
            if (rules.Actions.TryGetValue(field[..dot] + ".*", out action) || rules.Actions.TryGetValue(field[..dot], out action)) return action;
        }

        return null;
    }

    /// <summary>Whether a rule hides the field, or one below it.</summary>
    public static bool HidesAnyOf(PrivacyRules rules, string field) => ActionOf(rules, field) != PrivacyAction.Keep
        || rules.Actions.Any(rule => rule.Value != PrivacyAction.Keep && rule.Key.StartsWith(field + ".", StringComparison.Ordinal));

    /// <summary>Whether the field's values come from the record, so that a value that is hidden in another field may stand in them.</summary>
    public static bool IsFromRecord(string field) => field is "message" or "event.reason"
        || (field is not ("@timestamp" or "tags") && !OwnRoots.Any(root => field.StartsWith(root, StringComparison.Ordinal)));

    /// <summary>
    /// Whether a value that is hidden in the field is hidden everywhere. The ids of a log and an item are those of the event, which cannot be without one.
    /// </summary>
    public static bool HidesEverywhere(string field) => IsFromRecord(field) && field is not ("sequence.activity_log.id" or "sequence.item.id");

    /// <summary>A hash is a text: a field of another type, where no index would take it, is left out instead.</summary>
    public static bool IsText(FlatField field) => !field.IsNumber && !NotText.Contains(field.Name);
}
