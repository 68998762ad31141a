using ActivityConnector.Transforms.Tables;

namespace ActivityConnector.Transforms.Fields;

/// <summary>
/// The ECS fields that events of any vendor may have, in the order of their names. The descriptions are those of ECS 8.17, or say what the field holds here.
/// </summary>
public static class EcsFields
{
    public static IReadOnlyList<EventField> All { get; } =
    [
        new("@timestamp", FieldType.Date, "Date/time when the event originated.") { IsRequired = true },
        new("message", FieldType.Text, "What happened, in a sentence of the vendor."),
        new("ecs.version", FieldType.Keyword, "ECS version this event conforms to.") { IsRequired = true, Allowed = ["8.17.0"] },
        new("agent.ephemeral_id", FieldType.Keyword, "Ephemeral identifier of this agent."),
        new("agent.id", FieldType.Keyword, "Unique identifier of this agent."),
        new("agent.name", FieldType.Keyword, "Custom name of the agent."),
        new("agent.type", FieldType.Keyword, "Type of the agent."),
        new("agent.version", FieldType.Keyword, "Version of the agent."),
        new("data_stream.dataset", FieldType.Keyword, "Name of the dataset; the same as event.dataset."),
        new("data_stream.namespace", FieldType.Keyword, "A user defined namespace."),
        new("data_stream.type", FieldType.Keyword, "An overarching type for the data stream."),
        new("error.message", FieldType.Text, "One line for each problem that the mapping had with the record.") { Values = FieldValues.List },
        new("error.type", FieldType.Keyword, "The type of the error, for example the class name of the exception."),
        new("event.action", FieldType.Keyword, "The action captured by the event."),
        new("event.category", FieldType.Keyword, "Event category. The second categorization field in the hierarchy.")
        {
            Values = FieldValues.List,
            Allowed = EcsVocabulary.Categories,
        },
        new("event.created", FieldType.Date, "Time when the connector received the record from the vendor."),
        new("event.dataset", FieldType.Keyword, "Name of the dataset.") { IsRequired = true },
        new("event.hash", FieldType.Keyword, "SHA-256 of the record as the vendor sent it; under privacy rules an HMAC-SHA-256.") { Pattern = "[0-9a-f]{64}" },
        new("event.id", FieldType.Keyword, "Unique ID to describe the event: the vendor's own, or one made of the record.") { IsRequired = true },
        new("event.kind", FieldType.Keyword, "The kind of the event. The highest categorization field in the hierarchy.")
        {
            IsRequired = true,
            Allowed = ["event", "pipeline_error"],
        },
        new("event.module", FieldType.Keyword, "Name of the module this data is coming from."),
        new("event.original", FieldType.Keyword, "The record as the vendor sent it, as JSON text."),
        new("event.outcome", FieldType.Keyword, "The outcome of the event. The lowest level categorization field in the hierarchy.")
        {
            Allowed = ["failure", "success", "unknown"],
        },
        new("event.provider", FieldType.Keyword, "Source of the event."),
        new("event.reason", FieldType.Keyword, "Reason why this event happened, according to the source."),
        new("event.severity", FieldType.Number, "Numeric severity of the event, from 0 to 100; the mapping table gives it.") { Most = 100 },
        new("event.type", FieldType.Keyword, "Event type. The third categorization field in the hierarchy.")
        {
            Values = FieldValues.List,
            Allowed = EcsVocabulary.Types,
        },
        new("group.id", FieldType.Keyword, "Unique identifier for the group on the system/platform."),
        new("group.name", FieldType.Keyword, "Name of the group."),
        new("labels.*", FieldType.Keyword, "Custom key/value pairs, from the configuration only."),
        new("organization.id", FieldType.Keyword, "Unique identifier for the organization: the account at the vendor."),
        new("organization.name", FieldType.Keyword, "Organization name."),
        new("related.hosts", FieldType.Keyword, "All the host identifiers seen on your event.") { Values = FieldValues.List },
        new("related.ip", FieldType.Ip, "All of the IPs seen on your event.") { Values = FieldValues.List },
        new("related.user", FieldType.Keyword, "All the user names or other user identifiers seen on the event.") { Values = FieldValues.List },
        new("service.address", FieldType.Keyword, "Address of the vendor's API that the record was read from."),
        new("service.environment", FieldType.Keyword, "Environment of the service."),
        new("service.name", FieldType.Keyword, "Name of the service."),
        new("service.type", FieldType.Keyword, "The type of the service."),
        new("source.address", FieldType.Keyword, "Source network address, as the vendor gives it."),
        new("source.ip", FieldType.Ip, "IP address of the source."),
        new("source.port", FieldType.Number, "Port of the source.") { Most = 65535 },
        new("tags", FieldType.Keyword, "List of keywords used to tag each event: configured ones, then those of the mapping.") { Values = FieldValues.List },
        new("trace.id", FieldType.Keyword, "Unique identifier of the trace.") { Pattern = "[0-9a-f]{32}" },
        new("user.changes.domain", FieldType.Keyword, "Domain of the new email address of the user who was acted upon."),
        new("user.changes.email", FieldType.Keyword, "New email address of the user who was acted upon."),
        new("user.changes.full_name", FieldType.Keyword, "New full name of the user who was acted upon."),
        new("user.changes.name", FieldType.Keyword, "New name of the user who was acted upon."),
        new("user.domain", FieldType.Keyword, "Domain of the user's email address."),
        new("user.email", FieldType.Keyword, "User email address."),
        new("user.full_name", FieldType.Keyword, "User's full name, if available."),
        new("user.id", FieldType.Keyword, "Unique identifier of the user."),
        new("user.name", FieldType.Keyword, "Short name or login of the user."),
        new("user.target.domain", FieldType.Keyword, "Domain of the email address of the user who was acted upon."),
        new("user.target.email", FieldType.Keyword, "Email address of the user who was acted upon, before the activity."),
        new("user.target.full_name", FieldType.Keyword, "Full name of the user who was acted upon, before the activity."),
        new("user.target.group.id", FieldType.Keyword, "Unique identifier for the group of the user who was acted upon."),
        new("user.target.group.name", FieldType.Keyword, "Name of the group of the user who was acted upon."),
        new("user.target.id", FieldType.Keyword, "Unique identifier of the user who was acted upon."),
        new("user.target.name", FieldType.Keyword, "Short name or login of the user who was acted upon, before the activity."),
    ];
}
