using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using Xunit.Abstractions;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Intercom;

public class IntercomWindowsTests(ITestOutputHelper output) : IntercomFixture
{
    [Fact]
    [Trait("EdgeCase", "7")]
    public void Both_bounds_are_sent_as_whole_seconds_and_are_a_second_wider_than_the_window()
    {
        Vendor.Answer(Logs("\"x?page=2\"", 2, Rec("b", 3600), Rec("a", 3700))).Answer(Logs(Rec("a", 3700)));

        Read(TwoHoursAgo);

        Assert.All(Vendor.Sent, r => Assert.Equal($"{Second(Start.AddHours(-2)) - 900 - 1}", r["created_at_after"]));
        Assert.Equal([$"{Second(Start) - 60 + 1}", $"{Second(Start) - 3700 + 1}"], Vendor.Sent.Select(r => r["created_at_before"]));
        Assert.All(Vendor.Sent, r => Assert.Equal("", r["page"]));
    }

    [Fact]
    public void What_only_the_wider_bounds_brought_is_left_for_its_own_window()
    {
        Vendor.Answer(Logs(Rec("after", 59), Rec("last", 60), Rec("first", 7200 + 900), Rec("before", 7200 + 901)));

        Assert.Equal(["first", "last"], Read(TwoHoursAgo).Single().Ids);
    }

    [Fact]
    public void An_outage_is_not_answered_with_narrower_windows()
    {
        for (var i = 0; i < 4; i++) Vendor.Answer("", 503);

        Assert.Empty(ReadUntil<SourceUnavailableException>(TwoHoursAgo).Batches);
    }

    [Fact]
    [Trait("EdgeCase", "21")]
    public void A_backlog_is_read_in_ascending_windows_with_a_position_worth_a_commit_after_each_that_has_records()
    {
        Store.Add("a", Start.AddDays(-12));
        Store.Add("b", Start.AddDays(-5));

        var batches = ReadStore(Checkpoints.At(Start.AddDays(-13)));

        Assert.Equal([-8.01, -3.01, 0.0], batches.Select(u => Math.Round((DateTimeOffset.FromUnixTimeSeconds(u.Window.Watermark) - Start).TotalDays, 2)));
        Assert.All(batches, u => Assert.True(u.NeedsCommit));
        Assert.Equal(
            [Second(Start.AddDays(-13)) - 900, batches[0].Window.Watermark + 1, batches[1].Window.Watermark + 1],
            Store.Sent.Select(r => long.Parse(r["created_at_after"], null) + 1));
    }

    [Fact]
    public void An_empty_window_of_a_backlog_is_not_worth_a_commit_but_the_last_one_is()
    {
        var batches = ReadStore(Checkpoints.At(Start.AddDays(-100)));

        Assert.Equal([.. batches.SkipLast(1).Select(_ => false), true], batches.Select(u => u.NeedsCommit));
        Assert.InRange(batches.Count, 2, 6);
    }

    [Fact]
    public void The_lookback_is_read_once_a_read()
    {
        Options.Lookback = TimeSpan.FromHours(20);
        for (var i = 0; i < 40_000; i++) Store.Add($"{i:00000}", Start.AddHours(-40).AddSeconds(i * 3));

        var batches = ReadStore(Checkpoints.At(Start.AddHours(-10), span: 3600));

        Assert.Equal(batches.Sum(u => u.Records.Count), Ids(batches).Distinct().Count());
        Assert.Equal(batches.Select(u => u.Window.Watermark), batches.Select(u => u.Window.Watermark).Order());
        Assert.All(batches, u => Assert.True(u.Window.Watermark >= Second(Start.AddHours(-10))));
    }

    [Fact]
    public void At_the_present_an_idle_source_asks_for_no_commit_until_an_hour_has_passed()
    {
        Vendor.Answer(Logs());

        Assert.False(Read(Checkpoints.At(Start.AddSeconds(-90))).Single().NeedsCommit);
    }

    [Fact]
    public void The_overlap_is_read_again_although_nothing_new_may_be_read_yet()
    {
        Vendor.Answer(Logs(Rec("late", 500)));

        var batch = Read(Checkpoints.At(Start.AddSeconds(-60))).Single();

        Assert.Equal(["late"], batch.Ids);
        Assert.Equal(Start.AddSeconds(-60).ToUnixTimeSeconds(), batch.Window.Watermark);
    }

