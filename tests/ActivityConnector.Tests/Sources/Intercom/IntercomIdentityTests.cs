using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Sources.Intercom;

public class IntercomIdentityTests : IntercomFixture
{
    private static string Me(string region = "US", string id = "abc123") =>
        $$$"""{"type":"admin","id":"1","app":{"type":"app","id_code":"{{{id}}}","name":"Acme","region":"{{{region}}}"}}""";

    [Fact]
    public void The_workspace_names_the_account()
    {
        Vendor.Answer(Me(), path: "/me");

        Assert.Equal(new SourceIdentity { Account = "abc123", OrganizationId = "abc123", OrganizationName = "Acme", ClockAhead = TimeSpan.Zero }, Identify());
    }

    [Fact]
    [Trait("EdgeCase", "12")]
    public void A_workspace_of_another_region_is_refused_with_the_right_address()
    {
        Vendor.Answer(Me("EU"));

        var error = Assert.Throws<SourceRefusedException>(() => Identify());

        Assert.Equal("The workspace is in Intercom's region EU, but Sources:Intercom:BaseUrl is the address of US.", error.Message);
        Assert.Equal("Set Sources:Intercom:BaseUrl to https://api.eu.intercom.io.", error.Fix);
    }

    [Fact]
    [Trait("EdgeCase", "12")]
    public void A_token_of_another_workspace_is_refused()
    {
        Options.Account = "xyz";
        Vendor.Answer(Me());

        var error = Assert.Throws<SourceRefusedException>(() => Identify());

        Assert.Equal("The access token belongs to the workspace 'abc123', but Sources:Intercom:Account is 'xyz'.", error.Message);
    }

    [Fact]
    [Trait("EdgeCase", "12")]
    public void A_simulator_may_claim_any_region()
    {
        Options.BaseUrl = "http://127.0.0.1:8088/intercom/";
        Vendor.Answer(Me("AU"), path: "/intercom/me");

        Assert.Equal("abc123", Identify().Account);
    }

    [Fact]
    public void A_token_that_may_not_see_the_workspace_goes_on_with_the_configured_account()
    {
        Options.Account = "abc123";
        Vendor.Answer("", 403);

        Assert.Equal("abc123", Identify().OrganizationId);
        Assert.Contains(Log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains("abc123", StringComparison.Ordinal));
    }

    [Fact]
    public void A_token_that_may_not_see_the_workspace_needs_an_account()
    {
        Vendor.Answer("", 403);

        Assert.Throws<SourceRefusedException>(() => Identify());
    }

    [Fact]
    public void A_refused_token_is_refused_whatever_is_configured()
    {
        Options.Account = "abc123";
        Vendor.Answer("", 401);

        Assert.Throws<SourceRefusedException>(() => Identify());
    }

    [Fact]
    public void An_answer_without_a_workspace_asks_for_the_account()
    {
        Vendor.Answer("""{"type":"admin"}""");

        Assert.Contains("Sources:Intercom:Account", Assert.Throws<SourceRefusedException>(() => Identify()).Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../abc")]
    [InlineData("a b")]
    [InlineData("abc\\n")]
    [InlineData("äöü")]
    public void A_workspace_whose_id_cannot_be_an_account_is_refused(string id)
    {
        Vendor.Answer(Me(id: id));

        Assert.Contains("cannot be the name of an account", Assert.Throws<SourceRefusedException>(() => Identify()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_probe_counts_the_records_of_the_last_hour_and_keeps_nothing()
    {
        Vendor.Answer(VendorJson.Logs(Rec("b", 60), Rec("a", 600)));
        using var source = NewSource();

        Assert.Equal(2, Clock.Run(() => source.ProbeAsync(default).AsTask()));
        Assert.Equal($"{Second(Start) - 3601}", Vendor.Sent.Single()["created_at_after"]);
    }

    private SourceIdentity Identify()
    {
        using var source = NewSource();
        return Clock.Run(() => source.IdentifyAsync(default).AsTask());
    }
}
