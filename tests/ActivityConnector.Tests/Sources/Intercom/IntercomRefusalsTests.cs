using ActivityConnector.Pipeline;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Intercom;

public class IntercomRefusalsTests : IntercomFixture
{
    private static string ErrorList(string code) => $$"""{"type":"error.list","request_id":null,"errors":[{"code":"{{code}}","message":null}]}""";

    [Fact]
    [Trait("EdgeCase", "9")]
    public void A_used_up_quota_is_waited_for_by_the_servers_clock_and_the_page_is_kept()
    {
        Vendor.Skew = TimeSpan.FromMinutes(-1);
        var reset = (Start + Vendor.Skew).ToUnixTimeSeconds() + 20;
        Vendor.Answer(Logs("\"x?page=2\"", 2, Rec("b"), Rec("a", 3700)))
            .Answer(
                ErrorList("rate_limit_exceeded"),
                429,
                headers: [("X-RateLimit-Limit", "167"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", $"{reset}"), ("Retry-After", "3")])
            .Answer(Logs(Rec("a", 3700)));

        Assert.Equal(["a", "b"], Read(TwoHoursAgo).Single().Ids);
        Assert.Equal(Vendor.Sent[1].Uri, Vendor.Sent[2].Uri);
        Assert.InRange(Vendor.Sent[2].At - Vendor.Sent[1].At, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(22));
    }

    [Fact]
    [Trait("EdgeCase", "9")]
    public void Twenty_refused_quotas_in_a_row_are_no_failure()
    {
        for (var i = 0; i < 20; i++) Vendor.Answer(ErrorList("too_many_requests"), 429, headers: [("Retry-After", "7")]);
        Vendor.Answer(Logs(Rec("a")));

        Assert.Equal(["a"], Read(TwoHoursAgo).Single().Ids);
    }

    [Fact]
    public void The_last_tenth_of_the_quota_is_left_to_others()
    {
        Vendor.Answer(
                Logs("\"x?page=2\"", 2, Rec("b"), Rec("a", 3700)),
                headers: [("X-RateLimit-Limit", "167"), ("X-RateLimit-Remaining", "16"), ("X-RateLimit-Reset", $"{Start.ToUnixTimeSeconds() + 8}")])
            .Answer(Logs(Rec("a", 3700)));

        Read(TwoHoursAgo);

        Assert.InRange(Vendor.Sent[1].At - Vendor.Sent[0].At, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(9));
    }

    [Fact]
    [Trait("EdgeCase", "10")]
    public void A_refused_token_in_mid_walk_is_told_with_its_fix_and_nothing_is_given_out()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 2, Rec("b"), Rec("a", 3700))).Answer(ErrorList("unauthorized"), 401);

        var (batches, error) = ReadUntil<SourceRefusedException>(TwoHoursAgo);

        Assert.Empty(batches);
        Assert.Equal("Intercom refused the access token (401 unauthorized).", error.Message);
        Assert.Equal("Put a token with the permissions 'Read admins' and 'Read admin activity logs' into Sources:Intercom:AccessToken.", error.Fix);
    }

    [Fact]
    [Trait("EdgeCase", "10")]
    public void A_refused_token_of_a_file_is_told_with_the_option_of_the_file_and_a_new_one_is_noticed()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "old\n");
        (Options.AccessToken, Options.AccessTokenFile) = (null, file);
        Vendor.Answer(ErrorList("unauthorized"), 401);
        using var source = NewSource();

        var (_, error) = ReadBatch.UntilFailure<SourceRefusedException>(Clock, source.ReadAsync(TwoHoursAgo, default));

        Assert.EndsWith(" into the file of Sources:Intercom:AccessTokenFile.", error.Fix, StringComparison.Ordinal);
        Assert.False(source.HasNewCredential);
        File.WriteAllText(file, "");
        Assert.False(source.HasNewCredential);
        File.WriteAllText(file, "new\n");
        Assert.True(source.HasNewCredential);
    }

    [Fact]
    [Trait("EdgeCase", "10")]
    public void A_token_whose_file_was_replaced_is_tried_at_once()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "old\n");
        (Options.AccessToken, Options.AccessTokenFile) = (null, file);
        Vendor.Answer(_ =>
        {
            File.WriteAllText(file, "new\n");
            return Vendor.Response(401, new StringContent(""));
        }).Answer(Logs(Rec("a")));

        Assert.Equal(["a"], Read(TwoHoursAgo).Single().Ids);
        Assert.Equal(["Bearer old", "Bearer new"], Vendor.Sent.Select(r => r.Authorization));
        File.Delete(file);
    }

    [Theory]
    [Trait("EdgeCase", "11")]
    [InlineData(403, "api_plan_restricted", "subscription")]
    [InlineData(402, "", "subscription")]
    [InlineData(403, "action_forbidden", "does not allow")]
    [InlineData(404, "not_found", "no activity logs at this address")]
    [InlineData(400, "intercom_version_invalid", "configured version")]
    [InlineData(404, "parameter_not_found", "did not accept")]
    [InlineData(301, "", "redirect")]
    public void A_refusal_is_not_asked_again_and_names_what_to_do(int status, string code, string cause)
    {
        Vendor.Answer(code.Length > 0 ? ErrorList(code) : "", status, headers: ("Location", "https://evil.example/"));

        var (_, error) = ReadUntil<SourceRefusedException>(TwoHoursAgo);

        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.Contains("Sources:Intercom:", error.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("EdgeCase", "19")]
    [InlineData("<html>busy</html>", "text/html")]
    [InlineData("<html>busy</html>", "application/json")]
    [InlineData("""{"type":"activity_log.list","activity_logs":[{"id":"x""", "application/json")]
    [InlineData("""{"type":"error.list","errors":[{"code":"server_error"}]}""", "application/json")]
    [InlineData("""{"type":"activity_log.list","pages":null}""", "application/json")]
    [InlineData("""{"type":"activity_log.list","activity_logs":null}""", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("", "application/json")]
    public void An_answer_that_is_no_page_is_asked_for_again_in_place(string body, string type)
    {
        Vendor.Answer(Logs("\"x?page=2\"", 2, Rec("b"), Rec("a", 3700))).Answer(body, 200, type).Answer(Logs(Rec("a", 3700)));

        Assert.Equal(["a", "b"], Read(TwoHoursAgo).Single().Ids);
        Assert.Equal(Vendor.Sent[1].Uri, Vendor.Sent[2].Uri);
    }

    [Fact]
    [Trait("EdgeCase", "19")]
    public void Answers_that_stay_no_page_are_an_outage_and_make_nothing_suspect()
    {
        // Four for the window, and four for the last minute, which shows that it is not the window.
        for (var i = 0; i < 8; i++) Vendor.Answer("<html>", 200, "text/html");

        var (batches, error) = ReadUntil<SourceUnavailableException>(TwoHoursAgo);

        Assert.Empty(batches);
        Assert.Contains("not the JSON", error.Message, StringComparison.Ordinal);
    }
}
