using System.Text;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Dashboards;

/// <summary><c>setup kibana</c> before a server that refuses, is not ready, is another one, or says what cannot be read.</summary>
public sealed class DashboardsFaultsTests : IAsyncLifetime
{
    private const string Canary = "canary-7f3a91c2";

    private DashboardsScene _scene = null!;

    public async Task InitializeAsync() => _scene = await DashboardsScene.StartAsync();

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task The_credential_of_Elasticsearch_is_used_unless_the_section_has_its_own()
    {
        _scene.Server.Authorization = $"ApiKey {Encoded($"id:{Canary}")}";
        _scene.Session.Environment["Elasticsearch__ApiKey"] = $"id:{Canary}";
        await _scene.ExpectAsync();

        _scene.Server.Authorization = $"Basic {Encoded("kib:secret")}";
        Assert.Equal(1, await _scene.RunAsync());
        Assert.Equal(
            "Kibana does not take the credential (401). Give a valid API key or user in the section Elasticsearch, or in the section Dashboards.",
            _scene.Session.Error.Trim());

        _scene.Session.Environment["Dashboards__Username"] = "kib";
        _scene.Session.Environment["Dashboards__PasswordFile"] = _scene.Session.Write("password", "secret\n");
        await _scene.ExpectAsync();
        _scene.AssertAll("is there");
        Assert.DoesNotContain(Canary, _scene.Session.Error + _scene.Session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_wants_a_credential_where_there_is_none_is_said()
    {
        _scene.Server.Authorization = "Basic x";

        Assert.Equal(1, await _scene.RunAsync());
        Assert.Contains("Give an API key or a user in the section Dashboards.", _scene.Session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_the_right_to_rules_gets_the_saved_objects_and_the_right_is_named()
    {
        _scene.Server.MayUseRules = false;

        Assert.Equal(1, await _scene.RunAsync());

        Assert.Equal(("created", "failed"), (_scene.Rows["Overview"].Outcome, _scene.Rows["Exports"].Outcome));
        Assert.Contains("Security: All", _scene.Rows["Exports"].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_user_without_the_right_to_saved_objects_gets_the_rules_and_the_right_is_named(bool mayRead)
    {
        (_scene.Server.MayReadSavedObjects, _scene.Server.MayWriteSavedObjects) = (mayRead, false);

        Assert.Equal(1, await _scene.RunAsync());

        Assert.Equal(("failed", "created"), (_scene.Rows["Overview"].Outcome, _scene.Rows["Exports"].Outcome));
        Assert.StartsWith("403 Unable to bulk_", _scene.Rows["Overview"].Detail, StringComparison.Ordinal);
        Assert.Contains("Saved Objects Management: All", _scene.Rows["Overview"].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(302, "", "text/html", "Kibana answers with a redirect (302), as to a page for signing in.")]
    [InlineData(503, "Kibana server is not ready yet", "text/plain", "Kibana is not ready (503). Wait until its page opens")]
    [InlineData(429, "", "text/plain", "Kibana is not ready (429).")]
    [InlineData(200, "<!DOCTYPE html><title>Sign in</title>", "text/html", "The answer (200) is a web page")]
    [InlineData(404, "<html>not here</html>", "text/html", "The answer (404) is a web page")]
    [InlineData(404, """{"statusCode":404,"message":"Not Found"}""", "application/json", "Kibana does not answer as it should: 404 Not Found.")]
    [InlineData(500, """{"statusCode":500,"message":"An internal error"}""", "application/json", "Kibana does not answer as it should: 500 An internal")]
    [InlineData(200, """{"id":"view","type":"index-pat""", "application/ndjson", "Kibana's answer (200) is cut off or is no JSON.")]
    [InlineData(200, """{"id":"a","id":"b"}""", "application/ndjson", "Kibana's answer (200) is cut off or is no JSON.")]
    [InlineData(200, "[]", "application/json", "Kibana's answer (200) is cut off or is no JSON.")]
    public async Task A_lookup_with_an_answer_that_cannot_be_used_is_one_error_with_a_fix(int status, string body, string mediaType, string error)
    {
        _scene.Server.Answer("_export", status, body, mediaType);

        Assert.Equal(1, await _scene.RunAsync());

        Assert.StartsWith(error, _scene.Session.Error, StringComparison.Ordinal);
        Assert.Empty(_scene.Server.Writes);
    }

    [Theory]
    [InlineData(200, "{}", "Kibana says that the import was not successful, and not of which object.")]
    [InlineData(200, """{"success":false,"errors":[{"type":"dashboard"}]}""", "Kibana says that the import was not successful, and not of which object.")]
    [InlineData(200, """{"success":tr""", "Kibana's answer (200) is cut off or is no JSON.")]
    [InlineData(504, "", "Kibana is not ready (504).")]
    public async Task An_import_with_an_answer_that_cannot_be_used_is_one_error_with_a_fix(int status, string body, string error)
    {
        _scene.Server.Answer("saved_objects/_import", status, body);

        Assert.Equal(1, await _scene.RunAsync());
        Assert.StartsWith(error, _scene.Session.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(413, """{"statusCode":413,"message":"Payload content length greater than maximum allowed"}""", "413 Payload content length")]
    [InlineData(400, """{"statusCode":400,"message":"Document \"board\" belongs to a more recent version of Kibana"}""", "400 Document")]
    public async Task An_import_that_is_refused_as_a_whole_fails_for_each_object(int status, string body, string detail)
    {
        _scene.Server.Answer("saved_objects/_import", status, body);

        Assert.Equal(1, await _scene.RunAsync());

        Assert.Equal("failed", _scene.Rows["Overview"].Outcome);
        Assert.StartsWith(detail, _scene.Rows["Overview"].Detail, StringComparison.Ordinal);
        Assert.Equal("created", _scene.Rows["Exports"].Outcome);
    }

    [Fact]
    public async Task Several_copies_of_an_object_are_named()
    {
        _scene.Server.Answer("saved_objects/_import", 200, """
            {"success":false,"successCount":2,"errors":[
             {"type":"dashboard","id":"board","error":{"type":"ambiguous_conflict","destinations":[{"id":"x"},{"id":"y"}]}},
             {"type":"index-pattern","id":"view","error":{"type":"conflict","destinationId":"z"}},{"type":"search","id":"found","error":{"type":"conflict"}}]}
            """);

        Assert.Equal(1, await _scene.RunAsync());

        Assert.Equal("409 conflict: several objects are copies of it: x, y. Delete all but one.", _scene.Rows["Overview"].Detail);
        Assert.StartsWith("409 conflict: the object z here is a copy of it.", _scene.Rows["Audit logs"].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_that_were_not_all_imported_without_saying_which_are_none_of_them_created()
    {
        _scene.Server.Answer("rules/_import", 200, """
            {"success":false,"success_count":2,"rules_count":3,"errors":[{"rule_id":"(unknown id)","error":{"status_code":400,"message":"odd line"}}]}
            """);

        Assert.Equal(1, await _scene.RunAsync());

        Assert.Equal(("failed", "Kibana imported 2 of 3 rules. 400 odd line."), _scene.Rows["Exports"]);
    }

    [Fact]
    public async Task A_missing_key_for_rules_is_said()
    {
        _scene.Server.Answer("rules/_export", 500, """{"statusCode":500,"message":"the Encrypted Saved Objects plugin is missing encryption key"}""");

        Assert.Equal(1, await _scene.RunAsync());
        Assert.Contains("Set xpack.encryptedSavedObjects.encryptionKey in kibana.yml.", _scene.Rows["Exports"].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_done_before_the_server_failed_is_shown()
    {
        _scene.Server.Answer("rules/_export", 503, "");

        Assert.Equal(1, await _scene.RunAsync());

        Assert.Equal("created", _scene.Rows["Overview"].Outcome);
        Assert.StartsWith("Kibana is not ready (503).", _scene.Session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_a_minute()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _scene.Server.Instead = async http =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
            return true;
        };

        var run = _scene.RunAsync();
        await asked.Task;
        _scene.Session.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, await run);
        Assert.StartsWith("Kibana cannot be used: no answer within 00:01:00.", _scene.Session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_and_one_that_does_not_speak_TLS_are_said()
    {
        _scene.Session.Environment["Dashboards__Url"] = _scene.Server.Url.Replace("http:", "https:", StringComparison.Ordinal);
        Assert.Equal(1, await _scene.RunAsync());
        Assert.StartsWith("Kibana cannot be used: no TLS connection with", _scene.Session.Error, StringComparison.Ordinal);

        _scene.Session.Environment["Dashboards__Url"] = "http://127.0.0.1:1";
        Assert.Equal(1, await _scene.RunAsync());
        Assert.StartsWith("Kibana cannot be used: 127.0.0.1:1: Connection refused.", _scene.Session.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "Dashboards:Url: It is empty.")]
    [InlineData("kibana", "Dashboards:Url: It is not the address of Kibana")]
    [InlineData("https://a:b@kibana", "Dashboards:Url: It has a user or a password in it.")]
    [InlineData("http://kibana.example", "Dashboards:Url: A credential would go over plain http.")]
    public async Task An_address_that_cannot_be_used_is_a_mistake_in_the_configuration(string? url, string error)
    {
        _scene.Session.Environment["Elasticsearch__ApiKey"] = "id:key";
        _scene.Session.Environment["Dashboards__Url"] = url ?? "";

        Assert.Equal(64, await _scene.RunAsync());
        Assert.Contains(error, _scene.Session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_that_is_given_twice_is_a_mistake_in_the_configuration()
    {
        _scene.Session.Environment["Dashboards__ApiKey"] = Canary;
        _scene.Session.Environment["Dashboards__Username"] = "u";

        Assert.Equal(64, await _scene.RunAsync());
        Assert.Contains("Dashboards:ApiKey: An API key and a user are both given.", _scene.Session.Error, StringComparison.Ordinal);
        Assert.Contains("Dashboards:Password: It is missing.", _scene.Session.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, _scene.Session.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("objects.ndjson", "{\"type\":\"dashboard\"", "Line 1 of ")]
    [InlineData("objects.ndjson", "{\"type\":\"dashboard\",\"id\":\"x\"}", "Line 1 of ")]
    [InlineData("versions.json", "{", "The file ")]
    public async Task A_delivered_file_that_is_damaged_is_said_before_anything_is_sent(string file, string text, string error)
    {
        _scene.Write(file, text);

        Assert.Equal(1, await _scene.RunAsync());
        Assert.StartsWith(error, _scene.Session.Error, StringComparison.Ordinal);
        Assert.Empty(_scene.Server.Requests);
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
