using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Configuration;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Sequence;

public class SequenceRefusalsTests : SequenceFixture
{
    [Theory]
    [Trait("EdgeCase", "30")]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void The_page_size_is_checked_before_anything_is_sent(int pageSize, bool valid)
    {
        using var loading = new Loading();

        Assert.Equal(valid, loading.Load(null, "Sources:Intercom:AccessToken=t", $"Sources:Sequence:PageSize={pageSize}").CanRun);
    }

    [Theory]
    [Trait("EdgeCase", "42")]
    [InlineData(401, "Sequence refused the client id or secret (401).", "Sources:Sequence:ClientSecret")]
    [InlineData(403, "Sequence does not allow this credential to read activity logs (403).", "Sources:Sequence:ClientId")]
    public void A_refused_credential_in_mid_walk_is_told_with_its_fix_after_what_came_before_it(int status, string message, string fix)
    {
        Vendor.Answer(Items("c2", Old("a"))).Answer("", status);

        var (batches, error) = ReadUntil<SourceRefusedException>(Checkpoints.After("c1"));

        Assert.Equal("c2", batches.Single().Cursor.After);
        Assert.Equal(message, error.Message);
        Assert.Contains(fix, error.Fix, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("EdgeCase", "42")]
    public void The_credential_is_sent_as_basic_authentication()
    {
        Vendor.Answer(Items(null));

        Read(null);

        Assert.Equal("Basic Y2xpZW50LWlkOmNsaWVudC1zZWNyZXQ=", Vendor.Sent.Single().Authorization);
    }

    [Fact]
    [Trait("EdgeCase", "43")]
    public void A_used_up_quota_without_headers_is_waited_for_longer_each_time_up_to_a_minute()
    {
        for (var i = 0; i < 6; i++) Vendor.Answer("", 429);
        Vendor.Answer(Items(null, Old("a")));

        Assert.Equal(["a"], Read(Checkpoints.After("c1")).Single().Ids);
        var waits = Vendor.Sent.Zip(Vendor.Sent.Skip(1), (a, b) => (b.At - a.At).TotalSeconds).ToList();
        Assert.All(waits.Zip([5.0, 10, 20, 40, 60, 60]), w => Assert.InRange(w.First, w.Second / 2, w.Second));
        Assert.All(Vendor.Sent, r => Assert.Equal("c1", r["after"]));
    }

    [Theory]
    [Trait("EdgeCase", "43")]
    [InlineData("30")]
    [InlineData("Sat, 21 Nov 2026 20:00:30 GMT")]
    public void A_retry_after_is_honoured_in_both_forms(string retryAfter)
    {
        Vendor.Answer("", 429, headers: ("Retry-After", retryAfter)).Answer(Items(null));

        Read(null);

        Assert.InRange(Vendor.Sent[1].At - Vendor.Sent[0].At, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(31));
    }

    [Fact]
    [Trait("EdgeCase", "43")]
    public void No_more_requests_are_sent_in_a_minute_than_configured()
    {
        Options.RequestsPerMinute = 60;
        for (var i = 0; i < 120; i++) Vendor.Answer(Items($"c{i}", Old($"{i}")));
        Vendor.Answer(Items(null));

        Read(null);

        Assert.All(Vendor.Sent, r => Assert.InRange(Vendor.Sent.Count(o => o.At >= r.At && o.At < r.At.AddMinutes(1)), 1, 66));
    }

    [Theory]
    [Trait("EdgeCase", "44")]
    [InlineData(500, "")]
    [InlineData(502, "<html>Bad Gateway</html>")]
    [InlineData(503, "")]
    [InlineData(200, "<html>")]
    [InlineData(200, """{"items":[],"pagination":null}""")]
    [InlineData(200, """{"items":{},"pagination":{}}""")]
    [InlineData(200, """{"items":[{"id":"x"},""")]
    [InlineData(200, """{"items":[],"pagination":{}} trailing""")]
    public void An_outage_of_a_moment_is_bridged_with_the_same_cursor(int status, string body)
    {
        Vendor.Answer(body, status).Answer(body, status).Answer(Items(null, Old("a")));

        Assert.Equal(["a"], Read(Checkpoints.After("c1")).Single().Ids);
        Assert.All(Vendor.Sent, r => Assert.Equal("c1", r["after"]));
    }

    [Fact]
    [Trait("EdgeCase", "44")]
    public void A_longer_outage_ends_the_read_and_keeps_the_position()
    {
        for (var i = 0; i < 4; i++) Vendor.Throws(new HttpRequestException(HttpRequestError.NameResolutionError, "no such host"));

        var (batches, error) = ReadUntil<SourceUnavailableException>(Checkpoints.After("c1"));

        Assert.Empty(batches);
        Assert.Equal("Sequence cannot be reached at eu.sequencehq.com (the name eu.sequencehq.com cannot be resolved).", error.Message);
    }

    [Fact]
    [Trait("EdgeCase", "45")]
    public void A_version_that_the_vendor_does_not_know_is_a_matter_of_configuration_and_not_of_the_cursor()
    {
        Vendor.Answer("""{"error":{"type":"UnrecognisedApiVersion","message":"x"}}""", 400);

        var error = ReadUntil<SourceRefusedException>(Checkpoints.After("c1", "c0")).Error;

        Assert.Equal("Set Sources:Sequence:ApiVersion to 2024-07-30.", error.Fix);
        Assert.Contains("Sequence-Version: 2024-07-30", Vendor.Sent.Single().Headers, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    [Trait("EdgeCase", "46")]
    public void An_answer_in_another_version_is_told_once()
    {
        Vendor.Answer(Items("c1", Old("a")), headers: ("Sequence-Version", "2027-01-01")).Answer(Items(null), headers: ("Sequence-Version", "2027-01-01"));

        Read(null);

        Assert.Single(Log.Lines, l => l.Contains("2027-01-01", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("EdgeCase", "47")]
    [InlineData(404, "")]
    [InlineData(200, "<html>dashboard</html>")]
    [InlineData(200, """{"hello":"world"}""")]
    public void An_address_without_api_is_noticed_at_the_start(int status, string body)
    {
        for (var i = 0; i < (status == 200 ? 4 : 1); i++) Vendor.Answer(body, status, "text/html");

        // One record at one end of the list may be what cannot be read: the other end is asked, too.
        for (var i = 0; i < (status == 200 ? 4 : 0); i++) Vendor.Answer(body, status, "text/html", path: "sortOrder=DESC");

        var error = Assert.Throws<SourceRefusedException>(() => Identify());

        Assert.Contains("Sources:Sequence:BaseUrl", error.Fix, StringComparison.Ordinal);
        Assert.Contains("/api", error.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void An_oldest_record_that_cannot_be_read_does_not_keep_the_source_from_being_read()
    {
        for (var i = 0; i < 4; i++) Vendor.Answer("", 500);
        Vendor.Answer(Items(null, Item("newest", Start)), path: "sortOrder=DESC");

        Assert.Equal("default", Identify().Account);
    }

    [Fact]
    public void The_account_is_as_configured_or_default()
    {
        Vendor.Answer(Items(null), path: "/api/activity-logs?").Answer(Items(null));

        Assert.Equal("default", Identify().Account);
        Options.Account = "prod";
        Assert.Equal(new SourceIdentity { Account = "prod", ClockAhead = TimeSpan.Zero }, Identify());
    }
}
