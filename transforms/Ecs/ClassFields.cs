using System.Text;
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
        ActionAndCategory = Encoding.UTF8.GetBytes(
            JsonFragment.Field("event.action", Action) + JsonFragment.Field("event.category", classification.Categories));
        OutcomeAndProvider = Encoding.UTF8.GetBytes(
            JsonFragment.Field("event.outcome", classification.Outcome) + JsonFragment.Field("event.provider", provider));
        SeverityAndType = Encoding.UTF8.GetBytes(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $",\"event.severity\":{severity}")
            + JsonFragment.Field("event.type", classification.Types));
    }

    public string Action { get; }

    public bool IsKnown { get; }

    public byte[] ActionAndCategory { get; }

    public byte[] OutcomeAndProvider { get; }

    public byte[] SeverityAndType { get; }
}
