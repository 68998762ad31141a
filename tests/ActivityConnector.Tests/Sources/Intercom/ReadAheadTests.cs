using System.Net.Http.Headers;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Intercom;

namespace ActivityConnector.Tests.Sources.Intercom;

/// <summary>Several windows of a long history are read at once, and come in their order.</summary>
public class ReadAheadTests : IntercomFixture
{
    [Fact]
    public void A_long_history_is_read_at_least_six_times_as_fast_as_one_request_after_the_other()
    {
        for (var i = 0; i < 100_000; i++) Store.Add($"{i:000000}", Start.AddDays(-30).AddSeconds(i * 25.9));
        Store.Latency = () => TimeSpan.FromMilliseconds(300);

        var (one, requestsOfOne) = TimeOf(concurrency: 1);
        var (eight, requests) = TimeOf(concurrency: 8);

        Assert.True(one / eight >= 6, $"{one.TotalSeconds:F1} s and {eight.TotalSeconds:F1} s");
        Assert.InRange(requests, 400, requestsOfOne * 1.2);
        Assert.InRange(Store.MostAtOnce, 8, 8);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whichever_window_is_answered_first_they_come_in_the_order_of_time(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 30_000; i++) Store.Add($"{i:00000}", Start.AddDays(-10).AddSeconds(i * 28));
        Store.Latency = () => TimeSpan.FromMilliseconds(random.Next(1, 3_000));

        var batches = ReadStore(Checkpoints.At(Start.AddDays(-11)));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(batches));
        Assert.Equal(batches.Select(b => b.Window.Watermark).Order(), batches.Select(b => b.Window.Watermark));
    }

    [Fact]
    public void Nothing_later_comes_from_a_read_that_fails_and_no_more_is_asked_for()
    {
        for (var i = 0; i < 30_000; i++) Store.Add($"{i:00000}", Start.AddDays(-10).AddSeconds(i * 28));
        Store.Latency = () => TimeSpan.FromMilliseconds(300);
        var broken = Second(Start.AddDays(-5));
        Store.Body = sent =>
            sent["created_at_after"].Length > 0 && long.Parse(sent["created_at_after"]) < broken && long.Parse(sent["created_at_before"]) > broken
                ? throw new HttpRequestException("connection reset")
                : null;

        var (batches, _) = ReadStoreUntil<SourceUnavailableException>(Checkpoints.At(Start.AddDays(-11)));

        var ids = Ids(batches).ToList();
        Assert.Equal(Store.Records.Select(r => r.Id).Take(ids.Count), ids);
        Assert.True(batches[^1].Window.Watermark < broken);
        var failed = Store.Sent.FindIndex(s => long.Parse(s["created_at_after"]) < broken && long.Parse(s["created_at_before"]) > broken);
        Assert.InRange(Store.Requests - failed, 4, 4 + (8 * 8));
    }

    [Fact]
    public void A_part_that_cannot_be_read_becomes_suspect_as_when_windows_are_read_one_by_one()
    {
        for (var i = 0; i < 20_000; i++) Store.Add($"{i:00000}", Start.AddDays(-10).AddSeconds(i * 42));
        var (from, to) = (Second(Start.AddDays(-5)), Second(Start.AddDays(-5)) + 90);
        Store.FailsOn = (first, last) => first <= to && last >= from;
        Store.Latency = () => TimeSpan.FromMilliseconds(100);

        var ends = ((int[])[1, 8]).Select(concurrency =>
        {
            Options.Concurrency = concurrency;
            var (batches, _) = ReadStoreUntil<SourceIncompleteException>(Checkpoints.At(Start.AddDays(-11)));
            return (Ids: Ids(batches).ToList(), batches[^1].Window.Suspects);
        }).ToList();

        Assert.All(ends, end => Assert.InRange(end.Ids.Count, 20_000 - 10, 20_000 - 2));
        Assert.All(ends, end => Assert.Equal(end.Ids.Order(), end.Ids));
        Assert.All(ends, end => Assert.True(Assert.Single(end.Suspects) is var suspect && suspect.From <= from && suspect.To >= to));
    }

    [Fact]
    public void A_small_quota_is_never_used_beyond_its_last_tenth_however_many_windows_are_read_at_once()
    {
        for (var i = 0; i < 30_000; i++) Store.Add($"{i:00000}", Start.AddDays(-10).AddSeconds(i * 28));
        Store.Latency = () => TimeSpan.FromMilliseconds(300);
        Store.Quota = 40;

        var batches = ReadStore(Checkpoints.At(Start.AddDays(-11)));

        Assert.Equal(30_000, Ids(batches).Count());
        Assert.InRange(Store.LeastLeft, 3, 10);
    }

    /// <summary>It has used its half within a few seconds, and waits for the next ten; then a poll becomes due.</summary>
    [Fact]
    public void A_range_that_a_poll_waits_for_uses_the_half_of_the_quota_that_it_left_to_polls()
    {
        for (var i = 0; i < 30_000; i++) Store.Add($"{i:00000}", Start.AddDays(-10).AddSeconds(i * 28));
        Store.Latency = () => TimeSpan.FromMilliseconds(100);
        Store.Quota = 40;
        var (from, due) = (Start.AddDays(-10), Start.AddSeconds(6));
        var run = new SweepRun { From = Second(from), To = Second(Start.AddDays(-1)) };

        var batches = NewSourceOfStore().ReadRangeAsync(Checkpoints.At(Start), run, canWait: () => Clock.GetUtcNow() < due, default);

        Assert.Equal(27_772, Ids(ReadBatch.All(Clock, batches)).Count());
        Assert.InRange(Store.Sent.Count(sent => sent.At < due), 18, 21);
        Assert.InRange(Store.Sent.Count(sent => sent.At < due.AddSeconds(2)), 30, 37);
    }

    /// <summary>Some that were started in search of the first records, and some that were not.</summary>
    [Fact]
    public void Of_windows_that_are_dropped_none_asks_for_another_page()
    {
        for (var i = 0; i < 4_000; i++) Store.Add($"{i:0000}", Start.AddSeconds(-i - 1));
        var api = new VendorApi
        {
            Name = "Intercom",
            Section = "Sources:Intercom",
            BaseUrl = new Uri(Options.BaseUrl),
            Authorization = () => new AuthenticationHeaderValue("Bearer", "x"),
            VersionHeader = "Intercom-Version",
            Version = Options.ApiVersion,
            ErrorCode = _ => null,
            MoveOn = (_, _) => null,
            Explain = (_, _) => ("cause", "fix"),
        };
        using var client = new VendorClient(api, Store, Clock, new Random(1), Log);
        var windows = new IntercomWindows(new IntercomPages(client, 250), Log);
        var queue = new WindowQueue(windows, most: 8, default);
        Store.Latency = () => TimeSpan.FromMilliseconds(300);
        Clock.Run(async () =>
        {
            queue.StartAhead(new(new TimeWindow(Second(Start) - 2_000, Second(Start) - 1_001), 1_000, VendorClient.MaxAttempts), isSearch: false);
            queue.StartAhead(new(new TimeWindow(Second(Start) - 1_000, Second(Start) - 1), 1_000, VendorClient.MaxAttempts), isSearch: true);
            await queue.DropAsync();
        });

        Assert.Equal(2, Store.Requests);
    }

    [Fact]
    public void Windows_with_much_in_them_wait_for_their_turn_and_lose_nothing()
    {
        var share = BatchBuilder.MostBytes / Options.Concurrency;
        for (var i = 0; i < 3_000; i++)
        {
            var at = Start.AddDays(-10).AddSeconds(i * 280);
            Store.Records.Add(new StoredLog($"{i:00000}", at, at) { Padding = (int)(share / 250) });
        }

        Store.Latency = () => TimeSpan.FromMilliseconds(300);

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(ReadStore(Checkpoints.At(Start.AddDays(-11)))));
    }

    [Fact]
    public void The_present_is_read_by_one_request_although_more_could_be_sent_at_once()
    {
        Store.Add("a", Start.AddMinutes(-10));
        Store.Latency = () => TimeSpan.FromMilliseconds(300);

        ReadStore(Checkpoints.At(Start.AddMinutes(-2)));

        Assert.Equal(1, Store.Requests);
    }

    private (TimeSpan Took, int Requests) TimeOf(int concurrency)
    {
        Options.Concurrency = concurrency;
        Options.StartAt = null;
        Store.Sent.Clear();
        var began = Clock.GetTimestamp();
        var batches = ReadStore(from: null);
        Assert.Equal(Store.Records.Select(r => r.Id), Ids(batches));
        return (Clock.GetElapsedTime(began), Store.Requests);
    }
}
