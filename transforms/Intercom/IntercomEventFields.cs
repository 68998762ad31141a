using ActivityConnector.Transforms.Fields;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>The fields of Intercom's events that ECS does not have. (Mapping 3.)</summary>
public static class IntercomEventFields
{
    public static IReadOnlyList<EventField> All { get; } =
    [
        new("intercom.activity_type", FieldType.Keyword, "The type of the activity, as Intercom names it."),
        new("intercom.api_version", FieldType.Keyword, "The version of Intercom's API that the record was read with."),
        new("intercom.changed_settings", FieldType.Keyword, "The names of the settings that the activity changed.") { Values = FieldValues.List },
        new("intercom.metadata.*", FieldType.Keyword, "A value of the record's metadata; the path to it is joined by underscores.")
        {
            Values = FieldValues.OneOrList,
        },
        new("intercom.performed_by.type", FieldType.Keyword, "The kind of the actor, as Intercom names it."),
    ];
}
