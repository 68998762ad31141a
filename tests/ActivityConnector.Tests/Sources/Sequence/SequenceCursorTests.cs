using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Sequence;

/// <summary>Where the position is after what answers, page by page.</summary>
public class SequenceCursorTests : SequenceFixture
{
    [Theory]
    [Trait("EdgeCase", "24")]
    [InlineData("""{"items":[R],"pagination":{}}""")]
    [InlineData("""{"items":[R],"pagination":{"after":null}}""")]
    [InlineData("""{"pagination":{"after":""},"items":[R]}""")]
    public void A_page_without_a_cursor_is_the_end_and_keeps_the_stored_cursor(string page)
    {
        Vendor.Answer(page.Replace("R", Old("a"), StringComparison.Ordinal));

        var stored = Checkpoints.Of(Checkpoints.After("c1", "c0").Cursor! with { Accounts = ["bb0e"] });

        var batch = Read(stored).Single();

        Assert.Equal(["a"], batch.Ids);
        Assert.Equal(("c1", "c0"), (batch.Cursor.After, batch.Cursor.Days.Single().After));
        Assert.Equal("c1", Vendor.Sent.Single()["after"]);
        Assert.Equal((false, true, 0), (batch.NeedsCommit, batch.IsTail, batch.BeforePosition));
    }

