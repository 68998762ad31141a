using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Transforms;

/// <summary>One worked example of each vendor, field by field and in their order.</summary>
public class WorkedExampleTests
{
    [Fact]
    public void The_Intercom_example_comes_out_byte_for_byte() =>
        Check(Mapped.Intercom(OriginalOf(Intercom)), Intercom, "7473d4d291717531e45f803d45c2fc30e5a572ae");

    [Fact]
    public void The_Sequence_example_comes_out_byte_for_byte() =>
        Check(Mapped.Sequence(OriginalOf(Sequence)), Sequence, "b3869e2cace87522ebe12589d1316acd5bf71804");

    [Fact]
    public void The_Sequence_example_without_items_is_one_envelope_event()
    {
        const string Record = """
            {"id":"aa0e8400-e29b-41d4-a716-446655440005","sequenceAccountId":"bb0e8400-e29b-41d4-a716-446655440006","activityType":"NOTIFICATION",
            """
            + """
            "apiVersion":"V1","origin":"API","traceId":"f26ad30d3be41b2f64fa7dbfb22ba5fd","createdAt":"2024-01-01T10:00:00Z","activityLogItems":[]}
            """;
        using var batch = Mapped.Sequence(Record);

        Assert.Equal("80a90eeb905bf90bd7dde3fceadba504d39e6f99", Assert.Single(batch.Events).Id);
        using var expected = JsonDocument.Parse(EmptySequence);
        foreach (var field in expected.RootElement.EnumerateObject()) Assert.Equal(Compact(field.Value), batch.Field(field.Name));

        Assert.Null(batch.Field("event.category"));
        Assert.Null(batch.Field("event.outcome"));
    }

    private static void Check(EventBatch batch, string example, string id)
    {
        using (batch)
        {
            var e = Assert.Single(batch.Events);
            Assert.Equal(id, e.Id);
            using var expected = JsonDocument.Parse(example);
            Assert.Equal("{" + string.Join(',', expected.RootElement.EnumerateObject().Select(f => $"\"{f.Name}\":{Compact(f.Value)}")) + "}", e.Text());
        }
    }

    private static string Compact(JsonElement value)
        => value.ValueKind == JsonValueKind.Array ? $"[{string.Join(',', value.EnumerateArray().Select(v => v.GetRawText()))}]" : value.GetRawText();

    private static string OriginalOf(string example) => JsonDocument.Parse(example).RootElement.GetProperty("event.original").GetString()!;

    // The records as they stand in the events, escaped.
    private const string IntercomOriginal =
        """{\"id\":\"6\",\"performed_by\":{\"type\":\"admin\",\"id\":\"123456\",\"email\":\"jane.doe@company.com\",\"ip\":\"127.0.0.1\"},"""
        + """\"metadata\":{\"message\":{\"id\":123,\"title\":\"salt&vinegar\"},\"before\":\"before\",\"after\":\"after\"},"""
        + """\"created_at\":1547669358,\"activity_type\":\"message_state_change\","""
        + """\"activity_description\":\"Jane Doe changed your salt&vinegar message from before to after.\"}""";

    private const string SequenceOriginal =
        """{\"id\":\"aa0e8400-e29b-41d4-a716-446655440005\",\"sequenceAccountId\":\"bb0e8400-e29b-41d4-a716-446655440006\","""
        + """\"activityType\":\"NOTIFICATION\",\"apiVersion\":\"V1\",\"origin\":\"API\","""
        + """\"traceId\":\"f26ad30d3be41b2f64fa7dbfb22ba5fd\",\"createdAt\":\"2024-01-01T10:00:00Z\",\"activityLogItems\":["""
        + """{\"id\":\"880e8400-e29b-41d4-a716-446655440003\",\"activityLogId\":\"990e8400-e29b-41d4-a716-446655440004\","""
        + """\"verb\":\"CREATED\",\"name\":\"Invoice Created\",\"summary\":\"A new invoice was created for customer\","""
        + """\"reason\":\"New billing cycle started\",\"metadata\":[],"""
        + """\"activityLogActor\":{\"id\":\"550e8400-e29b-41d4-a716-446655440000\",\"entityType\":\"USER\","""
        + """\"entityId\":\"550e8400-e29b-41d4-a716-446655440123\",\"email\":\"john.doe@sequencehq.com\"},"""
        + """\"activityLogObject\":{\"id\":\"660e8400-e29b-41d4-a716-446655440001\",\"entityType\":\"INVOICE\","""
        + """\"entityId\":\"550e8400-e29b-41d4-a716-446655440456\"},"""
        + """\"activityLogTarget\":{\"id\":\"770e8400-e29b-41d4-a716-446655440002\",\"entityType\":\"SEQUENCE_USER\","""
        + """\"entityId\":\"550e8400-e29b-41d4-a716-446655440789\"}}]}""";

