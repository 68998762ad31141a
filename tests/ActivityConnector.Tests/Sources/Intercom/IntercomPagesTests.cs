using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
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
    public void An_empty_page_with_a_link_is_followed()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 0));
        for (var walk = 0; walk < 2; walk++) Vendor.Answer(Logs("\"x?page=2\"", 0)).Answer(Logs("\"x?page=3\"", 0)).Answer(Logs("null", 0, Rec("a")));

        Assert.Equal(["a"], Read(TwoHoursAgo).Single().Ids);
        Assert.Equal(["", "", "2", "3", "", "2", "3"], Vendor.Sent.Select(r => r["page"]));
    }

    [Fact]
    [Trait("EdgeCase", "1")]
    public void A_total_that_is_too_small_ends_no_walk_once_a_page_beyond_it_had_a_record()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 1));
        for (var walk = 0; walk < 2; walk++)
        {
            Vendor.Answer(Logs("\"x?page=2\"", 1)).Answer(Logs("\"x?page=3\"", 1, Rec("a")));
            for (var page = 3; page < 7; page++) Vendor.Answer(Logs($"\"x?page={page + 1}\"", 1));
            Vendor.Answer(Logs("null", 1, Rec("b")));
        }

        Assert.Equal(["a", "b"], Read(TwoHoursAgo).Single().Ids.Order());
        Vendor.AssertDone();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Records_that_are_not_visible_hide_none_that_are(int pagesAtTheEnd)
    {
        for (var i = 0; i < 5_000; i++)
        {
            var at = Start.AddHours(-30).AddSeconds(i * 20);
            Store.Records.Add(new StoredLog($"{i:0000}", at, at) { IsHidden = i is > 1_000 and < 2_000 || i >= 5_000 - (pagesAtTheEnd * 250) });
        }

        var visible = Store.Records.Where(r => !r.IsHidden).Select(r => r.Id);

        Assert.Equal(visible, Ids(ReadStore(null)).Order());
    }

    [Fact]
    [Trait("EdgeCase", "2")]
    public void A_next_that_is_an_object_is_followed_by_its_cursor_and_told_once()
    {
        Store.HasCursors = true;
        for (var i = 0; i < 600; i++) Store.Add($"{i:000}", Start.AddHours(-1));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(ReadStore(TwoHoursAgo)));
        Assert.Contains("c3", Store.Sent.Select(r => r["starting_after"]));
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
        Vendor.Answer(Logs($"\"{link}\"", 2, Rec("b"))).Answer(Logs());
        for (var walk = 0; walk < 2; walk++) Vendor.Answer(Logs($"\"{link}\"", 2, Rec("b"))).Answer(Logs("null", 2, Rec("a")));
        Vendor.Answer(Logs());

        Assert.Equal(["a", "b"], Read(TwoHoursAgo).Single().Ids);
        Assert.All(Vendor.Sent, r => Assert.StartsWith(
            "https://api.intercom.io/admins/activity_logs?created_at_after=1795", r.Uri.AbsoluteUri, StringComparison.Ordinal));
        Assert.Equal("2", Vendor.Sent[3]["page"]);
        Assert.Equal(Vendor.Sent[2]["created_at_before"], Vendor.Sent[3]["created_at_before"]);
    }

    [Theory]
    [Trait("EdgeCase", "4")]
    [InlineData("\"https://api.intercom.io/admins/activity_logs?page=2\"")]
    [InlineData("\"https://api.intercom.io/admins/activity_logs?page=1\"")]
    [InlineData("{\"starting_after\":\"same\"}")]
    public void A_second_whose_pages_lead_back_is_suspect_and_everything_else_is_read(string again)
    {
        var second = Start.AddHours(-1);
        Store.Add("before", second.AddMinutes(-20));
        Store.Add("after", second.AddMinutes(20));
        for (var i = 0; i < 600; i++) Store.Add($"{i:000}", second);
        Store.Body = r => r["page"] == "2" || r["starting_after"].Length > 0 ? Logs(again, 3, VendorJson.Log("of page 2", second)) : null;

        var (batches, error) = ReadStoreUntil<SourceIncompleteException>(TwoHoursAgo);

        var suspect = batches[^1].Window.Suspects.Single();
        Assert.Equal((Second(second), Second(second), 1), (suspect.From, suspect.To, suspect.Tries));
        Assert.Contains("leads back", error.Message, StringComparison.Ordinal);
        Assert.Contains(suspect.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains($"checkpoint accept intercom", error.Fix, StringComparison.Ordinal);
        Assert.Equal(Second(Start) - 60, batches[^1].Window.Watermark);
        Assert.Equal(["after", "before", "of page 2"], Ids(batches).Where(id => !int.TryParse(id, out _)).Order());
    }

    [Fact]
    [Trait("EdgeCase", "4")]
    public void A_link_back_on_the_last_numbered_page_is_the_end()
    {
        Vendor.Answer(Logs("\"x?page=1\"", 1, Rec("b", 3700)));

        Assert.Equal(["b"], Read(TwoHoursAgo).Single().Ids);
    }

    [Theory]
    [Trait("EdgeCase", "5")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_record_that_is_removed_while_a_window_is_read_takes_no_other_with_it(bool inOneSecond)
    {
        for (var i = 0; i < 1_000; i++) Store.Add($"{i:0000}", Start.AddMinutes(-30).AddSeconds(inOneSecond ? 0 : i));
        string? removed = null;
        Store.BeforeAnswer = number =>
        {
            if (number != 3) return;

            removed = Store.Records[^1].Id; // It was on the first page: every later record moves up by one.
            Store.Records.RemoveAt(Store.Records.Count - 1);
        };

        var ids = Ids(ReadStore(TwoHoursAgo)).ToList();

        Assert.NotNull(removed);
        Assert.Equal(1_000, ids.Distinct().Count());
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    [Trait("EdgeCase", "5")]
    public void A_second_that_is_never_at_rest_is_suspect_and_what_was_seen_of_it_is_given_out()
    {
        for (var i = 0; i < 1_000; i++) Store.Add($"{i:0000}", Start.AddMinutes(-30));
        Store.BeforeAnswer = number => Store.Add($"new {number:000}", Start.AddMinutes(-30));

        var (batches, error) = ReadStoreUntil<SourceIncompleteException>(TwoHoursAgo);

        Assert.Contains("other records each time", error.Message, StringComparison.Ordinal);
        Assert.True(Ids(batches).Distinct().Count() > 1_000);
        Assert.Equal(Second(Start.AddMinutes(-30)), batches[^1].Window.Suspects.Single().From);

        // Once it is at rest, it is read again and nothing stays.
        Store.BeforeAnswer = _ => { };
        Clock.Advance(TimeSpan.FromMinutes(1));
        var again = ReadStore(Checkpoints.Of(batches[^1].Position));

        Assert.Empty(again[^1].Window.Suspects);
        Assert.Empty(Store.Records.Select(r => r.Id).Except(Ids(batches.Concat(again))));
    }

    [Fact]
    [Trait("EdgeCase", "6")]
    public void Records_of_one_second_are_told_apart_by_id_and_each_comes_once()
    {
        Vendor.Answer(Logs(Rec("d"), Rec("b"), Rec("b"), Rec("b"), Rec("c"), Rec("a")));

        Assert.Equal(["a", "b", "c", "d"], Read(TwoHoursAgo).Single().Ids);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000_000)]
    public void Pages_that_a_total_announces_in_vain_are_asked_for_once_and_told_once(int tooMany)
    {
        Store.MorePages = tooMany;
        for (var i = 0; i < 700; i++) Store.Add($"{i:0000}", Start.AddMinutes(-100).AddSeconds(i * 7));
        using var source = NewSourceOfStore();

        var batches = ReadBatch.All(Clock, source.ReadAsync(TwoHoursAgo, default));
        Clock.Advance(TimeSpan.FromMinutes(1));
        ReadBatch.All(Clock, source.ReadAsync(Checkpoints.Of(batches[^1].Position), default));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(batches));
        Assert.Single(Log.Lines, l => l.Contains("announces pages that do not exist", StringComparison.Ordinal));
    }

    [Fact]
    public void A_total_that_is_right_where_the_link_is_missing_leads_on()
    {
        for (var i = 0; i < 700; i++) Store.Add($"{i:0000}", Start.AddMinutes(-100).AddSeconds(i * 7));
        Store.Body = r => r["page"].Length > 0 ? null : Logs("null", 3, [.. Store.Records
            .Where(x => x.Second > long.Parse(r["created_at_after"], null) && x.Second < long.Parse(r["created_at_before"], null))
            .Reverse().Take(250).Select(x => x.Json)]);

        Assert.Empty(Store.Records.Select(r => r.Id).Except(Ids(ReadStore(TwoHoursAgo))));
    }

    /// <summary>Of 1,000 records in four pages of a window, or of a single second.</summary>
    [Theory]
    [InlineData(1, 2, 3_600)]
    [InlineData(0, 2, 3_600)]
    [InlineData(0, 3, 3_600)]
    [InlineData(1, 3, 3_600)]
    [InlineData(1, 3, 1)]
    [InlineData(0, 3, 1)]
    public void Pages_that_show_nothing_and_have_no_link_hide_no_later_one(int firstHidden, int firstShown, int seconds)
    {
        Store.HasLinks = false;
        for (var i = 0; i < 1_000; i++)
        {
            var at = Start.AddMinutes(-30).AddSeconds(-i * (seconds - 1) / 999);
            Store.Records.Insert(0, new StoredLog($"{i:0000}", at, default) { IsHidden = i / 250 >= firstHidden && i / 250 < firstShown });
        }

        Assert.Empty(Store.Records.Where(r => !r.IsHidden).Select(r => r.Id).Except(Ids(ReadStore(TwoHoursAgo))));
    }

    [Fact]
    public void A_total_that_is_too_small_ends_no_full_page_without_a_link()
    {
        (Store.HasLinks, Store.MorePages) = (false, -2);
        for (var i = 0; i < 700; i++) Store.Add($"{i:0000}", Start.AddMinutes(-100).AddSeconds(i * 7));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(ReadStore(TwoHoursAgo)));
    }

    /// <summary>
    /// The vendor's pager goes no further than its last page. Two full pages of one second cost 13 requests: the first page, two walks of three pages each,
    /// and three for what is later and for what is earlier, because a total that promises a page more is tried (page 2) and then not believed (page 1 again).
    /// </summary>
    [Theory]
    [InlineData(3, 7)]
    [InlineData(700, 7)]
    [InlineData(700, 0)]
    [InlineData(500, 0)]
    public void A_page_beyond_the_last_one_may_repeat_that(int records, int apart)
    {
        (Store.MorePages, Store.RepeatsLastPage, Store.MostRequests) = (1, true, 20);
        for (var i = 0; i < records; i++) Store.Add($"{i:0000}", Start.AddMinutes(-100).AddSeconds(i * apart));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(ReadStore(TwoHoursAgo)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void A_full_page_that_says_it_is_the_last_is_followed_by_one_more_request(int apart)
    {
        (Store.HasLinks, Store.SaysEnd, Store.MorePages) = (false, true, null);
        for (var i = 0; i < 700; i++) Store.Add($"{i:0000}", Start.AddMinutes(-100).AddSeconds(i * apart));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(ReadStore(TwoHoursAgo)));
    }

    /// <summary>Of records in seconds of their own, or of two full pages in one second.</summary>
    [Theory]
    [InlineData(700, 7, 5, true)]
    [InlineData(500, 0, 0, false)]
    public void A_page_beyond_the_last_one_may_be_refused(int records, int apart, int more, bool hasLinks)
    {
        (Store.MorePages, Store.StatusBeyond, Store.HasLinks) = (more, 404, hasLinks);
        for (var i = 0; i < records; i++) Store.Add($"{i:0000}", Start.AddMinutes(-100).AddSeconds(i * apart));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(ReadStore(TwoHoursAgo)));
    }

    [Theory]
    [InlineData(LastPage.NextNull, 20)]
    [InlineData(LastPage.NextAbsent, 20)]
    [InlineData(LastPage.PagesAbsent, 20)]
    [InlineData(LastPage.PagesEmpty, 250)]
    [InlineData(LastPage.PagesAbsent, 33)]
    public void A_full_page_is_the_last_only_when_it_says_so(LastPage last, int perPage)
    {
        (Store.LastPage, Store.MorePages, Store.MostPerPage) = (last, null, perPage);
        for (var i = 0; i < 4 * perPage; i++) Store.Add($"{i:0000}", Start.AddMinutes(-100).AddSeconds(i * 2));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(ReadStore(TwoHoursAgo)));
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
        Store.MostPerPage = 20;
        for (var i = 0; i < 95; i++) Store.Add($"{i:00}", Start.AddMinutes(-100).AddSeconds(i * 7));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(ReadStore(TwoHoursAgo)));
        Assert.Equal("250", Store.Sent[0]["per_page"]);
    }

    [Fact]
    public void Answers_that_are_not_sorted_are_read_in_narrower_windows()
    {
        Store.IsAscending = true;
        for (var i = 0; i < 3_000; i++) Store.Add($"{i:0000}", Start.AddHours(-30).AddSeconds(i * 35));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(ReadStore(Checkpoints.At(Start.AddHours(-31)))));
        Assert.InRange(Store.Requests, 12, 60);
    }

    [Theory]
    [InlineData(true, "created_at_before")]
    [InlineData(false, "created_at_after")]
    public void A_server_that_ignores_a_bound_is_refused(bool before, string bound)
    {
        (Store.IgnoresBefore, Store.IgnoresAfter) = (before, !before);
        for (var i = 0; i < 3_000; i++) Store.Add($"{i:0000}", Start.AddDays(before ? -1 : -60).AddSeconds(i * 20));

        var (_, error) = ReadStoreUntil<SourceRefusedException>(Checkpoints.At(Start.AddDays(before ? -20 : -5)));

        Assert.Contains(bound, error.Message, StringComparison.Ordinal);
        Assert.Contains("Sources:Intercom:", error.Fix, StringComparison.Ordinal);
    }

    /// <summary>Other lists of Intercom show no page beyond 10,000 records, and say so in one of these ways.</summary>
    [Theory]
    [InlineData(null, true, 250)]
    [InlineData(null, true, 150)]
    [InlineData(null, true, 31)]
    [InlineData(404, true, 250)]
    [InlineData(400, true, 150)]
    [InlineData(null, false, 250)]
    [InlineData(400, false, 150)]
    public void A_second_whose_last_pages_are_not_shown_is_not_complete_and_stops_nothing(int? statusBeyond, bool hasLinks, int pageSize)
    {
        (Options.PageSize, Store.MostRequests) = (pageSize, 20_000);
        (Store.DeepestRecord, Store.StatusBeyond, Store.HasLinks) = (10_000, statusBeyond, hasLinks);
        for (var i = 0; i < 10_300; i++) Store.Add($"{i:00000}", Start.AddMinutes(-40));
        Store.Add("later", Start.AddMinutes(-20));

        var (batches, error) = ReadStoreUntil<SourceIncompleteException>(TwoHoursAgo);

        Assert.Equal(10_001, Ids(batches).Distinct().Count());
        Assert.Contains("does not show all pages", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, false)]
    [InlineData(true, 0, true)]
    public void Pages_that_lead_on_without_end_cost_some_thousand_requests_and_are_complete_where_a_total_says_so(
        bool repeatsLastPage, int? morePages, bool isComplete)
    {
        (Store.AlwaysHasLink, Store.RepeatsLastPage, Store.MorePages, Store.MostRequests) = (true, repeatsLastPage, morePages, 6_000);
        for (var i = 0; i < 12; i++) Store.Add($"{i:00}", Start.AddDays(-i - 1));

        var from = Checkpoints.At(Start.AddDays(-30));
        var batches = isComplete ? ReadStore(from) : ReadStoreUntil<SourceIncompleteException>(from).Batches;

        Assert.Equal(12, Ids(batches).Distinct().Count());
    }

    [Fact]
    public void A_page_beyond_the_last_one_that_cannot_be_read_makes_no_window_narrower()
    {
        (Store.MorePages, Store.StatusBeyond, Store.MostRequests) = (1, 500, 400);
        for (var i = 0; i < 400; i++) Store.Add($"{i:000}", Start.AddHours(-i - 1));

        var (batches, _) = ReadStoreUntil<SourceIncompleteException>(Checkpoints.At(Start.AddDays(-17)));
        var asked = Store.Requests;
        for (var poll = 0; poll < 5; poll++)
        {
            // What is late lies in a range that is read again, not in the present one, which is one of them.
            Clock.Advance(TimeSpan.FromSeconds(30));
            if (poll == 1) Store.Add("late", Clock.GetUtcNow().AddMinutes(-10));
            batches.AddRange(ReadStoreUntil<SourceIncompleteException>(Checkpoints.Of(batches[^1].Position)).Batches);
        }

        Assert.Contains("late", Ids(batches));
        Assert.InRange(Store.Requests - asked, 1, 200);
        Store.Records.RemoveAll(record => record.Id == "late");
        batches.RemoveAll(batch => batch.Ids.Contains("late"));
        Assert.Equal(400, Ids(batches).Distinct().Count());
    }

    [Fact]
    public void More_hidden_pages_than_a_window_may_have_are_read_in_narrower_windows()
    {
        for (var i = 0; i < 16_000; i++)
        {
            Store.Records.Add(new StoredLog($"{i:00000}", Start.AddDays(-5).AddSeconds(i * 20), default) { IsHidden = i is > 100 and < 15_900 });
        }

        Assert.Equal(201, Ids(ReadStore(Checkpoints.At(Start.AddDays(-6)))).Distinct().Count());
    }

    [Fact]
    public void An_outage_at_a_page_that_was_not_offered_moves_nothing()
    {
        Vendor.Answer(Logs("null", 2, Rec("a")));
        for (var i = 0; i < 2 * VendorClient.MaxAttempts; i++) Vendor.Answer("", 500);
        for (var i = 0; i < VendorClient.MaxAttempts; i++) Vendor.Answer("", 500);

        ReadUntil<SourceUnavailableException>(TwoHoursAgo);
    }

    [Fact]
    public void Two_records_outside_of_the_bounds_and_a_total_that_is_too_large_are_no_server_that_ignores_the_bounds()
    {
        (Store.MorePages, Store.StatusBeyond) = (1, 404);
        for (var i = 0; i < 2; i++) Store.Records.Add(new StoredLog($"{i}", Start.AddMinutes(-30), default) { CreatedAt = $"{Second(Start.AddDays(-3))}" });

        Assert.Equal(["0", "1"], Ids(ReadStore(TwoHoursAgo)).Order());
    }

    [Fact]
    public void A_few_records_outside_of_the_bounds_are_taken_as_they_come()
    {
        Vendor.Answer(Logs(Rec("old", 90_000), Rec("older", 95_000)));

        Assert.Equal(["old", "older"], Read(TwoHoursAgo).Single().Ids.Order());
    }
}
