using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Transforms;

/// <summary>
/// What becomes of the records that the vendors' edge cases name: the source only passes them on, so what is right shows in the event.
/// The trait is the number of the case.
/// </summary>
public sealed class VendorEdgeCaseTests
{
    [Theory]
    [Trait("EdgeCase", "13")]
    [InlineData("admin_never_heard_of", "\"iam\"")]
    [InlineData("conversation_never_heard_of", null)]
    [InlineData("app_never_heard_of_change", "\"configuration\"")]
    public void An_unknown_activity_type_is_the_action_is_classified_by_its_words_and_is_marked(string type, string? category)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(type: type));

        Assert.Equal($"\"{type}\"", batch.Field("event.action"));
        Assert.Equal($"\"{type}\"", batch.Field("intercom.activity_type"));
        Assert.Contains(category ?? "[", batch.Field("event.category") ?? "[", StringComparison.Ordinal);
        Assert.Equal(["_unknown_activity_type"], Tags(batch));
    }

    [Theory]
    [Trait("EdgeCase", "14")]
    [InlineData("null", "\"metadata\":null")]
    [InlineData("""{"type":"admin","id":"1","email":null,"ip":null}""", "\"metadata\":{}")]
    [InlineData("""{"type":"admin","id":"1"}""", "")]
    public void Without_actor_address_or_metadata_the_rest_is_mapped(string performedBy, string members)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(members, performedBy: performedBy));

        Assert.Equal("\"event\"", batch.Field("event.kind"));
        Assert.Equal("\"app_name_change\"", batch.Field("event.action"));
        Assert.Null(batch.Field("source.ip"));
        Assert.Null(batch.Field("user.email"));
        Assert.Equal(performedBy == "null" ? null : "\"1\"", batch.Field("user.id"));
        Assert.DoesNotContain(Names(batch), name => name.StartsWith("intercom.metadata", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("EdgeCase", "15")]
    [InlineData("not an ip")]
    [InlineData("300.1.2.3")]
    [InlineData("1.2.3")]
    public void An_ip_that_is_none_is_kept_where_a_text_may_stand(string ip)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(performedBy: $$"""{"type":"admin","id":"1","ip":"{{ip}}"}"""));

        Assert.Null(batch.Field("source.ip"));
        Assert.Null(batch.Field("related.ip"));
        Assert.Equal($"\"{ip}\"", batch.Field("source.address"));
        Assert.Equal(["_source_ip_invalid"], Tags(batch));
    }

    [Theory]
    [Trait("EdgeCase", "16")]
    [InlineData("\"text\"", "{\"a\":{\"b\":[1,{\"c\":null}]}}")]
    [InlineData("{\"new key\":1e2,\"other.key\":true}", "[[],{}]")]
    [InlineData("7", "null")]
    public void Before_and_after_of_any_shape_become_texts_under_names_that_a_mapping_can_hold(string before, string after)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord($$$"""
            "metadata":{"before":{{{before}}},"after":{{{after}}},"never seen":{"deep":["x"]}}
            """));

        using var json = JsonDocument.Parse(batch.Events[0].Json);
        foreach (var field in json.RootElement.EnumerateObject().Where(f => f.Name.StartsWith("intercom.metadata", StringComparison.Ordinal)))
        {
            Assert.Matches("^intercom\\.metadata\\.[a-z0-9_]+$", field.Name);
            Assert.All(
                field.Value.ValueKind == JsonValueKind.Array ? [.. field.Value.EnumerateArray()] : new[] { field.Value },
                value => Assert.Equal(JsonValueKind.String, value.ValueKind));
        }

        Assert.Contains(Names(batch), name => name.StartsWith("intercom.metadata.never_seen", StringComparison.Ordinal));
        Assert.Equal("\"event\"", batch.Field("event.kind"));
    }

    [Theory]
    [Trait("EdgeCase", "17")]
    [InlineData("\"6\"", "6")]
    [InlineData("6", "6")]
    [InlineData("\"not-a-uuid\"", "not-a-uuid")]
    [InlineData("\"fca05814-4b72-4dce-ad4f-77a786a2c136\"", "fca05814-4b72-4dce-ad4f-77a786a2c136")]
    public void The_document_id_is_the_digest_of_source_workspace_and_id_whatever_the_id_is(string id, string text)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord().Replace("\"id\":\"6\"", $"\"id\":{id}", StringComparison.Ordinal));

        Assert.Equal($"\"{text}\"", batch.Field("event.id"));
        Assert.Equal(DocumentId("intercom.audit", "xyz789", text), batch.Events[0].Id);
    }

    [Theory]
    [Trait("EdgeCase", "18")]
    [InlineData("0", "_timestamp_fallback", false)]
    [InlineData("-5", "_timestamp_fallback", false)]
    [InlineData("null", "_timestamp_fallback", false)]
    [InlineData("1795376401", "_timestamp_suspect", true)] // A day and a second after it was received.
    [InlineData("1795376401000", "_timestamp_suspect", true)]
    [InlineData("1795376400", null, true)]
    [InlineData("1795376400000", null, true)]
    public void A_strange_time_is_accepted_and_marked(string createdAt, string? tag, bool isOwn)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord().Replace("1547669358", createdAt, StringComparison.Ordinal));

        Assert.Equal(tag is null ? [] : [tag], Tags(batch));
        Assert.Equal(isOwn, batch.Events[0].HasSourceTime);
        Assert.Equal(isOwn, batch.Field("@timestamp") != batch.Field("event.created"));
        Assert.Equal(isOwn ? "\"event\"" : "\"pipeline_error\"", batch.Field("event.kind"));
    }

    [Fact]
    [Trait("EdgeCase", "22")]
    public void Another_api_version_is_in_the_event_and_not_in_its_id()
    {
        using var old = Mapped.Intercom(Mapped.IntercomRecord(), Mapped.IntercomSettings with { ApiVersion = "2.14" });
        using var renewed = Mapped.Intercom(Mapped.IntercomRecord(), Mapped.IntercomSettings with { ApiVersion = "2.15" });

        Assert.Equal("\"2.14\"", old.Field("intercom.api_version"));
        Assert.Equal("\"2.15\"", renewed.Field("intercom.api_version"));
        Assert.Equal(old.Events[0].Id, renewed.Events[0].Id);
        Assert.Equal(old.Events[0].ContentDigest, renewed.Events[0].ContentDigest);
    }

    [Fact]
    [Trait("EdgeCase", "23")]
    public void The_connectors_own_activity_is_an_event_like_any_other()
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord("\"metadata\":{\"source\":\"activity-connector\"}", "oauth_token_revocation"));

        Assert.Equal("\"oauth_token_revocation\"", batch.Field("event.action"));
        Assert.Empty(Tags(batch));
    }

    [Theory]
    [Trait("EdgeCase", "33")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_log_without_items_is_one_event_of_the_log(string items)
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord(items));

        Assert.Single(batch.Events);
        Assert.Equal(DocumentId("sequence.audit", "acc", "log"), batch.Events[0].Id);
        Assert.Equal("0", batch.Field("sequence.activity_log.item_count"));
        Assert.Equal(["_no_items"], Tags(batch));
    }

    [Fact]
    [Trait("EdgeCase", "34")]
    public void Each_item_is_an_event_with_an_id_of_its_own_and_they_share_log_and_trace()
    {
        const string Trace = "b6f28e2847e6cd9f139c84a81f118f23";
        var items = string.Join(',', Enumerable.Range(0, 40).Select(i => Mapped.Item(members: $"\"id\":\"i{i}\"")));

        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{items}]", $"\"traceId\":\"{Trace}\""));

        Assert.Equal(Enumerable.Range(0, 40).Select(i => DocumentId("sequence.audit", "acc", $"i{i}")), batch.Events.Select(e => e.Id));
        for (var i = 0; i < batch.Events.Count; i++)
        {
            Assert.Equal("\"log\"", batch.Field("sequence.activity_log.id", i));
            Assert.Equal($"\"{Trace}\"", batch.Field("trace.id", i));
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), batch.Field("sequence.item.index", i));
        }
    }

    [Fact]
    [Trait("EdgeCase", "36")]
    public void An_item_that_names_another_log_keeps_both_ids()
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{Mapped.Item(members: "\"id\":\"i1\",\"activityLogId\":\"another\"")}]"));

        Assert.Equal("\"log\"", batch.Field("sequence.activity_log.id"));
        Assert.Equal("\"another\"", batch.Field("sequence.item.activity_log_id"));
    }

    [Fact]
    [Trait("EdgeCase", "37")]
    public void What_a_log_leaves_out_is_left_out()
    {
        using var batch = Mapped.Sequence("""
            {"id":"log","sequenceAccountId":"acc","activityType":"NOTIFICATION","createdAt":"2024-01-01T10:00:00Z","activityLogItems":[
            {"id":"i","verb":"CREATED","activityLogActor":{"id":"a","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}}]}
            """);

        Assert.Equal("\"event\"", batch.Field("event.kind"));
        Assert.Equal("\"invoice_created\"", batch.Field("event.action"));
        Assert.Empty(Tags(batch));
        foreach (var absent in new[] { "trace.id", "user.email", "sequence.target.id", "sequence.object.entity_id", "sequence.activity_log.api_version" })
        {
            Assert.Null(batch.Field(absent));
        }
    }

    [Theory]
    [Trait("EdgeCase", "38")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("not hex")]
    [InlineData("b6f28e2847e6cd9f139c84a81f118f2")]
    public void A_trace_id_that_is_none_is_kept_raw_and_joins_no_trace(string trace)
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{Mapped.Item()}]", $"\"traceId\":\"{trace}\""));

        Assert.Null(batch.Field("trace.id"));
        Assert.Null(batch.Events[0].TraceId);
        Assert.Equal($"\"{trace}\"", batch.Field("sequence.trace_id"));
    }

    [Theory]
    [Trait("EdgeCase", "39")]
    [InlineData("2024-01-01T10:00:00Z", "2024-01-01T10:00:00.000Z")]
    [InlineData("2024-01-01T10:00:00.1Z", "2024-01-01T10:00:00.100Z")]
    [InlineData("2024-01-01T10:00:00.123456789Z", "2024-01-01T10:00:00.1234567Z")]
    [InlineData("2024-01-01T12:30:00.5+02:30", "2024-01-01T10:00:00.500Z")]
    public void A_time_of_any_precision_or_offset_is_that_moment(string createdAt, string expected)
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord("[]").Replace("2024-01-01T10:00:00Z", createdAt, StringComparison.Ordinal));

        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), batch.Events[0].Time);
        Assert.True(batch.Events[0].HasSourceTime);
    }

    [Fact]
    [Trait("EdgeCase", "40")]
    public void Unknown_words_are_the_lower_case_action_and_are_marked()
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{Mapped.Item("ZAPPED", "FLUX_CAPACITOR")}]", "\"origin\":\"MARS\""));

        Assert.Equal("\"flux_capacitor_zapped\"", batch.Field("event.action"));
        Assert.Equal("\"MARS\"", batch.Field("sequence.activity_log.origin"));
        Assert.Equal(["_unknown_verb"], Tags(batch));
    }

    [Theory]
    [Trait("EdgeCase", "41")]
    [InlineData("""[{"key":"k","value":1.5},"s",7]""", """["k=1.5","s","7"]""")]
    [InlineData("""[{"b":[2],"a":{"c":null}}]""", """["{\"a\":{\"c\":null},\"b\":[2]}"]""")]
    public void Metadata_of_any_shape_is_a_list_of_texts(string metadata, string expected)
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{Mapped.Item(members: $"\"id\":\"i1\",\"metadata\":{metadata}")}]"));

        Assert.Equal(expected, batch.Field("sequence.metadata"));
    }

    [Fact]
    [Trait("EdgeCase", "48")]
    public void The_same_id_in_two_accounts_is_two_events_of_two_organisations()
    {
        var record = Mapped.SequenceRecord($"[{Mapped.Item()}]");
        using var one = Mapped.Sequence(record);
        using var other = Mapped.Sequence(record.Replace("\"acc\"", "\"acc-2\"", StringComparison.Ordinal));

        Assert.Equal(("\"acc\"", "\"acc-2\""), (one.Field("organization.id"), other.Field("organization.id")));
        Assert.Equal(DocumentId("sequence.audit", "acc", "i1"), one.Events[0].Id);
        Assert.Equal(DocumentId("sequence.audit", "acc-2", "i1"), other.Events[0].Id);
    }

    /// <summary>As the mapping's specification says.</summary>
    private static string DocumentId(string dataset, string tenant, string eventId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"v1\n{dataset}\n{tenant}\n{eventId}")))[..40];

    private static IReadOnlyList<string> Tags(EventBatch batch) =>
        batch.Field("tags") is { } tags ? [.. JsonDocument.Parse(tags).RootElement.EnumerateArray().Select(t => t.GetString()!)] : [];

    private static IReadOnlyList<string> Names(EventBatch batch) =>
        [.. JsonDocument.Parse(batch.Events[0].Json).RootElement.EnumerateObject().Select(f => f.Name)];
}
