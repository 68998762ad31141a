using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary><c>setup kibana</c>: what is imported, what is left alone, and what is said of it.</summary>
public sealed class SetupKibanaTests : IAsyncLifetime
{
    private DashboardsScene _scene = null!;

    public async Task InitializeAsync() => _scene = await DashboardsScene.StartAsync();

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task Everything_is_created_and_rules_are_disabled()
    {
        await _scene.ExpectAsync();

        Assert.Equal(["Audit logs", "Exports", "Guessing", "Overview", "Sign-ins", "Spray"], _scene.Rows.Keys.Order(StringComparer.Ordinal));
        _scene.AssertAll("created");
        Assert.Equal((3, 3), (_scene.Server.Saved.Count, _scene.Server.Rules.Count));
        Assert.All(["r-query", "r-threshold", "r-esql"], id => Assert.False(_scene.Server.Rules.Find(id)!["enabled"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task A_second_run_finds_all_the_same_and_writes_nothing()
    {
        await _scene.ExpectAsync();
        _scene.Server.Requests.Clear();

        await _scene.ExpectAsync();

        _scene.AssertAll("is there");
        Assert.Empty(_scene.Server.Writes);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_created_and_writes_nothing()
    {
        await _scene.ExpectAsync("--dry-run");

        _scene.AssertAll("would be created");
        Assert.Equal((0, 0), (_scene.Server.Saved.Count, _scene.Server.Rules.Count));
        Assert.Empty(_scene.Server.Writes);
    }

    [Fact]
    public async Task What_a_user_changed_is_kept_and_the_fields_are_named()
    {
        await _scene.ExpectAsync();
        _scene.Server.Saved.Edit("dashboard", "board", attributes => attributes["title"] = "Mine");
        _scene.Server.Rules.Edit("r-query", rule => (rule["query"], rule["severity"]) = ("mine", "low"));
        _scene.Server.Requests.Clear();

        await _scene.ExpectAsync("--dry-run");
        Assert.Equal(("would be kept", "A user changed title. With --overwrite, these are replaced."), _scene.Rows["Overview"]);
        await _scene.ExpectAsync("--dry-run", "--overwrite");
        Assert.Equal(("would be overwritten", "title"), _scene.Rows["Overview"]);
        await _scene.ExpectAsync();

        Assert.Equal(("kept", "A user changed severity, query. With --overwrite, these are replaced."), _scene.Rows["Exports"]);
        Assert.Equal("kept", _scene.Rows["Overview"].Outcome);
        Assert.Equal("is there", _scene.Rows["Guessing"].Outcome);
        Assert.Equal("mine", (string?)_scene.Server.Rules.Find("r-query")!["query"]);
        Assert.Empty(_scene.Server.Writes);
    }

    [Fact]
    public async Task With_overwrite_the_delivered_fields_are_replaced_and_the_users_own_stay()
    {
        await _scene.ExpectAsync();
        _scene.Server.Saved.Edit("index-pattern", "view", a => (a["name"], a["fieldFormatMap"]) = ("Mine", """{"x":{"id":"url"}}"""));
        _scene.Server.Saved.Tag("dashboard", "board");
        _scene.Server.Saved.Edit("dashboard", "board", attributes => attributes["title"] = "Mine");
        _scene.Server.Rules.Edit("r-query", rule =>
        {
            (rule["query"], rule["enabled"], rule["note"]) = ("mine", true, "Call the owner.");
            rule["actions"] = new JsonArray(new JsonObject { ["id"] = "mail" });
            rule["exceptions_list"] = new JsonArray(new JsonObject { ["list_id"] = "known" });
        });

        await _scene.ExpectAsync("--overwrite");

        Assert.Equal(("overwritten", "name"), _scene.Rows["Audit logs"]);
        Assert.Equal(("overwritten", "title"), _scene.Rows["Overview"]);
        Assert.Equal(("overwritten", "query"), _scene.Rows["Exports"]);
        var view = _scene.Server.Saved.Find("index-pattern", "view")!["attributes"]!;
        Assert.Equal("Audit logs", (string?)view["name"]);
        Assert.Equal("url", (string?)JsonNode.Parse((string)view["fieldFormatMap"]!)!["x"]!["id"]);
        Assert.Contains(_scene.Server.Saved.Find("dashboard", "board")!["references"]!.AsArray(), r => (string?)r!["type"] == "tag");
        var rule = _scene.Server.Rules.Find("r-query")!;
        Assert.Equal("event.action:bulk_export", (string?)rule["query"]);
        Assert.True(rule["enabled"]!.GetValue<bool>());
        Assert.Equal(("mail", "known", "Call the owner."),
            ((string?)rule["actions"]![0]!["id"], (string?)rule["exceptions_list"]![0]!["list_id"], (string?)rule["note"]));

        _scene.Server.Requests.Clear();
        await _scene.ExpectAsync();
        _scene.AssertAll("is there");
        Assert.Empty(_scene.Server.Writes);
    }

    [Fact]
    public async Task What_is_as_an_older_release_delivered_it_is_updated_and_what_a_user_changed_is_kept()
    {
        await _scene.ExpectAsync();
        _scene.Server.Rules.Edit("r-threshold", rule => (rule["enabled"], rule["actions"]) = (true, new JsonArray(new JsonObject { ["id"] = "mail" })));
        _scene.Server.Rules.Edit("r-query", rule => rule["name"] = "Mine");
        _scene.Server.Saved.Edit("index-pattern", "view", attributes => attributes["name"] = "Mine");
        _scene.Change("detection-rules.ndjson", "event.action:admin_login_failure\"", "event.action:(admin_login_failure)\"");
        _scene.Change("detection-rules.ndjson", "\"query\":\"event.action:bulk_export\"", "\"query\":\"event.action:*export\"");
        _scene.Change("detection-rules.ndjson", "\"version\":1", "\"version\":2");
        _scene.Change("objects.ndjson", "\\\"h\\\":15", "\\\"h\\\":20");
        _scene.Change("objects.ndjson", "\"timeFieldName\":\"@timestamp\"", "\"timeFieldName\":\"event.ingested\"");
        _scene.Release("0.2.0");

        await _scene.ExpectAsync();

        Assert.Equal(("updated", "query"), _scene.Rows["Guessing"]);
        Assert.Equal(("updated", "panelsJSON"), _scene.Rows["Overview"]);
        Assert.Equal("kept", _scene.Rows["Exports"].Outcome);
        Assert.Equal("kept", _scene.Rows["Audit logs"].Outcome);
        Assert.Equal("is there", _scene.Rows["Spray"].Outcome);
        var rule = _scene.Server.Rules.Find("r-threshold")!;
        Assert.Equal((2, true, "mail"), (rule["version"]!.GetValue<int>(), rule["enabled"]!.GetValue<bool>(), (string?)rule["actions"]![0]!["id"]));
    }

    [Fact]
    public async Task Rules_that_are_new_run_at_once_when_it_is_asked_for_and_those_that_a_user_disabled_do_not()
    {
        await _scene.ExpectAsync();
        _scene.Write(
            "detection-rules.ndjson",
            Rule("r-new", "eql", "New", "any where true"),
            Rule("r-esql", "esql", "Spray", "FROM logs-intercom.audit*"));

        await _scene.ExpectAsync("--enable");

        Assert.Equal(("created", "updated"), (_scene.Rows["New"].Outcome, _scene.Rows["Spray"].Outcome));
        Assert.True(_scene.Server.Rules.Find("r-new")!["enabled"]!.GetValue<bool>());
        Assert.False(_scene.Server.Rules.Find("r-esql")!["enabled"]!.GetValue<bool>());
    }

    [Fact]
    public async Task The_configured_prefix_is_in_every_name_of_an_index_and_a_change_of_it_is_no_change_of_a_user()
    {
        _scene.Session.Environment["Elasticsearch__Prefix"] = "acme";
        await _scene.ExpectAsync();

        Assert.Equal("acme-intercom.audit*,acme-sequence.audit*", (string?)_scene.Server.Saved.Find("index-pattern", "view")!["attributes"]!["title"]);
        Assert.StartsWith("FROM acme-intercom.audit*, acme-sequence.audit*", (string?)_scene.Server.Rules.Find("r-esql")!["query"], StringComparison.Ordinal);
        Assert.Equal("acme-intercom.audit*", (string?)_scene.Server.Rules.Find("r-query")!["index"]![0]);
        await _scene.ExpectAsync();
        _scene.AssertAll("is there");

        _scene.Session.Environment["Elasticsearch__Prefix"] = "logs";
        await _scene.ExpectAsync();
        Assert.Equal("kept", _scene.Rows["Audit logs"].Outcome);
        _scene.Session.Environment["Elasticsearch__Prefix"] = "acme";
        _scene.Change("objects.ndjson", "Audit logs", "All audit logs");
        _scene.Release("0.2.0");
        await _scene.ExpectAsync();
        Assert.Equal(("updated", "name"), _scene.Rows["All audit logs"]);
    }

    [Fact]
    public async Task Each_space_has_objects_of_its_own_and_a_second_run_finds_them()
    {
        _scene.Server.Spaces.UnionWith(["a", "b"]);
        _scene.Session.Environment["Dashboards__Space"] = "a";
        await _scene.ExpectAsync();
        Assert.NotNull(_scene.Server.Saved.Find("dashboard", "board", "a"));

        // The option goes first.
        await _scene.ExpectAsync("--space", "b");
        Assert.Equal("created", _scene.Rows["Overview"].Outcome);
        var copy = _scene.Server.Saved.FindCopy("dashboard", "board", "b")!;
        Assert.Equal($"It has the id {copy["id"]}: another space has an object with its own.", _scene.Rows["Overview"].Detail);
        Assert.NotNull(_scene.Server.Rules.Find("r-query", "b"));

        _scene.Server.Requests.Clear();
        await _scene.ExpectAsync("--space", "b");
        _scene.AssertAll("is there");
        Assert.Empty(_scene.Server.Writes);

        _scene.Server.Saved.Edit("dashboard", (string)copy["id"]!, attributes => attributes["title"] = "Mine", "b");
        await _scene.ExpectAsync("--space", "b", "--overwrite");
        Assert.Equal(("overwritten", "title"), _scene.Rows["Overview"]);
        Assert.Equal("Overview", (string?)_scene.Server.Saved.FindCopy("dashboard", "board", "b")!["attributes"]!["title"]);
        await _scene.ExpectAsync("--space", "b");
        _scene.AssertAll("is there");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("Security Team")]
    [InlineData("abc\n")]
    [InlineData("")]
    public async Task What_is_no_id_of_a_space_is_refused_before_anything_is_sent(string space)
    {
        Assert.Equal(2, await _scene.RunAsync("--space", space));

        Assert.Contains("Give the id of the space, as in its URL", _scene.Session.Error, StringComparison.Ordinal);
        Assert.Empty(_scene.Server.Writes);
    }

    [Fact]
    public async Task A_space_that_is_not_there_is_not_written_into()
    {
        Assert.Equal(1, await _scene.RunAsync("--space", "nowhere"));

        Assert.StartsWith("Kibana has no space \"nowhere\". Make the space, or give", _scene.Session.Error, StringComparison.Ordinal);
        Assert.Empty(_scene.Server.Writes);
    }

    [Fact]
    public async Task Behind_a_base_path_it_is_asked_there()
    {
        await using var scene = await DashboardsScene.StartAsync(basePath: "/kibana");
        scene.Server.Spaces.Add("a");
        await scene.ExpectAsync("--space", "a");

        scene.AssertAll("created");
        Assert.All(scene.Server.Requests, request => Assert.Contains(" /kibana/", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Objects_that_fail_are_named_with_the_reason_and_the_others_are_written()
    {
        _scene.Server.Saved.Fails = o => (string?)o["id"] == "found" ? (413, "document is too large") : null;
        _scene.Server.Rules.Fails = o => (string?)o["rule_id"] == "r-esql" ? (403, "Your license does not support this rule type") : null;
        _scene.Change("detection-rules.ndjson", "\"severity\":\"medium\",", "");

        Assert.Equal(1, await _scene.RunAsync());

        Assert.Equal(("failed", "413 document is too large."), _scene.Rows["Sign-ins"]);
        Assert.Equal(("failed", "400 severity: Required."), _scene.Rows["Guessing"]);
        Assert.StartsWith("403 Your license does not support this rule type.", _scene.Rows["Spray"].Detail, StringComparison.Ordinal);
        Assert.Equal(("created", "created"), (_scene.Rows["Overview"].Outcome, _scene.Rows["Exports"].Outcome));
        Assert.Equal((2, 1), (_scene.Server.Saved.Count, _scene.Server.Rules.Count));
    }

    [Fact]
    public async Task An_object_that_refers_to_what_is_not_there_does_not_keep_the_others_from_being_written()
    {
        const string References = """
            "references":[{"name":"i","type":"index-pattern","id":"view"}]
            """;
        _scene.Change("objects.ndjson", References, References.Replace("view", "other", StringComparison.Ordinal));

        Assert.Equal(1, await _scene.RunAsync());

        Assert.Equal("failed", _scene.Rows["Sign-ins"].Outcome);
        Assert.StartsWith("It refers to what is not there: index-pattern other.", _scene.Rows["Sign-ins"].Detail, StringComparison.Ordinal);
        Assert.Equal("created", _scene.Rows["Audit logs"].Outcome);
        Assert.NotNull(_scene.Server.Saved.Find("index-pattern", "view"));
    }

    [Fact]
    public async Task An_object_that_another_import_made_in_the_meantime_is_a_conflict_and_the_others_are_written()
    {
        _scene.Server.Saved.Fails = o => (string?)o["id"] != "board" ? (500, "not now") : null;
        Assert.Equal(1, await _scene.RunAsync());
        _scene.Server.Saved.Fails = _ => null;
        _scene.Server.Answer("saved_objects/_export", 200, "");

        Assert.Equal(1, await _scene.RunAsync());

        Assert.Equal(("failed", "409 conflict: an object with its id is there by now. Run the command again."), _scene.Rows["Overview"]);
        Assert.Equal("created", _scene.Rows["Audit logs"].Outcome);
        Assert.Equal(3, _scene.Server.Saved.Count);
    }

    [Fact]
    public async Task A_type_that_the_server_does_not_have_is_named_and_the_rules_are_imported()
    {
        _scene.Write("maps.ndjson", """{"id":"m","type":"map","attributes":{"title":"World"},"references":[]}""");

        Assert.Equal(1, await _scene.RunAsync());

        Assert.All(_scene.Rows.Where(row => row.Key is "World" or "Overview"), row => Assert.Equal("failed", row.Value.Outcome));
        Assert.Contains("non-exportable type(s): map", _scene.Rows["World"].Detail, StringComparison.Ordinal);
        Assert.Equal("created", _scene.Rows["Exports"].Outcome);
    }

    [Fact]
    public async Task A_Kibana_without_its_security_solution_gets_the_saved_objects()
    {
        _scene.Server.HasSecuritySolution = false;

        await _scene.ExpectAsync();

        Assert.Equal("left out", _scene.Rows["3 of them"].Outcome);
        Assert.StartsWith("This Kibana has no detection rules", _scene.Rows["3 of them"].Detail, StringComparison.Ordinal);
        Assert.Equal("created", _scene.Rows["Overview"].Outcome);
    }

    [Fact]
    public async Task What_the_server_warns_of_is_passed_on()
    {
        _scene.Server.Rules.Warning = "Suppression needs another license";
        _scene.Server.Saved.Warning = "Look at the data view";

        await _scene.ExpectAsync();

        Assert.Contains("warning: The server says: Suppression needs another license", _scene.Session.Error, StringComparison.Ordinal);
        Assert.Contains("warning: The server says: Look at the data view", _scene.Session.Error, StringComparison.Ordinal);
    }

    private static string Rule(string id, string type, string name, string query) => new JsonObject
    {
        ["rule_id"] = id,
        ["type"] = type,
        ["name"] = name,
        ["description"] = "d",
        ["severity"] = "high",
        ["risk_score"] = 73,
        ["language"] = type,
        ["query"] = query,
        ["enabled"] = false,
        ["version"] = 2,
    }.ToJsonString();
}
