namespace ActivityConnector.Transforms;

/// <summary>The fields that follow from a classification, as finished JSON.</summary>
internal sealed class ClassFields
{
    public ClassFields(Classification classification, EventSettings settings, string provider)
    {
        Action = classification.Action;
        IsKnown = classification.IsKnown;
        NamesTarget = IntercomTarget.IsNamedBy(Action);
        NamesTeam = Action.StartsWith("app_team_", StringComparison.Ordinal) || Action == "team_assignment_limit_change";
        var severity = settings.SeverityOverrides.GetValueOrDefault(Action, classification.Severity);
        ActionAndCategory = JsonFragment.Bytes(
            JsonFragment.Field("event.action", Action) + JsonFragment.Field("event.category", classification.Categories));
        OutcomeAndProvider = JsonFragment.Bytes(
            JsonFragment.Field("event.outcome", classification.Outcome) + JsonFragment.Field("event.provider", provider));
        SeverityAndType = JsonFragment.Bytes(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $",\"event.severity\":{severity}")
            + JsonFragment.Field("event.type", classification.Types));
    }

    public string Action { get; }

    public bool IsKnown { get; }

    /// <summary>An Intercom activity whose metadata names the user that was acted upon.</summary>
    public bool NamesTarget { get; }

    /// <summary>An Intercom activity whose metadata names a team.</summary>
    public bool NamesTeam { get; }

    public byte[] ActionAndCategory { get; }

    public byte[] OutcomeAndProvider { get; }

    public byte[] SeverityAndType { get; }
}
