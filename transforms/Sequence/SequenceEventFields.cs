using ActivityConnector.Transforms.Fields;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>The fields of Sequence's events that ECS does not have. (Mapping 4.)</summary>
public static class SequenceEventFields
{
    public static IReadOnlyList<EventField> All { get; } =
    [
        new("sequence.activity_log.api_version", FieldType.Keyword, "The version of Sequence's API that the log names."),
        new("sequence.activity_log.id", FieldType.Keyword, "The id of the log; the events of its items share it."),
        new("sequence.activity_log.item_count", FieldType.Number, "How many items the log has."),
        new("sequence.activity_log.origin", FieldType.Keyword, "Where the activity came from, as Sequence names it."),
        new("sequence.activity_log.type", FieldType.Keyword, "The type of the log, as Sequence names it."),
        new("sequence.actor.entity_id", FieldType.Keyword, "The id of the entity that acted."),
        new("sequence.actor.entity_type", FieldType.Keyword, "The kind of the entity that acted: it tells people from machines."),
        new("sequence.actor.id", FieldType.Keyword, "The id of the actor's record."),
        new("sequence.item.activity_log_id", FieldType.Keyword, "The log's id as the item names it; it may differ from that of the log."),
        new("sequence.item.id", FieldType.Keyword, "The id of the item."),
        new("sequence.item.index", FieldType.Number, "The place of the item in its log, from 0 on."),
        new("sequence.item.name", FieldType.Keyword, "The name of what was done."),
        new("sequence.item.verb", FieldType.Keyword, "The verb of what was done, as Sequence names it."),
        new("sequence.metadata", FieldType.Keyword, "The item's metadata: key=value, or JSON for what is no such pair.") { Values = FieldValues.List },
        new("sequence.object.entity_id", FieldType.Keyword, "The id of the entity that was acted upon."),
        new("sequence.object.entity_type", FieldType.Keyword, "The kind of the entity that was acted upon."),
        new("sequence.object.id", FieldType.Keyword, "The id of the object's record."),
        new("sequence.target.entity_id", FieldType.Keyword, "The id of a second entity that the activity concerns."),
        new("sequence.target.entity_type", FieldType.Keyword, "The kind of the second entity."),
        new("sequence.target.id", FieldType.Keyword, "The id of the target's record."),
        new("sequence.trace_id", FieldType.Keyword, "The log's trace id as Sequence writes it, where it differs from trace.id."),
    ];
}
