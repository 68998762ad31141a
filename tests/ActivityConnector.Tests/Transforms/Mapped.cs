using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;

namespace ActivityConnector.Tests.Transforms;

/// <summary>Records in, events out, with the tables of the repository and the settings of the mapping's worked examples.</summary>
internal static class Mapped
{
    public static readonly DateTimeOffset ReceivedAt = new(2026, 11, 21, 19, 40, 0, TimeSpan.Zero);

    public static readonly IntercomTable IntercomTable = IntercomTable.Parse(Table("intercom-ecs.csv"));

    public static readonly SequenceTable SequenceTable = SequenceTable.Parse(Table("sequence-ecs.csv"));

    public static readonly EventSettings IntercomSettings = new()
    {
        ServiceAddress = "https://api.intercom.io",
        OrganizationId = "xyz789",
        OrganizationName = "ACME",
        Agent = new("6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11", "siem-etl-01", "1.0.0"),
    };

    public static readonly EventSettings SequenceSettings = IntercomSettings with
    {
        ServiceAddress = "https://eu.sequencehq.com",
        OrganizationId = null,
        OrganizationName = null,
    };

    public static EventBatch Intercom(string record, EventSettings? settings = null)
        => All(new IntercomTransform(IntercomTable, settings ?? IntercomSettings), Encoding.UTF8.GetBytes(record));

    public static EventBatch Sequence(string record, EventSettings? settings = null)
        => All(new SequenceTransform(SequenceTable, settings ?? SequenceSettings), Encoding.UTF8.GetBytes(record));

    public static EventBatch All(IActivityTransform transform, byte[] record)
    {
        var batch = new EventBatch();
        transform.Transform(new(record, ReceivedAt), batch);
        return batch;
    }

    /// <summary>One field of the only event, as JSON text; null when it is left out.</summary>
    public static string? Field(this EventBatch batch, string name, int index = 0)
        => JsonDocument.Parse(batch.Events[index].Json).RootElement.TryGetProperty(name, out var value) ? value.GetRawText() : null;

    public static string Text(this EcsEvent e) => Encoding.UTF8.GetString(e.Json.Span);

    /// <summary>An Intercom record with these members in place of the plain ones.</summary>
    public static string IntercomRecord(string members = "", string type = "app_name_change", string performedBy = """{"type":"admin","id":"1"}""")
        => $$"""{"id":"6","performed_by":{{performedBy}},"created_at":1547669358"""
            + $$""","activity_type":"{{type}}","activity_description":"d"{{(members.Length > 0 ? "," : "")}}{{members}}}""";

    public static string SequenceRecord(string items, string members = "")
        => $$"""{"id":"log","sequenceAccountId":"acc","activityType":"NOTIFICATION","createdAt":"2024-01-01T10:00:00Z"{{(members.Length > 0 ? "," : "")}}"""
            + $$"""{{members}},"activityLogItems":{{items}}}""";

    public static string Item(string verb = "CREATED", string entityType = "INVOICE", string members = "\"id\":\"i1\"")
        => $$$"""{{{{members}}}{{{(members.Length > 0 ? "," : "")}}}"verb":"{{{verb}}}","activityLogActor":{"id":"a","entityType":"USER","entityId":"u"}"""
            + $$$""","activityLogObject":{"id":"o","entityType":"{{{entityType}}}","entityId":"oe"}}""";

    private static string Table(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "config", "mappings", name);
            if (File.Exists(file)) return File.ReadAllText(file);
        }

        throw new FileNotFoundException(name);
    }
}
