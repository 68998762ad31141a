using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Tables;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>The fields that follow from an Intercom classification, and what the activity's metadata names.</summary>
internal sealed class IntercomClass(Classification classification, EventSettings settings, string provider) : ClassFields(classification, settings, provider)
{
    /// <summary>The metadata names the user that was acted upon.</summary>
    public bool NamesTarget { get; } = IntercomTarget.IsNamedBy(classification.Action);

    /// <summary>The metadata names a team.</summary>
    public bool NamesTeam { get; } =
        classification.Action.StartsWith("app_team_", StringComparison.Ordinal) || classification.Action == "team_assignment_limit_change";
}
