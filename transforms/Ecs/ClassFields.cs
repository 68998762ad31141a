using ActivityConnector.Transforms.Tables;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>The fields that follow from a classification, as finished JSON.</summary>
internal class ClassFields
{
    public ClassFields(Classification classification, EventSettings settings, string provider)
    {
        Action = classification.Action;
        IsKnown = classification.IsKnown;
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

    public byte[] ActionAndCategory { get; }

    public byte[] OutcomeAndProvider { get; }

    public byte[] SeverityAndType { get; }
}