    private const string Intercom = $$"""
        {
          "@timestamp": "2019-01-16T20:09:18.000Z",
          "message": "Jane Doe changed your salt&vinegar message from before to after.",
          "ecs.version": "8.17.0",
          "agent.id": "6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11",
          "agent.name": "siem-etl-01",
          "agent.type": "activity-connector",
          "agent.version": "1.0.0",
          "data_stream.dataset": "intercom.audit",
          "data_stream.namespace": "default",
          "data_stream.type": "logs",
          "event.action": "message_state_change",
          "event.category": ["configuration"],
          "event.created": "2026-11-21T19:40:00.000Z",
          "event.dataset": "intercom.audit",
          "event.hash": "f96494b240603c47d9a53e910d1ebb7825f13cdd9fd87d4fdf4973e1dfddf242",
          "event.id": "6",
          "event.kind": "event",
          "event.module": "intercom",
          "event.original": "{{IntercomOriginal}}",
          "event.outcome": "success",
          "event.provider": "intercom",
          "event.severity": 21,
          "event.type": ["change"],
          "intercom.activity_type": "message_state_change",
          "intercom.metadata.after": "after",
          "intercom.metadata.before": "before",
          "intercom.metadata.message_id": "123",
          "intercom.metadata.message_title": "salt&vinegar",
          "intercom.performed_by.type": "admin",
          "organization.id": "xyz789",
          "organization.name": "ACME",
          "related.ip": ["127.0.0.1"],
          "related.user": ["123456", "jane.doe@company.com"],
          "service.address": "https://api.intercom.io",
          "service.name": "intercom",
          "service.type": "intercom",
          "source.address": "127.0.0.1",
          "source.ip": "127.0.0.1",
          "tags": ["_source_ip_non_public"],
          "user.domain": "company.com",
          "user.email": "jane.doe@company.com",
          "user.id": "123456",
          "user.name": "jane.doe@company.com"
        }
        """;

    private const string Sequence = $$"""
        {
          "@timestamp": "2024-01-01T10:00:00.000Z",
          "message": "A new invoice was created for customer",
          "ecs.version": "8.17.0",
          "agent.id": "6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11",
          "agent.name": "siem-etl-01",
          "agent.type": "activity-connector",
          "agent.version": "1.0.0",
          "data_stream.dataset": "sequence.audit",
          "data_stream.namespace": "default",
          "data_stream.type": "logs",
          "event.action": "invoice_created",
          "event.category": ["api"],
          "event.created": "2026-11-21T19:40:00.000Z",
          "event.dataset": "sequence.audit",
          "event.hash": "209a48bd4c909e0b50d81f62b441ba15bc2895e9d280e7af5f3d7c175bd6c20b",
          "event.id": "880e8400-e29b-41d4-a716-446655440003",
          "event.kind": "event",
          "event.module": "sequence",
          "event.original": "{{SequenceOriginal}}",
          "event.outcome": "success",
          "event.provider": "sequence",
          "event.reason": "New billing cycle started",
          "event.severity": 10,
          "event.type": ["creation"],
          "organization.id": "bb0e8400-e29b-41d4-a716-446655440006",
          "related.user": ["550e8400-e29b-41d4-a716-446655440123", "john.doe@sequencehq.com", "550e8400-e29b-41d4-a716-446655440789"],
          "sequence.activity_log.api_version": "V1",
          "sequence.activity_log.id": "aa0e8400-e29b-41d4-a716-446655440005",
          "sequence.activity_log.item_count": 1,
          "sequence.activity_log.origin": "API",
          "sequence.activity_log.type": "NOTIFICATION",
          "sequence.actor.entity_id": "550e8400-e29b-41d4-a716-446655440123",
          "sequence.actor.entity_type": "USER",
          "sequence.actor.id": "550e8400-e29b-41d4-a716-446655440000",
          "sequence.item.activity_log_id": "990e8400-e29b-41d4-a716-446655440004",
          "sequence.item.id": "880e8400-e29b-41d4-a716-446655440003",
          "sequence.item.index": 0,
          "sequence.item.name": "Invoice Created",
          "sequence.item.verb": "CREATED",
          "sequence.object.entity_id": "550e8400-e29b-41d4-a716-446655440456",
          "sequence.object.entity_type": "INVOICE",
          "sequence.object.id": "660e8400-e29b-41d4-a716-446655440001",
          "sequence.target.entity_id": "550e8400-e29b-41d4-a716-446655440789",
          "sequence.target.entity_type": "SEQUENCE_USER",
          "sequence.target.id": "770e8400-e29b-41d4-a716-446655440002",
          "service.address": "https://eu.sequencehq.com",
          "service.name": "sequence",
          "service.type": "sequence",
          "trace.id": "f26ad30d3be41b2f64fa7dbfb22ba5fd",
          "user.domain": "sequencehq.com",
          "user.email": "john.doe@sequencehq.com",
          "user.id": "550e8400-e29b-41d4-a716-446655440123",
          "user.name": "john.doe@sequencehq.com",
          "user.target.id": "550e8400-e29b-41d4-a716-446655440789"
        }
        """;

    private const string EmptySequence = """
        {
          "@timestamp": "2024-01-01T10:00:00.000Z",
          "message": "Sequence activity NOTIFICATION without items",
          "event.action": "notification",
          "event.dataset": "sequence.audit",
          "event.hash": "5f534e00338cae7dc742e494984df12dbae601fc0f6022f300d3e12107990eb3",
          "event.id": "aa0e8400-e29b-41d4-a716-446655440005",
          "event.kind": "event",
          "event.severity": 10,
          "event.type": ["info"],
          "organization.id": "bb0e8400-e29b-41d4-a716-446655440006",
          "sequence.activity_log.api_version": "V1",
          "sequence.activity_log.id": "aa0e8400-e29b-41d4-a716-446655440005",
          "sequence.activity_log.item_count": 0,
          "sequence.activity_log.origin": "API",
          "sequence.activity_log.type": "NOTIFICATION",
          "tags": ["_no_items"],
          "trace.id": "f26ad30d3be41b2f64fa7dbfb22ba5fd"
        }
        """;
}
