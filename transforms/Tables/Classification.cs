namespace ActivityConnector.Transforms.Tables;

/// <summary>What a mapping table says about an activity, in ECS terms. Immutable.</summary>
/// <param name="Action"><c>event.action</c>.</param>
/// <param name="Categories"><c>event.category</c>; empty where ECS has no fitting one.</param>
/// <param name="Types"><c>event.type</c>; never empty.</param>
/// <param name="Outcome"><c>event.outcome</c>: success, failure, unknown, or null where there is nothing to succeed.</param>
/// <param name="Severity"><c>event.severity</c>, 0 to 100, before the configured overrides.</param>
/// <param name="IsKnown">False where a rule had to guess.</param>
public sealed record Classification(
    string Action, IReadOnlyList<string> Categories, IReadOnlyList<string> Types, string? Outcome, int Severity, bool IsKnown);
