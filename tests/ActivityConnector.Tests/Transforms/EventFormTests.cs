using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Transforms;

/// <summary>What is made of finished events: revisions, nested form, privacy.</summary>
public class EventFormTests
{
    private static readonly byte[] Key = "key"u8.ToArray();

    private const string Actor = """{"type":"admin","id":"1","email":"jane@x.org","ip":"8.8.8.8"}""";

    [Theory]
    [InlineData("8.8.8.8", "[\"revised\"]")]
    [InlineData("10.0.0.1", "[\"_source_ip_non_public\",\"revised\"]")]
    public void A_revised_event_has_the_tag_and_an_id_of_its_own(string ip, string tags)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(performedBy: $$"""{"id":"1","ip":"{{ip}}"}"""));
        var original = batch.Events[0];
        var revised = RevisedEvent.Make(original, batch);
        batch.Add(revised);

        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"v1\nintercom.audit\nxyz789\n6\n{original.ContentDigest:x16}"));
        Assert.Equal(Convert.ToHexStringLower(digest)[..40], revised.Id);
        Assert.Equal(Convert.ToHexStringLower(digest)[..32], revised.Key.ToString("x32", null));
        Assert.Equal(tags, batch.Field("tags", 1));
        HostileRecordTests.CheckInvariants(revised.Json.Span);
        var withoutTag = revised.Text()
            .Replace(",\"tags\":[\"revised\"]", "", StringComparison.Ordinal)
            .Replace(",\"revised\"]", "]", StringComparison.Ordinal);
        Assert.Equal(original.Text(), withoutTag);
    }

    [Fact]
    public void A_truncated_event_is_the_same_event_without_the_vendors_text()
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(performedBy: """{"id":"1","ip":"10.0.0.1"}"""));
        var original = batch.Events[0];
        var truncated = TruncatedEvent.Make(original, batch)!;
        batch.Add(truncated);

        Assert.Equal((original.Id, original.Key, original.ContentDigest), (truncated.Id, truncated.Key, truncated.ContentDigest));
        Assert.Equal("[\"_source_ip_non_public\",\"truncated\"]", batch.Field("tags", 1));
        HostileRecordTests.CheckInvariants(truncated.Json.Span);
        var fields = JsonDocument.Parse(original.Json).RootElement.EnumerateObject().Select(f => f.Name).ToList();
        Assert.Equal(fields.Where(f => f != "event.original"), JsonDocument.Parse(truncated.Json).RootElement.EnumerateObject().Select(f => f.Name));
        Assert.Null(TruncatedEvent.Make(truncated, batch));
    }

    [Fact]
    public void A_nested_event_joined_again_is_the_flat_one()
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord("\"metadata\":{\"a\":{\"b\":\"\\u00e9\\n\"},\"c\":[1]}", performedBy: Actor));
        var nested = new ArrayBufferWriter<byte>();
        NestedEvent.Write(batch.Events[0].Json.Span, nested);

        var flat = new List<string>();
        using var document = JsonDocument.Parse(nested.WrittenMemory);
        Join(document.RootElement, "", flat);
        Assert.Equal(batch.Events[0].Text(), "{" + string.Join(',', flat) + "}");
    }

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData("""{"a.b.c":"x.y","a.b.d":["{","."],"a.e":2,"f":3}""", """{"a":{"b":{"c":"x.y","d":["{","."]},"e":2},"f":3}""")]
    [InlineData("""{"ab.c":1,"abc.d":2,"a.b":3,"message":"m"}""", """{"message":"m","a":{"b":3},"ab":{"c":1},"abc":{"d":2}}""")]
    public void Every_dot_of_a_name_is_an_object(string flat, string nested)
    {
        var output = new ArrayBufferWriter<byte>();
        NestedEvent.Write(Encoding.UTF8.GetBytes(flat), output);

        Assert.Equal(nested, Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("""{"user":"x","user.id":"1"}""")]
    [InlineData("""{"user.id":"1","user":"x"}""")]
    [InlineData("""{"user.id":"1","user.id":"2"}""")]
    [InlineData("""{"user":{"id":"1"}}""")]
    public void A_name_above_another_cannot_be_nested(string flat)
        => Assert.Throws<FormatException>(() => NestedEvent.Write(Encoding.UTF8.GetBytes(flat), new ArrayBufferWriter<byte>()));

    [Theory]
    [InlineData("event.id")]
    [InlineData("@timestamp")]
    [InlineData("event.*")]
    [InlineData("organization.*")]
    public void A_field_that_no_event_can_be_without_is_not_private(string field)
    {
        var error = Assert.Throws<ArgumentException>(() => Private((field, PrivacyAction.Drop)));

        Assert.Contains(field[..3], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hashed_value_survives_nowhere()
    {
        using var batch = Private(("user.email", PrivacyAction.Hash));
        var hash = "hmac:" + Convert.ToHexStringLower(HMACSHA256.HashData("key"u8, "jane@x.org"u8))[..32];

        Assert.Equal($"\"{hash}\"", batch.Field("user.email"));
        Assert.Equal($"\"{hash}\"", batch.Field("user.name"));
        Assert.Equal($"[\"1\",\"{hash}\"]", batch.Field("related.user"));
        Assert.Equal("\"app_name_change by 1\"", batch.Field("message"));
        Assert.Null(batch.Field("event.original"));
        Assert.NotNull(batch.Field("event.hash"));
        Assert.DoesNotContain("jane@x.org", batch.Events[0].Text(), StringComparison.OrdinalIgnoreCase);
        HostileRecordTests.CheckInvariants(batch.Events[0].Json.Span);
    }

    [Theory]
    [InlineData(PrivacyAction.Hash, "JANE@X.ORG", "renamed")]
    [InlineData(PrivacyAction.Drop, "Jane@X.org", "renamed")]
    [InlineData(PrivacyAction.Hash, "none", "renamed by JANE@x.ORG")]
    [InlineData(PrivacyAction.Drop, "none", "renamed by jane@X.org")]
    public void A_private_value_survives_in_no_other_case(PrivacyAction action, string metadata, string description)
    {
        var record = Mapped.IntercomRecord($$"""
            "metadata":{"who":"{{metadata}}","list":["{{metadata}}","b"]}
            """, performedBy: Actor).Replace("\"d\"", $"\"{description}\"", StringComparison.Ordinal);

        using var open = Mapped.Intercom(record);
        using var closed = Mapped.Intercom(record, Mapped.IntercomSettings with
        {
            Privacy = new(new Dictionary<string, PrivacyAction> { ["user.email"] = action }, Key),
        });

        Assert.Contains(metadata == "none" ? description : metadata, open.Events[0].Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("jane@x.org", closed.Events[0].Text(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_dropped_user_is_a_person_and_nothing_else()
    {
        using var batch = Private(("user.*", PrivacyAction.Drop), ("source.ip", PrivacyAction.Hash));

        Assert.Null(batch.Field("related.user"));
        Assert.Null(batch.Field("source.ip"));
        Assert.Null(batch.Field("related.ip"));
        Assert.Equal("\"app_name_change by a person\"", batch.Field("message"));
        Assert.Null(batch.Events[0].ActorId);
        HostileRecordTests.CheckInvariants(batch.Events[0].Json.Span);
    }

    /// <summary>An address of the metadata stands in <c>related.user</c> alone, where its field has <c>key=value</c> or JSON.</summary>
    [Theory]
    [InlineData("sequence.metadata", PrivacyAction.Drop)]
    [InlineData("sequence.*", PrivacyAction.Hash)]
    public void What_a_rule_hides_of_Sequence_metadata_is_not_related(string rule, PrivacyAction action)
    {
        const string Members = """ "id":"i1","metadata":[{"key":"owner","value":"jane@x.org"},["jane@x.org"]] """;
        var record = Mapped.SequenceRecord($"[{Mapped.Item(members: Members)}]");
        var rules = new PrivacyRules(new Dictionary<string, PrivacyAction> { [rule] = action }, Key);
        using var open = Mapped.Sequence(record);
        using var closed = Mapped.Sequence(record, Mapped.SequenceSettings with { Privacy = rules });

        Assert.Contains("jane@x.org", open.Field("related.user"), StringComparison.Ordinal);
        Assert.DoesNotContain("jane@x.org", closed.Events[0].Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("intercom.metadata.*", PrivacyAction.Drop)]
    [InlineData("intercom.metadata.list", PrivacyAction.Hash)]
    [InlineData("intercom.*", PrivacyAction.Drop)]
    public void What_a_rule_hides_of_Intercom_metadata_is_not_related(string rule, PrivacyAction action)
    {
        var record = Mapped.IntercomRecord(""" "metadata":{"list":[" jane@x.org "],"url":"https://x.org/p"} """);
        var rules = new PrivacyRules(new Dictionary<string, PrivacyAction> { [rule] = action }, Key);
        using var open = Mapped.Intercom(record);
        using var closed = Mapped.Intercom(record, Mapped.IntercomSettings with { Privacy = rules });

        Assert.Contains("jane@x.org", open.Field("related.user"), StringComparison.Ordinal);
        Assert.Equal("[\"x.org\"]", open.Field("related.hosts"));
        Assert.DoesNotContain("jane@x.org", closed.Events[0].Text(), StringComparison.Ordinal);
        Assert.Null(closed.Field("related.hosts"));
    }

    [Fact]
    public void The_longest_rule_wins_and_a_message_without_private_values_stays()
    {
        using var batch = Private(
            ("user.*", PrivacyAction.Drop), ("user.id", PrivacyAction.Keep), ("user.email", PrivacyAction.Keep), ("user.name", PrivacyAction.Keep));

        Assert.Equal("\"1\"", batch.Field("user.id"));
        Assert.Equal("\"jane@x.org\"", batch.Field("user.email"));
        Assert.Null(batch.Field("user.domain"));
    }

    private static EventBatch Private(params (string Field, PrivacyAction Action)[] rules)
        => Mapped.Intercom(
            Mapped.IntercomRecord(performedBy: Actor).Replace("\"d\"", "\"Jane@X.org renamed it\"", StringComparison.Ordinal),
            Mapped.IntercomSettings with { Privacy = new(rules.ToDictionary(r => r.Field, r => r.Action), Key) });

    private static void Join(JsonElement value, string path, List<string> flat)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            flat.Add($"\"{path}\":{value.GetRawText()}");
            return;
        }

        foreach (var member in value.EnumerateObject()) Join(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", flat);
    }
}
