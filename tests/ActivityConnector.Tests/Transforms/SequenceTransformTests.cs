namespace ActivityConnector.Tests.Transforms;

public class SequenceTransformTests
{
    [Theory]
    [InlineData("CREATED", "INVOICE", "invoice_created", "api", "creation", "success", 10, true)]
    [InlineData("voided", "invoice", "invoice_voided", "api", "change", "success", 47, true)]
    [InlineData("SYNC_COMPLETED", "INTEGRATION", "integration_sync_completed", "api", "info", "success", 5, true)]
    [InlineData("CREATED", "API_KEY", "api_key_created", "iam", "admin|creation", "success", 73, true)]
    [InlineData("LOGIN_FAILED", "SEQUENCE_USER", "sequence_user_login_failed", "authentication", "info", "failure", 21, true)]
    [InlineData("SYNC_FAILED", "TEAM", "team_sync_failed", "iam", "admin|info", "failure", 21, true)]
    [InlineData("EXPORTED", "PORTAL_USER", "portal_user_exported", "iam", "user|info", "success", 47, true)]
    [InlineData("VIEWED", "PRICE_LIST", "price_list_viewed", "configuration", "access", "success", 10, true)]
    [InlineData("FROBBED", "THING", "thing_frobbed", "api", "change", "success", 21, false)]
    [InlineData("PING", "THING", "thing_ping", "api", "info", null, 21, false)]
    [InlineData("", "INVOICE", "invoice_unknown", "api", "info", null, 21, false)]
    [InlineData("CREATED", "", "unknown_created", "api", "creation", "success", 21, true)]
    public void A_verb_and_an_entity_type_find_the_first_row_that_fits(
        string verb, string entityType, string action, string category, string types, string? outcome, int severity, bool isKnown)
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{Mapped.Item(verb, entityType)}]"));

        Assert.Equal($"\"{action}\"", batch.Field("event.action"));
        Assert.Equal($"[\"{category}\"]", batch.Field("event.category"));
        Assert.Equal($"[\"{types.Replace("|", "\",\"", StringComparison.Ordinal)}\"]", batch.Field("event.type"));
        Assert.Equal(outcome is null ? null : $"\"{outcome}\"", batch.Field("event.outcome"));
        Assert.Equal(severity.ToString(System.Globalization.CultureInfo.InvariantCulture), batch.Field("event.severity"));
        Assert.Equal(isKnown ? null : "[\"_unknown_verb\"]", batch.Field("tags"));
    }

    [Fact]
    public void Every_exact_row_is_mapped_as_it_says()
    {
        Assert.Equal(100, Mapped.SequenceTable.Rows.Count);
        foreach (var row in Mapped.SequenceTable.Rows.Where(row => row.Priority is > 1 and < 86))
        {
            var classification = Mapped.SequenceTable.Classify(row.Verb, row.EntityType);
            Assert.Equal(
                (row.Action, row.Category, row.Type),
                (classification.Action, string.Join('|', classification.Categories), string.Join('|', classification.Types)));
        }
    }

    [Fact]
    public void Every_item_is_an_event_with_the_log_around_it_as_its_original()
    {
        var (a, b) = (Mapped.Item(), Mapped.Item("PAID", members: "\"id\":\"i2\""));
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[ {a} ,{b}]"));

        Assert.Equal(["i1", "i2"], batch.Events.Select(e => e.EventId));
        Assert.Equal("2", batch.Field("sequence.activity_log.item_count", 1));
        Assert.Equal("1", batch.Field("sequence.item.index", 1));
        Assert.Equal(Mapped.SequenceRecord($"[{b}]"), System.Text.Json.JsonSerializer.Deserialize<string>(batch.Field("event.original", 1)!));
    }

    [Fact]
    public void Items_without_an_id_get_one_of_their_content_and_twins_a_number()
    {
        var item = Mapped.Item(members: "");
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{item},{item},{Mapped.Item("PAID", members: "")},{item}]"));

        var first = batch.Events[0].EventId;
        Assert.StartsWith("log:sha256:", first, StringComparison.Ordinal);
        Assert.Equal([first + ":2", first + ":3"], [batch.Events[1].EventId, batch.Events[3].EventId]);
        Assert.Equal(4, batch.Events.Select(e => e.Id).Distinct().Count());
        Assert.Equal("[\"_id_synthesized\"]", batch.Field("tags"));
    }

    [Theory]
    [InlineData("null", "unknown_unknown")]
    [InlineData("5", "unknown_unknown")]
    [InlineData("""{"id":"x","verb":"CREATED","activityLogObject":{"entityType":"INVOICE"}}""", "invoice_created")]
    public void An_item_without_its_parts_is_a_pipeline_error(string item, string action)
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{item}]"));

        Assert.Equal("\"pipeline_error\"", batch.Field("event.kind"));
        Assert.Equal($"\"{action}\"", batch.Field("event.action"));
        Assert.Contains("_actor_missing", batch.Field("tags"), StringComparison.Ordinal);
        Assert.NotNull(batch.Field("error.message"));
    }

    [Theory]
    [InlineData("[]", null)]
    [InlineData("""[{"key":"a","value":"b"}]""", """["a=b"]""")]
    [InlineData("""[{"key":"a","value":null},{"value":1,"key":2}]""", """["a=","2=1"]""")]
    [InlineData("""[{"key":"a","value":{}},{"key":"a"},"x",1.0,null,""]""", """["{\"key\":\"a\",\"value\":{}}","{\"key\":\"a\"}","x","1.0"]""")]
    [InlineData("""{"b":1,"a":2}""", """["{\"a\":2,\"b\":1}"]""")]
    public void Metadata_is_one_array_of_texts(string metadata, string? expected)
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{Mapped.Item(members: $"\"id\":\"i\",\"metadata\":{metadata}")}]"));

        Assert.Equal(expected, batch.Field("sequence.metadata"));
    }

    [Fact]
    public void The_object_is_the_target_user_before_the_target_is()
    {
        using var user = Mapped.Sequence(Mapped.SequenceRecord($"[{Mapped.Item("UPDATED", "SEQUENCE_USER")}]"));
        using var invoice = Mapped.Sequence(Mapped.SequenceRecord($"[{Mapped.Item()}]"));

        Assert.Equal("\"oe\"", user.Field("user.target.id"));
        Assert.Null(invoice.Field("user.target.id"));
        Assert.Equal(("u", "oe", "acc"), (invoice.Events[0].ActorId, invoice.Events[0].ObjectId, invoice.Events[0].Tenant));
    }
}