    [Fact]
    [Trait("EdgeCase", "22")]
    public void A_changed_version_goes_on_from_the_same_watermark()
    {
        Options.ApiVersion = "2.10";
        Vendor.Answer(Logs(Rec("a")));

        var batches = Read(TwoHoursAgo);

        Assert.Equal(["a"], batches.Single().Ids);
        Assert.Contains("Intercom-Version: 2.10", Vendor.Sent[0].Headers, StringComparison.Ordinal);
        Assert.Contains("Accept: application/json", Vendor.Sent[0].Headers, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_brings_about_as_many_records_as_are_worth_a_commit()
    {
        for (var i = 0; i < 40_000; i++) Store.Add($"{i:00000}", Start.AddDays(-20).AddSeconds(i * 40));

        var batches = ReadStore(Checkpoints.At(Start.AddDays(-21)));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(batches));

        // The first windows were begun before their width was known.
        Assert.All(batches.Select(u => u.Records.Count).Where(count => count > 0).Skip(10).SkipLast(1), count => Assert.InRange(count, 1_400, 1_600));
    }

    [Fact]
    public void A_window_that_announces_too_many_records_is_narrowed_after_its_first_page()
    {
        for (var i = 0; i < 60_000; i++) Store.Add($"{i:00000}", Start.AddDays(-4).AddSeconds(i * 5));

        var batches = ReadStore(Checkpoints.At(Start.AddDays(-4)));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(batches));
        Assert.All(batches, u => Assert.InRange(u.Records.Count, 0, 20_000));
        Assert.InRange(Store.Requests, 240, 300);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_of_five_thousand_records_is_read_by_pages_and_is_one_unit(bool inclusive)
    {
        Store.Inclusive = inclusive;
        Store.Add("before", Start.AddMinutes(-40));
        Store.Add("after", Start.AddMinutes(-20));
        for (var i = 0; i < 5_000; i++) Store.Add($"{i:0000}", Start.AddMinutes(-30));

        var batch = ReadStore(TwoHoursAgo).Single();

        Assert.Equal(5_002, batch.Records.Count);
        Assert.InRange(Store.Requests, 42, 120);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    [InlineData(true, 7)]
    [InlineData(false, 1)]
    [InlineData(false, 3)]
    public void Seconds_with_more_than_a_page_that_follow_each_other_are_each_walked_a_few_times(bool inclusive, int apart)
    {
        (Store.Inclusive, Options.PageSize) = (inclusive, 10);
        for (var i = 0; i < 800; i++) Store.Add($"{i:0000}", Start.AddMinutes(-60).AddSeconds(i / 20 * apart));

        var batches = ReadStore(TwoHoursAgo);

        Assert.Equal(800, Ids(batches).Distinct().Count());
        Assert.InRange(Store.Requests, 160, 40 * 18);
    }

    [Fact]
    public void A_history_that_was_never_read_is_found_in_a_few_requests()
    {
        Store.Add("only", Start.AddDays(-3));

        var batches = ReadStore(null);

        Assert.Equal(["only"], Ids(batches));
        Assert.Equal(Second(IntercomSource.Beginning), batches[0].Window.BackfillFrom);
        Assert.InRange(Store.Requests, 1, 25);
    }

    [Theory]
    [InlineData("2015-01-01", "2025-01-01")]
    [InlineData("2015-03-01", "2026-11-21")]
    [InlineData("2011-01-02", "2026-11-21")]
    [InlineData("2024-01-01", "2024-01-02")]
    public void Two_records_far_apart_cost_tens_of_requests(string first, string second)
    {
        Store.Add("a", DateTimeOffset.Parse(first + "Z", null));
        Store.Add("b", DateTimeOffset.Parse(second + "Z", null));

        var batches = ReadStore(null);

        Assert.Equal(["a", "b"], Ids(batches));
        Assert.InRange(Store.Requests, 1, 39);
        Assert.InRange(batches.Count(u => u.NeedsCommit), 1, 4);
    }

    /// <summary>Counted against the fewest requests that bring so many records, 250 at a time.</summary>
    [Theory]
    [InlineData("steady", 1.6)]
    [InlineData("office hours", 1.6)]
    [InlineData("bursts", 1.6)]
    [InlineData("bursts in single seconds", 3)]
    public void A_long_history_costs_at_most_1_6_times_the_fewest_requests_and_more_only_where_seconds_are_walked(string kind, double most)
    {
        const int count = 200_000;
        var random = new Random(7);
        foreach (var second in Times(kind, count, random)) Store.Add($"{Store.Records.Count:000000}", DateTimeOffset.FromUnixTimeSeconds(second));

        var given = Ids(ReadStore(null)).ToHashSet();

        output.WriteLine($"{kind}: {Store.Requests} requests, {Store.Requests / (count / 250.0):F2} times the fewest.");
        Assert.Equal(count, given.Count);
        Assert.InRange(Store.Requests, 1, count / 250 * most);
    }

    private static IEnumerable<long> Times(string kind, int count, Random random)
    {
        var (from, seconds) = (Second(Start.AddDays(-365)), 365L * 86400 - 3600);
        for (var given = 0; given < count;)
        {
            var second = from + random.NextInt64(seconds);
            var at = DateTimeOffset.FromUnixTimeSeconds(second);
            if (kind == "office hours" && (at.Hour is < 9 or > 17 || at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)) continue;

            var burst = kind switch
            {
                "bursts" => random.Next(50) == 0 ? random.Next(100, 5_000) : 1,
                "bursts in single seconds" => random.Next(200) == 0 ? random.Next(100, 1_000) : 1,
                _ => 1,
            };
            for (var i = 0; i < burst && given < count; i++, given++) yield return kind == "bursts" ? second + (i / 10) : second;
        }
    }

    [Fact]
    public void A_workspace_without_any_record_is_remembered_as_read()
    {
        using var source = NewSourceOfStore();

        var batch = ReadBatch.All(Clock, source.ReadAsync(null, default))[^1];
        var requests = Store.Requests;
        Clock.Advance(TimeSpan.FromSeconds(30));
        ReadBatch.All(Clock, source.ReadAsync(Checkpoints.Of(batch.Position), default));

        Assert.True(batch.NeedsCommit);
        Assert.Equal(1, Store.Requests - requests);
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
        Store.Add("late", Start.AddSeconds(-80_000));
        var run = new SweepRun { From = Second(Start.AddDays(-1)), To = Second(Start.AddHours(-3)) };

        var batches = Sweep(Checkpoints.At(Start.AddHours(-2), span: 3600), run);

        Assert.Equal(["late"], Ids(batches));
        Assert.All(batches, u => Assert.Equal(Checkpoints.At(Start.AddHours(-2), span: 3600).Position, u.Position));
        Assert.Equal($"{run.From - 1}", Store.Sent[0]["created_at_after"]);
        Assert.Equal($"{run.To + 1}", Store.Sent[^1]["created_at_before"]);
        Assert.Equal(run.To, batches[^1].Sweep!.At);
    }

    [Fact]
    public void A_sweep_goes_on_where_it_stood()
    {
        var run = new SweepRun { From = Second(Start.AddDays(-1)), To = Second(Start.AddHours(-3)), At = Second(Start.AddHours(-6)) };

        Sweep(TwoHoursAgo, run);

        Assert.Equal($"{run.At}", Store.Sent[0]["created_at_after"]);
    }

    [Fact]
    public void A_sweep_reads_nothing_from_before_the_configured_start()
    {
        var from = Checkpoints.Of(Checkpoints.At(Start.AddHours(-2)).Window! with { BackfillFrom = Second(Start.AddHours(-5)) });

        Sweep(from, new SweepRun { From = Second(Start.AddDays(-1)), To = Second(Start.AddHours(-3)) });

        Assert.Equal($"{Second(Start.AddHours(-5)) - 1}", Store.Sent[0]["created_at_after"]);
    }

    [Fact]
    public void A_start_that_was_moved_earlier_is_told_once_with_what_brings_the_older_history()
    {
        Options.StartAt = "2019-01-01";
        using var source = NewSourceOfStore();

        for (var i = 0; i < 2; i++) ReadBatch.All(Clock, source.ReadAsync(TwoHoursAgo, default));

        var line = Assert.Single(Log.Lines, l => l.Contains("is before the existing start", StringComparison.Ordinal));
        Assert.Contains("backfill start --source intercom", line, StringComparison.Ordinal);
    }

    private List<ReadBatch> Sweep(Checkpoint from, SweepRun run) => ReadBatch.All(Clock, NewSourceOfStore().SweepAsync(from, run, default));
}
