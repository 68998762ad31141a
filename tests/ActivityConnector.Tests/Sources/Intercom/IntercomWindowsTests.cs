using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Intercom;

public class IntercomWindowsTests : IntercomFixture
{
    [Fact]
    [Trait("EdgeCase", "7")]
    public void Both_bounds_are_sent_as_whole_seconds_and_are_a_second_wider_than_the_window()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 2, Rec("b"))).Answer(Logs("null", 2, Rec("a")));

        Read(TwoHoursAgo);

        Assert.All(Vendor.Sent, r =>
        {
            Assert.Equal($"{Start.AddHours(-2).ToUnixTimeSeconds() - 900 - 1}", r["created_at_after"]);
            Assert.Equal($"{Start.ToUnixTimeSeconds() - 60 + 1}", r["created_at_before"]);
        });
    }

    [Fact]
    public void What_only_the_wider_bounds_brought_is_left_for_its_own_window()
    {
        Vendor.Answer(Logs(Rec("after", 59), Rec("last", 60), Rec("first", 7200 + 900), Rec("before", 7200 + 901)));

        Assert.Equal(["first", "last"], Read(TwoHoursAgo).Single().Ids);
    }

    [Fact]
    [Trait("EdgeCase", "8")]
    public void A_window_the_vendor_fails_on_is_halved_and_grows_again()
    {
        var from = Checkpoints.At(Start.AddDays(-4));
        for (var i = 0; i < 4; i++) Vendor.Answer("{}", 500);
        for (var i = 0; i < 2; i++) Vendor.Answer(Logs());
        using var source = NewSource();

        var units = Read(source, from);

        Assert.Equal(2 * 86400 - 30, units[0].Window.Watermark - from.Window!.Watermark);
        Assert.Equal(Clock.GetUtcNow().AddSeconds(-60).ToUnixTimeSeconds(), units[^1].Window.Watermark);
        Assert.True(units[^1].Window.SpanSeconds > units[0].Window.SpanSeconds);
        Assert.Contains(Log.Lines, l => l.Contains("cannot answer for", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("EdgeCase", "8")]
    public void A_vendor_that_fails_on_every_width_is_unavailable_and_the_checkpoint_stays()
    {
        var attempts = 4 * 3; // two hours, an hour, a minute
        for (var i = 0; i < attempts; i++) Vendor.Answer("", 500, "text/html");

        var (units, error) = ReadUntil<SourceUnavailableException>(TwoHoursAgo);

        Assert.Empty(units);
        Assert.Contains("500", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_outage_is_not_answered_with_narrower_windows()
    {
        for (var i = 0; i < 4; i++) Vendor.Answer("", 503);

        Assert.Empty(ReadUntil<SourceUnavailableException>(TwoHoursAgo).Units);
    }

    [Fact]
    [Trait("EdgeCase", "21")]
    public void A_backlog_is_read_in_ascending_windows_with_a_position_worth_a_commit_after_each()
    {
        var from = Checkpoints.At(Start.AddDays(-13));
        for (var i = 0; i < 3; i++) Vendor.Answer(Logs());

        var units = Read(from);

        Assert.Equal([-8.0, -3.0, 0.0], units.Select(u => Math.Round((DateTimeOffset.FromUnixTimeSeconds(u.Window.Watermark) - Start).TotalDays, 2)));
        Assert.All(units, u => Assert.True(u.MovesFar));
        Assert.Equal([-13 * 86400 - 901, -8 * 86400, -3 * 86400], Vendor.Sent.Select(r => long.Parse(r["created_at_after"], null) - Start.ToUnixTimeSeconds()));
    }

    [Fact]
    public void At_the_present_an_idle_source_asks_for_no_commit_until_an_hour_has_passed()
    {
        Vendor.Answer(Logs());

        Assert.False(Read(Checkpoints.At(Start.AddSeconds(-90))).Single().MovesFar);
    }

    [Fact]
    public void Nothing_is_asked_while_the_settle_time_has_not_passed() => Assert.Empty(Read(Checkpoints.At(Start.AddSeconds(-60))));

    [Fact]
    [Trait("EdgeCase", "22")]
    public void A_changed_version_goes_on_from_the_same_watermark()
    {
        Options.ApiVersion = "2.10";
        Vendor.Answer(Logs(Rec("a")));

        var units = Read(TwoHoursAgo);

        Assert.Equal(["a"], units.Single().Ids);
        Assert.Contains("Intercom-Version: 2.10", Vendor.Sent[0].Headers, StringComparison.Ordinal);
        Assert.Contains("Accept: application/json", Vendor.Sent[0].Headers, StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_window_is_as_wide_as_the_density_allows()
    {
        var from = Checkpoints.At(Start.AddDays(-10));
        var busy = Enumerable.Range(0, 10_000).Select(i => Log($"{i}", Start.AddDays(-10).AddSeconds(i * 40))).ToArray();
        Vendor.Answer(Logs(busy));
        for (var i = 0; i < 3; i++) Vendor.Answer(Logs());

        var units = Read(from);

        // 10,000 records in five days: 1,500 of them need 18 hours; after an empty window the next is twice as wide.
        Assert.Equal(10_000, units[0].Records.Count);
        Assert.InRange(units[1].Window.Watermark - units[0].Window.Watermark, 60_000, 66_000);
        Assert.InRange(units[2].Window.Watermark - units[1].Window.Watermark, 120_000, 132_000);
    }

    [Fact]
    public void A_window_that_announces_too_many_records_is_halved_after_its_first_page()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 30_000, Rec("z"))).Answer(Logs(Rec("a", 7000))).Answer(Logs(Rec("z")));

        Assert.Equal(["a", "z"], Read(TwoHoursAgo).SelectMany(u => u.Ids).Distinct());
    }

    [Fact]
    public void Five_thousand_records_of_one_second_are_one_unit()
    {
        var records = Enumerable.Range(0, 5_000).Select(i => Rec($"{i:0000}")).ToArray();
        for (var page = 0; page < 20; page++)
        {
            Vendor.Answer(Logs(page < 19 ? $"\"x?page={page + 2}\"" : "null", 20, [.. records.Skip(page * 250).Take(250)]));
        }

        Assert.Equal(5_000, Read(TwoHoursAgo).Single().Ids.Distinct().Count());
    }

    [Fact]
    public void Fifteen_empty_years_cost_a_few_requests()
    {
        var first = Start.AddDays(-3);
        var vendor = new IntercomStore(Clock) { Records = { new StoredLog("only", first, first) } };
        using var source = new IntercomSource(Options, vendor, Clock, new Random(1), Log);

        var units = ReadUnit.All(Clock, source.ReadAsync(null, default));

        Assert.Equal(["only"], units.SelectMany(u => u.Ids));
        Assert.Equal(IntercomSource.Beginning.ToUnixTimeSeconds(), units[0].Window.BackfillFrom);
        Assert.InRange(vendor.Requests, 1, 30);
    }

    [Fact]
    public void A_workspace_without_any_record_is_remembered_as_read()
    {
        var vendor = new IntercomStore(Clock);
        using var source = new IntercomSource(Options, vendor, Clock, new Random(1), Log);

        var unit = ReadUnit.All(Clock, source.ReadAsync(null, default))[^1];
        var requests = vendor.Requests;
        Clock.Advance(TimeSpan.FromSeconds(30));
        ReadUnit.All(Clock, source.ReadAsync(Checkpoints.Of(unit.Position), default));

        Assert.True(unit.MovesFar);
        Assert.Equal(1, vendor.Requests - requests);
    }

    [Fact]
    public void A_configured_start_leaves_out_what_is_older()
    {
        Options.StartAt = "-2h";
        Vendor.Answer(Logs(Rec("at the start", 7200), Rec("just before", 7201))).Answer(Logs(Rec("a")));

        Assert.Equal(["a", "at the start"], Read(null).SelectMany(u => u.Ids).Distinct().Order());
    }

    [Fact]
    public void A_sweep_reads_the_range_again_and_leaves_the_position_alone()
    {
        Vendor.Answer(Logs()).Answer(Logs(Rec("late", 80_000))).Answer(Logs()).Answer(Logs()).Answer(Logs());
        using var source = NewSource();

        var units = ReadUnit.All(Clock, source.SweepAsync(TwoHoursAgo, new SweepRun { From = Start.AddDays(-1).ToUnixTimeSeconds(), To = Start.AddHours(-3).ToUnixTimeSeconds() }, default));

        Assert.Equal(["late"], units.SelectMany(u => u.Ids));
        Assert.All(units, u => Assert.Equal(TwoHoursAgo.Position, u.Position));
        Assert.Equal($"{Start.AddDays(-1).ToUnixTimeSeconds() - 1}", Vendor.Sent[0]["created_at_after"]);
        Assert.Equal($"{Start.AddHours(-3).ToUnixTimeSeconds() + 1}", Vendor.Sent[^1]["created_at_before"]);
    }
}
