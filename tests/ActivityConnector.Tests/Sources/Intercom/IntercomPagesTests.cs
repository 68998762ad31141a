using ActivityConnector.Pipeline;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Intercom;

public class IntercomPagesTests : IntercomFixture
{
    [Theory]
    [Trait("EdgeCase", "1")]
    [InlineData("""{"type":"activity_log.list","pages":{"next":null,"total_pages":1},"activity_logs":[R]}""")]
    [InlineData("""{"type":"activity_log.list","pages":{"page":1},"activity_logs":[R]}""")]
    [InlineData("""{"type":"activity_log.list","pages":{},"activity_logs":[R]}""")]
    [InlineData("""{"type":"activity_log.list","pages":null,"activity_logs":[R]}""")]
    [InlineData("""{"activity_logs":[R],"type":"activity_log.list"}""")]
    [InlineData("""{"type":"activity_log.list","pages":{"next":""},"activity_logs":[R]}""")]
    public void The_walk_ends_at_every_form_of_a_last_page(string page)
    {
        Vendor.Answer(page.Replace("R", Rec("a"), StringComparison.Ordinal));

        Assert.Equal(["a"], Read(TwoHoursAgo).Single().Ids);
    }

    [Fact]
    [Trait("EdgeCase", "1")]
    public void An_empty_page_ends_the_walk_even_with_a_link()
    {
        Vendor.Answer(Logs("\"https://api.intercom.io/admins/activity_logs?page=2\"", 0));

        Assert.Empty(Read(TwoHoursAgo).Single().Records);
    }

    [Fact]
    [Trait("EdgeCase", "2")]
    public void A_next_that_is_an_object_is_followed_by_its_cursor_and_told_once()
    {
        Vendor.Answer(Logs("""{"per_page":250,"starting_after":"c 1"}""", 2, Rec("c")))
            .Answer(Logs("""{"per_page":250,"starting_after":"c2"}""", 2, Rec("b", 3700)))
            .Answer(Logs("null", 2, Rec("a", 3800)));

        Assert.Equal(["a", "b", "c"], Read(TwoHoursAgo).Single().Ids);
        Assert.Equal(["", "c 1", "c2"], Vendor.Sent.Select(r => r["starting_after"]));
        Assert.Single(Log.Lines, l => l.Contains("pages by cursors", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("EdgeCase", "3")]
    [InlineData("http://evil.example/steal?created_at_after=0&page=2")]
    [InlineData("//evil.example/?page=2")]
    [InlineData("http://api.intercom.test/events?next page")]
    [InlineData("https://api.intercom.io@evil.example:8443/?page=2&access_token=x")]
    [InlineData("?page=2")]
    public void Only_the_page_number_of_a_link_is_used_and_the_token_goes_nowhere_else(string link)
    {
        Vendor.Answer(Logs($"\"{link}\"", 2, Rec("b"))).Answer(Logs("null", 2, Rec("a", 3700)));

        Assert.Equal(["a", "b"], Read(TwoHoursAgo).Single().Ids);
        Assert.All(Vendor.Sent, r => Assert.StartsWith("https://api.intercom.io/admins/activity_logs?created_at_after=1795", r.Uri.AbsoluteUri, StringComparison.Ordinal));
        Assert.Equal("2", Vendor.Sent[1]["page"]);
        Assert.Equal(Vendor.Sent[0]["created_at_before"], Vendor.Sent[1]["created_at_before"]);
    }

    [Theory]
    [Trait("EdgeCase", "4")]
    [InlineData("\"https://api.intercom.io/admins/activity_logs?page=2\"")]
    [InlineData("\"https://api.intercom.io/admins/activity_logs?page=1\"")]
    public void A_link_that_leads_back_aborts_the_walk_and_keeps_the_checkpoint(string again)
    {
        Vendor.Answer(Logs("\"x?page=2\"", 3, Rec("c"))).Answer(Logs(again, 3, Rec("b")));

        var (units, error) = ReadUntil<SourceUnavailableException>(TwoHoursAgo);

        Assert.Empty(units);
        Assert.Contains("leads back", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("EdgeCase", "4")]
    public void A_cursor_that_repeats_aborts_the_walk()
    {
        var page = Logs("""{"starting_after":"same"}""", 3, Rec("c"));
        Vendor.Answer(page).Answer(page);

        Assert.Empty(ReadUntil<SourceUnavailableException>(TwoHoursAgo).Units);
    }

    [Fact]
    [Trait("EdgeCase", "4")]
    public void A_link_back_on_the_last_numbered_page_is_the_end()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 2, Rec("c"))).Answer(Logs("\"x?page=2\"", 2, Rec("b", 3700)));

        Assert.Equal(["b", "c"], Read(TwoHoursAgo).Single().Ids);
    }

    [Fact]
    [Trait("EdgeCase", "5")]
    public void A_window_whose_page_count_changes_is_walked_again()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 2, Rec("c"))).Answer(Logs("null", 3, Rec("b", 3700)))
            .Answer(Logs("\"x?page=2\"", 3, Rec("d", 3500))).Answer(Logs("\"x?page=3\"", 3, Rec("c"))).Answer(Logs("null", 3, Rec("b", 3700)));

        Assert.Equal(["b", "c", "d"], Read(TwoHoursAgo).Single().Ids);
    }

    [Fact]
    [Trait("EdgeCase", "5")]
    public void A_page_count_that_never_settles_is_accepted_after_three_redos()
    {
        for (var i = 0; i < 4; i++) Vendor.Answer(Logs("\"x?page=2\"", 2, Rec("c"))).Answer(Logs("null", 3, Rec("b", 3700)));

        Assert.Equal(["b", "c"], Read(TwoHoursAgo).Single().Ids);
    }

    [Fact]
    [Trait("EdgeCase", "6")]
    public void Records_of_one_second_are_told_apart_by_id_and_each_comes_once()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 2, Rec("d"), Rec("b"), Rec("b"))).Answer(Logs("null", 2, Rec("b"), Rec("c"), Rec("a")));

        Assert.Equal(["a", "b", "c", "d"], Read(TwoHoursAgo).Single().Ids);
    }

    [Fact]
    public void The_same_id_with_other_content_comes_twice()
    {
        Vendor.Answer(Logs(Rec("a"), Rec("a", type: "changed"), Rec("a")));

        Assert.Equal(["a", "a"], Read(TwoHoursAgo).Single().Ids);
    }

    [Fact]
    public void A_server_that_ignores_the_page_size_is_read_by_its_own_pages()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 2, [.. Enumerable.Range(0, 20).Select(i => Rec($"{i:00}"))])).Answer(Logs("null", 2, Rec("20")));

        Assert.Equal(21, Read(TwoHoursAgo).Single().Records.Count);
        Assert.Equal("250", Vendor.Sent[0]["per_page"]);
    }
}
