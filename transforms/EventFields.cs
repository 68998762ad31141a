namespace ActivityConnector.Transforms;

/// <summary>
/// The fields that an event of any vendor can have when it leaves the transform. What a vendor's own fields are is in
/// <see cref="Intercom.IntercomTransform.OwnFields"/> and <see cref="Sequence.SequenceTransform.OwnFields"/>.
/// </summary>
public static class EventFields
{
    /// <summary>By name; one that ends in <c>.*</c> stands for all names below it, which are configured.</summary>
    public static IReadOnlyList<string> OfEveryVendor { get; } =
    [
        "@timestamp", "message", "tags", "labels.*", "ecs.version",
        "agent.ephemeral_id", "agent.id", "agent.name", "agent.type", "agent.version",
        "data_stream.dataset", "data_stream.namespace", "data_stream.type",
        "error.message", "error.type",
        "event.action", "event.category", "event.created", "event.dataset", "event.hash", "event.id", "event.kind", "event.module", "event.original",
        "event.outcome", "event.provider", "event.reason", "event.severity", "event.type",
        "group.id", "group.name", "organization.id", "organization.name", "related.hosts", "related.ip", "related.user",
        "service.address", "service.environment", "service.name", "service.type",
        "source.address", "source.ip", "source.port", "trace.id",
        "user.changes.domain", "user.changes.email", "user.changes.full_name", "user.changes.name",
        "user.domain", "user.email", "user.full_name", "user.id", "user.name",
        "user.target.domain", "user.target.email", "user.target.full_name", "user.target.group.id", "user.target.group.name", "user.target.id",
        "user.target.name",
    ];

    /// <summary>Whether a rule for <paramref name="name"/> can meet a field: it is one of them, or has one of them below it.</summary>
    /// <param name="name">A field, or a prefix with or without <c>.*</c> at its end.</param>
    public static bool Meets(string name, IEnumerable<string> fields)
    {
        var prefix = (name.EndsWith(".*", StringComparison.Ordinal) ? name[..^2] : name) + ".";
        return fields.Any(field => field == name
            || field.StartsWith(prefix, StringComparison.Ordinal)
            || (field.EndsWith(".*", StringComparison.Ordinal) && prefix.StartsWith(field[..^1], StringComparison.Ordinal)));
    }
}
