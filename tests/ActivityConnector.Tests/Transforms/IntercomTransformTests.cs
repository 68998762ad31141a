using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Tables;

namespace ActivityConnector.Tests.Transforms;

public class IntercomTransformTests
{
    [Theory]
    [InlineData("""{"message":{"id":123,"title":"x"}}""", "message_id", "\"123\"")]
    [InlineData("""{"before":{"Role Name!":"y"}}""", "before_role_name", "\"y\"")]
    [InlineData("""{"a":{"b":1},"a_b":2}""", "a_b", """["1","2"]""")]
    [InlineData("""{"list":["one"]}""", "list", """["one"]""")]
    [InlineData("""{"list":[{"id":1},{"id":2,"x":null}]}""", "list_id", """["1","2"]""")]
    [InlineData("""{"flag":true,"flag2":false}""", "flag", "\"true\"")]
    [InlineData("""{"n":1.50e3}""", "n", "\"1.50e3\"")]
    [InlineData("""{"n":null}""", "n", null)]
    [InlineData("""{"n":""}""", "n", null)]
    [InlineData("""{"n":[]}""", "n", null)]
    [InlineData("""{"!!":1}""", "u21_21", "\"1\"")]
    [InlineData("""{"n":1,"n":2}""", "n", "\"2\"")]
    [InlineData("""{"n":"a\u0000b\ud800"}""", "n", "\"ab\uFFFD\"")]
    [InlineData("\"text\"", "value", "\"text\"")]
    [InlineData("""[1,{"b":2,"a":1}]""", "value", """["1","{\"a\":1,\"b\":2}"]""")]
    public void Metadata_becomes_one_text_for_each_path(string metadata, string key, string? expected)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord($"\"metadata\":{metadata}"));

        Assert.Equal(expected, batch.Field($"intercom.metadata.{key}"));
        Assert.Null(batch.Field("tags"));
    }

    [Fact]
    public void Metadata_over_a_limit_is_cut_and_tagged()
    {
        string[] over =
        [
            "{" + string.Join(',', Enumerable.Range(0, 257).Select(i => $"\"k{i}\":1")) + "}",
            "{\"k\":[" + string.Join(',', Enumerable.Range(0, 65)) + "]}",
            "{\"k\":\"" + new string('x', 8193) + "\"}",
            string.Concat(Enumerable.Repeat("{\"k\":", 17)) + "1" + new string('}', 17),
        ];
        foreach (var metadata in over)
        {
            using var batch = Mapped.Intercom(Mapped.IntercomRecord($"\"metadata\":{metadata}"));
            Assert.Equal("[\"_metadata_truncated\"]", batch.Field("tags"));
        }

        using var pairs = Mapped.Intercom(Mapped.IntercomRecord("\"metadata\":{\"k\":\"x" + string.Concat(Enumerable.Repeat("😀", 4096)) + "\"}"));
        Assert.Equal(1 + (4095 * 2) + 2, pairs.Field("intercom.metadata.k")!.Length);
    }

    [Fact]
    public void Changed_settings_are_the_names_that_differ()
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(
            """
            "metadata":{"changes":{"Away Mode":[1,2]},"before":{"role":"a","same":1,"p":{"x":true,"gone":1}},
            """
            + """
            "after":{"role":"b","same":1,"p":{"x":false},"new":[1]}}
            """));

        Assert.Equal("""["away_mode","role","p_x","p_gone","new"]""", batch.Field("intercom.changed_settings"));
    }

    [Theory]
    [InlineData("admin_permission_change", """{"admin":{"id":7,"first_name":"A","last_name":"B"}}""", "\"7\"", null, "\"A B\"")]
    [InlineData("admin_invite_creation", """{"invitee":"New@X.org"}""", "\"new@x.org\"", "\"new@x.org\"", null)]
    [InlineData("admin_ticket_assignment_limit_change", """{"teammate_id":"9","email":"q@x.org","admin_name":"Q"}""", "\"9\"", "\"q@x.org\"", "\"Q\"")]
    [InlineData("admin_deletion", """{"admin":{},"user":{"id":3}}""", "\"3\"", null, null)]
    [InlineData("admin_deletion", """{"external_id":"c"}""", null, null, null)]
    [InlineData("app_name_change", """{"admin":{"id":7}}""", null, null, null)]
    public void The_target_user_comes_from_one_place_of_the_metadata(string type, string metadata, string? id, string? email, string? fullName)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord($"\"metadata\":{metadata}", type));

        Assert.Equal(id, batch.Field("user.target.id"));
        Assert.Equal(email, batch.Field("user.target.email"));
        Assert.Equal(fullName, batch.Field("user.target.full_name"));
    }

    [Fact]
    public void Everyone_in_the_record_is_related_in_order()
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(
            """
            "metadata":{"note":"X@Y.z","admin":{"id":"t","email":"T@x.org"},"changes":{"email":{"before":"T@x.org","after":"N@x.org"}},
            """
            + """
            "update_by":"55","update_by_name":"Boss"}
            """,
            "admin_permission_change",
            """{"id":"1","email":"Me@x.org"}"""));

        Assert.Equal("""["1","me@x.org","t","t@x.org","n@x.org","55","Boss","x@y.z"]""", batch.Field("related.user"));
        Assert.Equal("\"n@x.org\"", batch.Field("user.changes.email"));
    }

    [Fact]
    public void Teams_and_hosts_are_made_searchable()
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(
            """
            "metadata":{"team":{"id":5,"name":"T"},"user":{"id":2},"webhook_url":"https://u:p@Hooks.Example.com:8443/x",
            """
            + """
            "domains":["A.org","no host"],"curl":"https://no.example"}
            """,
            "app_team_membership_modification"));

        Assert.Equal("\"5\"", batch.Field("group.id"));
        Assert.Equal("\"T\"", batch.Field("user.target.group.name"));
        Assert.Equal("""["hooks.example.com","a.org"]""", batch.Field("related.hosts"));
    }

    [Fact]
    public void The_topics_of_a_webhook_are_no_hosts()
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(
            """
            "metadata":{"webhook":{"url":"https://hooks.example.com/x","topics":["conversation.user.created","ping.me"]}}
            """,
            "app_webhook_creation"));

        Assert.Equal("""["hooks.example.com"]""", batch.Field("related.hosts"));
        Assert.Equal("""["conversation.user.created","ping.me"]""", batch.Field("intercom.metadata.webhook_topics"));
    }

    [Fact]
    public void A_record_without_its_parts_is_still_an_event()
    {
        using var batch = Mapped.Intercom("""{"created_at":1547669358,"performed_by":null}""");

        Assert.Equal("\"An unknown actor performed unknown\"", batch.Field("message"));
        Assert.Equal("\"unknown\"", batch.Field("event.action"));
        Assert.Equal("""["_unknown_activity_type","_actor_missing","_id_synthesized"]""", batch.Field("tags"));
        Assert.Equal("\"event\"", batch.Field("event.kind"));
        Assert.StartsWith("sha256:", batch.Events[0].EventId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_synthesized_id_does_not_depend_on_order_or_space()
    {
        using var a = Mapped.Intercom("""{"created_at":1547669358,"activity_type":"x"}""");
        using var b = Mapped.Intercom("""{ "activity_type" : "\u0078", "created_at" : 1547669358 }""");

        Assert.Equal(a.Events[0].Id, b.Events[0].Id);
        Assert.NotEqual(a.Field("event.hash"), b.Field("event.hash"));
    }

    [Fact]
    public void A_long_original_is_left_out_and_its_hash_kept()
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord($"\"x\":\"{new string('y', 512 * 1024)}\""));

        Assert.Null(batch.Field("event.original"));
        Assert.NotNull(batch.Field("event.hash"));
        Assert.Equal("[\"_original_truncated\"]", batch.Field("tags"));
    }

    [Fact]
    public void Settings_are_in_every_event()
    {
        var settings = Mapped.IntercomSettings with
        {
            ApiVersion = "2.16",
            Tags = ["prod"],
            Labels = new Dictionary<string, string> { ["env"] = "a\"b" },
            KeepOriginal = false,
            ServiceEnvironment = "eu",
            SeverityOverrides = new Dictionary<string, int> { ["app_name_change"] = 99 },
        };
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(), settings);

        Assert.Equal("\"2.16\"", batch.Field("intercom.api_version"));
        Assert.Equal("[\"prod\"]", batch.Field("tags"));
        Assert.Equal("\"a\\\"b\"", batch.Field("labels.env"));
        Assert.Null(batch.Field("event.original"));
        Assert.Equal("\"eu\"", batch.Field("service.environment"));
        Assert.Equal("99", batch.Field("event.severity"));
    }

    [Fact]
    public void Every_row_of_the_table_is_mapped_as_it_says()
    {
        Assert.Equal(120, Mapped.IntercomTable.Rows.Count);
        foreach (var row in Mapped.IntercomTable.Rows)
        {
            using var batch = Mapped.Intercom(Mapped.IntercomRecord(type: row.ActivityType));
            Assert.Equal($"\"{row.ActivityType}\"", batch.Field("event.action"));
            Assert.Equal($"[\"{string.Join("\",\"", row.Classification.Types)}\"]", batch.Field("event.type"));
            Assert.Equal(row.Classification.Outcome is { } outcome ? $"\"{outcome}\"" : null, batch.Field("event.outcome"));
        }
    }

    [Fact]
    public void The_known_names_taken_for_unknown_are_valid_ECS_and_mostly_the_same()
    {
        var same = 0;
        foreach (var row in Mapped.IntercomTable.Rows)
        {
            var guess = UnknownActivityType.Classify(row.ActivityType);
            Assert.Null(EcsVocabulary.Problem(guess.Categories, guess.Types));
            same += guess.Categories.Any(row.Classification.Categories.Contains) && guess.Types.Any(row.Classification.Types.Contains) ? 1 : 0;
        }

        Assert.Equal(103, same);
    }

    [Theory]
    [InlineData("workspace_uninstallation", "configuration", "deletion", "success", 21)]
    [InlineData("SSO_Login_Failure", "authentication", "info", "failure", 47)]
    [InlineData("bulk_tag_creation", "database", "change", "success", 21)]
    [InlineData("app_team_export_created", "database", "access", "success", 47)]
    [InlineData("role_request", "iam", "admin|info", "unknown", 47)]
    [InlineData("article_preview", "configuration", "info", null, 21)]
    [InlineData("article_viewed", "", "info", null, 21)]
    public void An_unknown_name_is_classified_by_its_words(string name, string category, string types, string? outcome, int severity)
    {
        var guess = Mapped.IntercomTable.Classify(name);

        Assert.Equal((category, types), (string.Join('|', guess.Categories), string.Join('|', guess.Types)));
        Assert.Equal((outcome, severity, false), (guess.Outcome, guess.Severity, guess.IsKnown));
    }
}