    [Fact]
    [Trait("EdgeCase", "25")]
    public void A_list_of_less_than_a_page_never_gives_a_cursor_and_is_read_again_from_the_beginning()
    {
        Vendor.Answer(Items(null, Old("a"))).Answer(Items(null, Old("a"), Old("b")));
        using var source = NewSource();

        var first = ReadBatch.All(Clock, source.ReadAsync(null, default)).Single();
        var second = ReadBatch.All(Clock, source.ReadAsync(Checkpoints.Of(first.Position), default)).Single();

        Assert.Null(first.Cursor.After);
        Assert.Equal(["a", "b"], second.Ids);
        Assert.All(Vendor.Sent, r => Assert.DoesNotContain("after", r.Uri.Query, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("EdgeCase", "26")]
    public void A_page_without_records_that_gives_a_cursor_is_not_the_end()
    {
        Vendor.Answer(Items("c2")).Answer(Items("c3")).Answer(Items("c4", Old("a"))).Answer(Items(null, Young("b")));

        var batch = Read(Checkpoints.After("c1")).Single();

        Assert.Equal(["a", "b"], batch.Ids);
        Assert.Equal(("c4", 1), (batch.Cursor.After, batch.BeforePosition));
    }

    [Fact]
    [Trait("EdgeCase", "27")]
    public void The_cursor_just_sent_on_a_page_that_is_not_full_is_the_end()
    {
        Vendor.Answer(Items("c1", Old("a")));

        var batch = Read(Checkpoints.After("c1")).Single();

        Assert.Equal(("c1", true), (batch.Cursor.After, batch.IsTail));
    }

    [Fact]
    [Trait("EdgeCase", "27")]
    public void The_cursor_just_sent_on_a_full_page_is_incomplete_and_the_rest_is_read_from_the_head()
    {
        Options.PageSize = 2;
        Vendor.Answer(Items("c1", Old("a"), Old("b"))).Answer(Items(null, Young("z"), Young("y")));

        var (batches, error) = ReadUntil<SourceIncompleteException>(Checkpoints.After("c1"));

        Assert.Equal(["a", "b", "y", "z"], batches.SelectMany(u => u.Ids));
        Assert.All(batches, u => Assert.Equal(("c1", false), (u.Cursor.After, u.IsTail)));
        Assert.Contains("full page", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("EdgeCase", "27")]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(60)]
    public void Cursors_that_go_in_a_circle_of_any_length_are_incomplete_after_one_round(int length)
    {
        for (var i = 1; i <= length; i++) Vendor.Answer(Items(i == length ? "c1" : $"c{i + 1}", Old($"a{i}")));
        Vendor.Answer(Items(null, Young("z")));

        var (batches, error) = ReadUntil<SourceIncompleteException>(Checkpoints.After("c1"));

        Assert.Equal(length + 1, batches.Sum(u => u.Records.Count));
        Assert.Contains("lead back", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("EdgeCase", "28")]
    public void A_refused_cursor_is_replaced_by_the_next_older_one_and_nothing_is_skipped()
    {
        Vendor.Answer("", 400).Answer("", 400).Answer(Items("c1b", Old("a"))).Answer(Items(null, Young("b")));

        var batch = Read(Checkpoints.After("c3", "c2", "c1", "c0")).Single();

        Assert.Equal(["c3", "c2", "c1", "c1b"], Vendor.Sent.Select(r => r["after"]));
        Assert.Equal(["a", "b"], batch.Ids);
        Assert.Equal("c1b", batch.Cursor.After);
        Assert.Null(batch.Cursor.SkipBefore);
        Assert.Equal(2, Log.Lines.Count(l => l.StartsWith("Error", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("EdgeCase", "28")]
    public void When_every_cursor_is_refused_the_list_is_read_again_and_what_was_read_is_left_out_until_the_walk_is_there()
    {
        var at = Start.AddDays(-1).ToUnixTimeSeconds();
        var stored = Checkpoints.Of(Checkpoints.After("c3", "c2").Cursor! with { At = at }) with { KnownFrom = Start.AddDays(-8) };
        Vendor.Answer("", 400).Answer("", 400)
            .Answer(Items("n1", Old("a", 20 * 1440), """{"id":"undated"}""", Old("b", 19 * 1440)))
            .Answer("", 503).Answer("", 503).Answer("", 503).Answer("", 503);

        var (batches, _) = ReadUntil<SourceUnavailableException>(stored);

        Assert.Equal(["c3", "c2", "", "n1", "n1", "n1", "n1"], Vendor.Sent.Select(r => r["after"]));
        Assert.Equal(["undated"], batches.Single().Ids);
        Assert.Equal(("n1", at - (7 * 86_400)), (batches.Single().Cursor.After, batches.Single().Cursor.SkipBefore));
        Assert.Empty(batches.Single().Cursor.Days);

        Vendor.Answer(Items("n2", [Old("c", 9 * 1440), Old("d", 7 * 1440), .. Nine(6 * 1440)])).Answer(Items(null, Old("f", 9 * 1440)));
        var batch = Read(Checkpoints.Of(batches.Single().Position)).Single();

        Assert.Equal(["d", "f"], batch.Ids.Where(id => !id.StartsWith("of nine", StringComparison.Ordinal)));
        Assert.Null(batch.Cursor.SkipBefore);
        Assert.Contains(Log.Lines, l => l.Contains("every stored cursor", StringComparison.Ordinal) && l.Contains("2026-11-13", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("EdgeCase", "28")]
    public void When_every_cursor_is_refused_a_journal_that_knows_every_record_gets_them_all_and_none_is_left_out()
    {
        var stored = Checkpoints.Of(Checkpoints.After("c3", "c2").Cursor! with { At = Start.AddDays(-1).ToUnixTimeSeconds() });
        Vendor.Answer("", 400).Answer("", 400)
            .Answer(Items("n1", Old("dated 2001, never seen", 25 * 365 * 1440), Old("b", 19 * 1440)))
            .Answer(Items(null, Old("c")));

        var batches = Read(stored);

        Assert.Equal(["dated 2001, never seen", "b", "c"], batches.SelectMany(u => u.Ids));
        Assert.Null(batches[^1].Cursor.SkipBefore);
    }

    [Fact]
    [Trait("EdgeCase", "28")]
    public void A_cursor_that_was_given_a_moment_ago_and_is_refused_ends_the_read_and_moves_nothing_forward()
    {
        Vendor.Answer(Items("c2", Young("a"))).Answer("", 400);

        var (batches, _) = ReadUntil<SourceUnavailableException>(Checkpoints.After("c1"));

        Assert.Equal("c1", batches.Single().Cursor.After);
        Assert.Equal(["a"], batches.Single().Ids);
    }

    [Fact]
    public void A_request_without_a_cursor_that_is_refused_needs_somebody()
    {
        Vendor.Answer("", 400);

        Assert.Empty(ReadUntil<SourceRefusedException>(null).Batches);
    }

    [Fact]
    [Trait("EdgeCase", "29")]
    public void A_cursor_that_is_refused_only_with_another_limit_is_not_lost()
    {
        Options.PageSize = 50;
        Vendor.Answer("", 400).Answer(Items("c2", Old("a"))).Answer(Items(null, Young("b")));

        var batch = Read(Checkpoints.After("c1", "c0")).Single();

        Assert.Equal(["50", "100", "100"], Vendor.Sent.Select(r => r["limit"]));
        Assert.Equal(("c2", 100), (batch.Cursor.After, batch.Cursor.Limit));
        Assert.DoesNotContain(Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("EdgeCase", "31")]
    public void Sort_order_and_limit_are_always_sent_and_before_never()
    {
        Vendor.Answer(Items("c1", Old("a"))).Answer(Items("c2", Young("b"))).Answer(Items(null));

        Read(null);

        Assert.All(Vendor.Sent, r => Assert.Equal(("ASC", "100", ""), (r["sortOrder"], r["limit"], r["before"])));
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public void The_cursor_waits_before_a_page_with_a_young_record_and_for_all_after_it()
    {
        Vendor.Answer(Items("c2", Old("a"))).Answer(Items("c3", Old("b"), Young("c"), Old("d"))).Answer(Items("c4", Old("e"))).Answer(Items(null, Young("f")));

        var batch = Read(Checkpoints.After("c1")).Single();

        Assert.Equal(["a", "b", "c", "d", "e", "f"], batch.Ids);
        Assert.Equal(("c2", 1), (batch.Cursor.After, batch.BeforePosition));
        Assert.Equal(Start.AddMinutes(-1), batch.Cursor.Head);
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public void A_page_is_as_old_as_it_was_when_it_was_asked_for()
    {
        Vendor.Answer(_ =>
        {
            Clock.Advance(TimeSpan.FromSeconds(20));
            return Vendor.Response(200, new StringContent(Items("c2", Item("a", Start.AddMinutes(-10).AddSeconds(10)))));
        }).Answer(Items(null));

        Assert.Equal("c1", Read(Checkpoints.After("c1")).Single().Cursor.After);
    }

    [Fact]
    public void A_move_by_one_page_is_worth_a_commit()
    {
        Vendor.Answer(Items("c2", Old("a"))).Answer(Items(null, Young("b")));

        Assert.True(Read(Checkpoints.After("c1")).Single().NeedsCommit);
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public void A_sweep_begins_at_a_cursor_that_is_older_than_its_range_and_ends_at_the_position()
    {
        long Days(int ago) => Start.AddDays(-ago).ToUnixTimeSeconds();
        var current = Checkpoints.Of(Checkpoints.After("c9").Cursor! with { Days = [new("d1", Days(1), 5), new("d8", Days(8), 4), new("d9", Days(9), 3)] });
        Vendor.Answer(Items("e1", Old("a", 8 * 1440))).Answer(Items("e2", Old("late", 180))).Answer(Items("c9", Old("b", 120)));
        using var source = NewSource();

        var batch = ReadBatch.All(Clock, source.SweepAsync(current, new SweepRun { From = Days(7), To = Days(0) }, default)).Single();

        Assert.Equal(["a", "late", "b"], batch.Ids);
        Assert.Equal(current.Position, batch.Position);
        Assert.Equal(["d9", "e1", "e2"], Vendor.Sent.Select(r => r["after"]));
        Assert.All(Vendor.Sent, r => Assert.Equal("ASC", r["sortOrder"]));
        Assert.Equal("c9", batch.Sweep!.After);
        Vendor.AssertDone();
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public void A_sweep_without_a_cursor_that_is_old_enough_reads_from_the_newest_down_and_one_odd_time_does_not_end_it()
    {
        Vendor.Answer(Items("d1", Young("now"), Old("odd", 900_000))).Answer(Items("d2", """{"id":"undated"}"""))
            .Answer(Items("d3", Old("late", 180))).Answer(Items("d4", Nine(300))).Answer(Items("d5", Old("oldest", 400)));
        using var source = NewSource();
        var current = Checkpoints.After("c9");

        var sweep = new SweepRun { From = Start.AddMinutes(-240).ToUnixTimeSeconds(), To = Start.AddMinutes(-30).ToUnixTimeSeconds() };
        var batch = ReadBatch.All(Clock, source.SweepAsync(current, sweep, default)).Single();

        Assert.Equal(["oldest", "late", "undated", "odd", "now"], batch.Ids.Where(id => !id.StartsWith("of nine", StringComparison.Ordinal)));
        Assert.All(Vendor.Sent, r => Assert.Equal("DESC", r["sortOrder"]));
        Vendor.AssertDone();
    }

    [Fact]
    public void A_sweep_from_the_newest_down_reads_as_far_below_its_range_as_records_are_out_of_order()
    {
        Vendor.Answer(Items("d1", Young("now"))).Answer(Items("d2", Nine(245))).Answer(Items("d3", Old("too", 246)))
            .Answer(Items("d4", Old("late", 239))).Answer(Items("d5", Nine(300))).Answer(Items("d6", Old("oldest", 301)));

        AssertSweepFindsLate();
    }

    [Fact]
    public void A_few_records_with_a_wrong_time_do_not_end_a_sweep_however_small_the_pages_are()
    {
        Vendor.Answer(Items("d1", Old("wrong 1", 900_000)))
            .Answer(Items("d2", Old("wrong 2", 900_000), Young("now")))
            .Answer(Items("d3", Old("wrong 3", 900_000)))
            .Answer(Items("d4", Old("wrong 4", 900_000)))
            .Answer(Items("d5", Old("late", 180)))
            .Answer(Items("d6", Nine(300)))
            .Answer(Items("d7", Old("oldest", 301)));

        AssertSweepFindsLate();
    }

    [Fact]
    public void One_record_with_a_wrong_time_does_not_end_what_is_left_out_after_the_loss_of_all_cursors()
    {
        var stored = Checkpoints.Of(Checkpoints.After("c3").Cursor! with { At = Start.AddDays(-1).ToUnixTimeSeconds() }) with { KnownFrom = Start.AddDays(-8) };
        Vendor.Answer("", 400)
            .Answer(Items("n1", Old("a", 20 * 1440)))
            .Answer(Items("n2", Old("dated later", 7 * 1440)))
            .Answer(Items("n3", Old("b", 19 * 1440)))
            .Answer(Items(null, Old("c", 7 * 1440)));

        Assert.Equal(["dated later", "c"], Read(stored).SelectMany(u => u.Ids));
    }

    [Fact]
    public void The_cursor_waits_before_a_page_with_a_broken_record_that_may_be_young()
    {
        var broken = Items("c2", Old("a")).Replace("]", ",{\"id\" \"b\"}]", StringComparison.Ordinal);
        for (var i = 0; i < VendorClient.MaxAttempts; i++) Vendor.Answer(broken);
        Vendor.Answer(Items(null));

        Assert.Equal("c1", Read(Checkpoints.After("c1")).Single().Cursor.After);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public void A_cursor_that_is_gone_is_one_that_is_refused(int status)
    {
        var current = Checkpoints.Of(Checkpoints.After("c9").Cursor! with { Days = [new("d1", Start.AddDays(-1).ToUnixTimeSeconds(), 5)] });
        Vendor.Answer("", status, path: "after=c9").Answer(Items(null, Old("a")), path: "after=d1");

        Assert.Equal(["a"], Read(current).SelectMany(u => u.Ids));
    }

    [Fact]
    public void A_date_from_a_cache_in_one_of_several_answers_is_told()
    {
        Vendor.Answer(_ => Dated(-10, Items(null, Old("a")))).Answer(_ => Dated(0, Items(null, Old("a"))), path: "sortOrder=DESC&limit=1");

        var (batches, error) = ReadUntil<SourceClockException>(Checkpoints.After("c1"));

        Assert.Equal(["a"], batches.SelectMany(u => u.Ids));
        Assert.Contains("0.00:10:00 behind this host's", error.Message, StringComparison.Ordinal);

        HttpResponseMessage Dated(int minutes, string items)
        {
            Vendor.Skew = TimeSpan.FromMinutes(minutes);
            return Vendor.Response(200, new StringContent(items));
        }
    }

    [Fact]
    public void A_backlog_is_given_out_in_units_of_fifty_pages_and_a_young_one_in_units_of_ten()
    {
        for (var i = 1; i <= 50; i++) Vendor.Answer(Items($"c{i}", Old($"{i}")));
        for (var i = 51; i <= 70; i++) Vendor.Answer(Items($"c{i}", Young($"{i}")));
        Vendor.Answer(Items(null));

        var batches = Read(null);

        Assert.Equal([50, 10, 10, 0], batches.Select(u => u.Records.Count));
        Assert.Equal([true, false, false, false], batches.Select(u => u.NeedsCommit));
        Assert.All(batches, u => Assert.Equal("c50", u.Cursor.After));
        Assert.Equal([50, 0, 0, 0], batches.Select(u => u.BeforePosition));
    }

    [Fact]
    public void A_configured_start_is_fixed_by_the_first_read_and_a_record_exactly_there_is_taken()
    {
        Options.StartAt = "-2h";
        Vendor.Answer(Items("c1", Old("before", 121), Old("at", 120), Old("a", 119))).Answer(Items(null)).Answer(Items(null, Old("a", 119)));
        using var source = NewSource();
        var first = ReadBatch.All(Clock, source.ReadAsync(null, default)).Single();

        Clock.Advance(TimeSpan.FromDays(2));
        var later = ReadBatch.All(Clock, source.ReadAsync(Checkpoints.Of(first.Position), default)).Single();

        Assert.Equal(["at", "a"], first.Ids);
        Assert.Equal(["a"], later.Ids);
    }

    [Theory]
    [InlineData("2026-11-01T00:00:00Z", true)]
    [InlineData("", true)]
    [InlineData("2026-11-20T00:00:00Z", false)]
    [InlineData("2026-11-21T00:00:00Z", false)]
    public void A_start_that_is_moved_earlier_is_told_once(string start, bool told)
    {
        Options.StartAt = start;
        var from = new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        var stored = Checkpoints.Of(Checkpoints.After("c1").Cursor! with { BackfillFrom = from });
        Vendor.Answer(Items(null)).Answer(Items(null));
        using var source = NewSource();

        for (var i = 0; i < 2; i++) ReadBatch.All(Clock, source.ReadAsync(stored, default));

        Assert.Equal(
            told ? 1 : 0,
            Log.Lines.Count(l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains("backfill start", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_same_record_on_two_pages_comes_once_and_a_changed_one_twice()
    {
        Vendor.Answer(Items("c1", Old("a"), Old("a"))).Answer(Items(null, Old("a"), Old("a", 61)));

        Assert.Equal(["a", "a"], Read(null).Single().Ids);
    }

    [Fact]
    public void Pages_without_times_are_passed_once_they_were_read_longer_ago_than_the_hold_back()
    {
        var pages = (string[])[Items("c2", """{"id":"a"}"""), Items("c3"), Items(null, """{"id":"b"}""")];
        using var source = NewSource();
        ReadBatch Again(ReadBatch? before)
        {
            foreach (var page in pages) Vendor.Answer(page);
            return ReadBatch.All(Clock, source.ReadAsync(before is null ? Checkpoints.After("c1") : Checkpoints.Of(before.Position), default)).Single();
        }

        var first = Again(null);
        Clock.Advance(Options.HoldBack);
        var early = Again(first);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var late = Again(early);

        Assert.Equal(("c1", Start.ToUnixTimeSeconds(), "c3"), (first.Cursor.After, first.Cursor.UndatedSince, first.Cursor.UndatedTo));
        Assert.True(first.NeedsCommit);
        Assert.Equal(("c1", false), (early.Cursor.After, early.NeedsCommit));
        Assert.Equal(("c3", null, true, 1), (late.Cursor.After, late.Cursor.UndatedSince, late.NeedsCommit, late.BeforePosition));
    }

    [Fact]
    public void A_vendor_that_is_far_ahead_of_the_host_is_read_by_the_hosts_clock_and_told()
    {
        Vendor.Skew = TimeSpan.FromDays(3);
        Vendor.Answer(Items("c2", Young("a"))).Answer(Items(null, Young("b")));

        var (batches, error) = ReadUntil<SourceClockException>(Checkpoints.After("c1"));

        Assert.Equal("c1", batches.Single().Cursor.After);
        Assert.Contains("3.00:00:00 ahead", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A sweep of the last four hours from the newest record down reads every page that was given, and no other.</summary>
    private void AssertSweepFindsLate()
    {
        using var source = NewSource();
        var run = new SweepRun { From = Start.AddMinutes(-240).ToUnixTimeSeconds(), To = Start.AddMinutes(-30).ToUnixTimeSeconds() };

        var batch = ReadBatch.All(Clock, source.SweepAsync(Checkpoints.After("c9"), run, default)).Single();

        Assert.Contains("late", batch.Ids);
        Vendor.AssertDone();
    }

    private static string[] Nine(int minutes) => [.. Enumerable.Range(0, 9).Select(i => Old($"of nine {minutes} {i}", minutes))];
}
