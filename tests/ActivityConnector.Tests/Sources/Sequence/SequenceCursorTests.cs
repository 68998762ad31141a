#if false // The rewrite of the source replaces these.
using ActivityConnector.Pipeline;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Sequence;

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

        var unit = Read(Checkpoints.After("c1", "c0")).Single();

        Assert.Equal(["a"], unit.Ids);
        Assert.Equal(("c1", "c0"), (unit.Cursor.After, unit.Cursor.Fallback.Single()));
        Assert.Equal("c1", Vendor.Sent.Single()["after"]);
        Assert.False(unit.MovesFar);
    }

    [Fact]
    [Trait("EdgeCase", "25")]
    public void A_list_of_less_than_a_page_never_gives_a_cursor_and_is_read_again_from_the_beginning()
    {
        Vendor.Answer(Items(null, Old("a"))).Answer(Items(null, Old("a"), Old("b")));
        using var source = NewSource();

        var first = ReadUnit.All(Clock, source.ReadAsync(null, default)).Single();
        var second = ReadUnit.All(Clock, source.ReadAsync(Checkpoints.Of(first.Position), default)).Single();

        Assert.Null(first.Cursor.After);
        Assert.Equal(["a", "b"], second.Ids);
        Assert.All(Vendor.Sent, r => Assert.DoesNotContain("after", r.Uri.Query, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("EdgeCase", "26")]
    public void A_cursor_on_an_empty_page_is_the_end_and_is_not_stored()
    {
        Vendor.Answer(Items("c2"));

        Assert.Equal("c1", Read(Checkpoints.After("c1")).Single().Cursor.After);
    }

    [Fact]
    [Trait("EdgeCase", "27")]
    public void A_cursor_that_is_the_one_just_sent_is_the_end_and_is_told_after_three_times()
    {
        for (var i = 0; i < 3; i++) Vendor.Answer(Items("c1", Old("a")));
        using var source = NewSource();

        for (var i = 0; i < 3; i++)
        {
            Assert.DoesNotContain(Log.Lines, l => l.Contains("in a row", StringComparison.Ordinal));
            Assert.Equal("c1", ReadUnit.All(Clock, source.ReadAsync(Checkpoints.After("c1"), default)).Single().Cursor.After);
        }

        Assert.Contains(Log.Lines, l => l.Contains("3 times in a row", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("EdgeCase", "27")]
    public void Cursors_that_go_in_a_circle_end_the_read_as_an_outage()
    {
        for (var i = 0; i < 3; i++) Vendor.Answer(Items("c2", Old($"a{i}"))).Answer(Items("c3", Old($"b{i}"))).Answer(Items("c1", Old($"c{i}")));
        using var source = NewSource();

        var (_, error) = ReadUnit.UntilFailure<SourceUnavailableException>(Clock, source.ReadAsync(Checkpoints.After("c1"), default));

        Assert.Contains("lead back", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("EdgeCase", "28")]
    public void A_refused_cursor_is_replaced_by_the_next_older_one_and_nothing_is_skipped()
    {
        Vendor.Answer("", 400).Answer("", 400).Answer(Items("c1b", Old("a"))).Answer(Items(null, Young("b")));

        var unit = Read(Checkpoints.After("c3", "c2", "c1", "c0")).Single();

        Assert.Equal(["c3", "c2", "c1", "c1b"], Vendor.Sent.Select(r => r["after"]));
        Assert.Equal(["a", "b"], unit.Ids);
        Assert.Equal("c1b", unit.Cursor.After);
        Assert.Equal(["c1", "c0"], unit.Cursor.Fallback);
        Assert.Null(unit.Cursor.NullSince);
        Assert.Equal(2, Log.Lines.Count(l => l.StartsWith("Error", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("EdgeCase", "28")]
    public void When_every_cursor_is_refused_the_list_is_read_from_its_beginning()
    {
        Vendor.Answer("", 400).Answer("", 400).Answer(Items("n1", Old("a"))).Answer("", 503).Answer("", 503).Answer("", 503).Answer("", 503);

        var (units, _) = ReadUntil<SourceUnavailableException>(Checkpoints.After("c3", "c2"));

        Assert.Equal(["c3", "c2", "", "n1", "n1", "n1", "n1"], Vendor.Sent.Select(r => r["after"]));
        Assert.Equal(("n1", Start), (units.Single().Cursor.After, units.Single().Cursor.NullSince));

        Vendor.Answer(Items(null, Old("b")));
        var unit = Read(Checkpoints.Of(units.Single().Position)).Single();
        Assert.Null(unit.Cursor.NullSince);
        Assert.True(unit.MovesFar);
    }

    [Fact]
    [Trait("EdgeCase", "28")]
    public void A_cursor_that_was_given_a_moment_ago_and_is_refused_ends_the_read_and_moves_nothing_forward()
    {
        Vendor.Answer(Items("c2", Young("a"))).Answer("", 400);

        var (units, _) = ReadUntil<SourceUnavailableException>(Checkpoints.After("c1"));

        Assert.Equal("c1", units.Single().Cursor.After);
        Assert.Equal(["a"], units.Single().Ids);
    }

    [Fact]
    public void A_request_without_a_cursor_that_is_refused_needs_somebody()
    {
        Vendor.Answer("", 400);

        Assert.Empty(ReadUntil<SourceRefusedException>(null).Units);
    }

    [Theory]
    [Trait("EdgeCase", "29")]
    [InlineData("sort", "sort order")]
    [InlineData("filters", "filter")]
    [InlineData("limit", "PageSize")]
    [InlineData("version", "ApiVersion")]
    public void A_cursor_of_another_list_is_refused_unless_its_loss_is_accepted(string change, string named)
    {
        var stored = Checkpoints.After("c1").Cursor!;
        stored = change switch
        {
            "sort" => stored with { Sort = "DESC" },
            "filters" => stored with { Filters = "sha256:00" },
            "limit" => stored with { Limit = 50 },
            _ => stored,
        };
        var checkpoint = Checkpoints.Of(stored, change == "version" ? "2024-05-09" : "2024-07-30");

        var error = ReadUntil<SourceRefusedException>(checkpoint).Error;
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("AcceptCursorReset", error.Fix, StringComparison.Ordinal);

        Options.AcceptCursorReset = true;
        Vendor.Answer(Items(null, Old("a")));
        Assert.Equal(["a"], Read(checkpoint).Single().Ids);
        Assert.Equal("", Vendor.Sent.Single()["after"]);
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

        var unit = Read(Checkpoints.After("c1")).Single();

        Assert.Equal(["a", "b", "c", "d", "e", "f"], unit.Ids);
        Assert.Equal("c2", unit.Cursor.After);
        Assert.Equal(["c1"], unit.Cursor.Fallback);
        Assert.Equal(Start.AddMinutes(-1), unit.Cursor.Head);
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public void A_sweep_reads_from_the_newest_down_to_its_start_and_leaves_the_position_alone()
    {
        Vendor.Answer(Items("d1", Young("now"), Old("b", 120))).Answer(Items("d2", Old("late", 180), Old("too old", 300)));
        using var source = NewSource();
        var current = Checkpoints.After("c9");

        var unit = ReadUnit.All(Clock, source.SweepAsync(current, Start.AddMinutes(-240), Start.AddMinutes(-30), default)).Single();

        Assert.Equal(["late", "b"], unit.Ids);
        Assert.Equal(current.Position, unit.Position);
        Assert.All(Vendor.Sent, r => Assert.Equal("DESC", r["sortOrder"]));
        Vendor.AssertDone();
    }

    [Fact]
    public void A_backlog_is_given_out_in_units_of_fifty_pages_and_a_young_one_in_units_of_ten()
    {
        for (var i = 1; i <= 50; i++) Vendor.Answer(Items($"c{i}", Old($"{i}")));
        for (var i = 51; i <= 70; i++) Vendor.Answer(Items($"c{i}", Young($"{i}")));
        Vendor.Answer(Items(null));

        var units = Read(null);

        Assert.Equal([50, 10, 10, 0], units.Select(u => u.Records.Count));
        Assert.Equal([true, false, false, false], units.Select(u => u.MovesFar));
        Assert.All(units, u => Assert.Equal("c50", u.Cursor.After));
        Assert.Equal(["c49", "c48", "c47"], units[^1].Cursor.Fallback);
    }

    [Fact]
    public void A_configured_start_is_fixed_by_the_first_read()
    {
        Options.StartAt = "-2h";
        Vendor.Answer(Items("c1", Old("before", 121), Old("a", 119))).Answer(Items(null)).Answer(Items(null, Old("a", 119)));
        using var source = NewSource();
        var first = ReadUnit.All(Clock, source.ReadAsync(null, default)).Single();

        Clock.Advance(TimeSpan.FromDays(2));
        var later = ReadUnit.All(Clock, source.ReadAsync(Checkpoints.Of(first.Position), default)).Single();

        Assert.Equal(["a"], first.Ids);
        Assert.Equal(["a"], later.Ids);
    }

    [Fact]
    public void The_same_record_on_two_pages_comes_once_and_a_changed_one_twice()
    {
        Vendor.Answer(Items("c1", Old("a"), Old("a"))).Answer(Items(null, Old("a"), Old("a", 61)));

        Assert.Equal(["a", "a"], Read(null).Single().Ids);
    }
}
#endif
