using System.Text.Json;
using ActivityConnector.Simulation.Intercom;

namespace ActivityConnector.Tests.Simulation;

public class IntercomPagingTests
{
    [Theory]
    [InlineData(TieOrder.NewestFirst)]
    [InlineData(TieOrder.OldestFirst)]
    [InlineData(TieOrder.Scattered)]
    public async Task A_walk_shows_every_record_once_newest_first(TieOrder ties)
    {
        // Ten minutes for 1,003 records: several in most seconds.
        await using var session = await SimulatorSession.StartAsync(
            new() { Span = TimeSpan.FromMinutes(10), Intercom = new() { Records = 1_003, Ties = ties } });

        var pages = await session.WalkIntercomAsync("created_at_after=0&per_page=50");
        var seconds = pages.SelectMany(p => p.GetProperty("activity_logs").EnumerateArray()).Select(r => r.GetProperty("created_at").GetInt64()).ToList();

        Assert.Equal(21, pages.Count);
        Assert.All(pages, (page, i) => Assert.Equal((i + 1, 50, 21), Numbers(page)));
        Assert.Equal(seconds.OrderDescending(), seconds);
        Assert.Equal(session.Simulator.Intercom.VisibleIds().Order(), SimulatorSession.Ids(pages, "activity_logs").Order());
    }

    [Fact]
    public async Task The_order_inside_a_second_is_as_configured()
    {
        var orders = new List<List<string>>();
        foreach (var ties in Enum.GetValues<TieOrder>())
        {
            await using var session = await SimulatorSession.StartAsync(
                new() { Span = TimeSpan.FromSeconds(1), Intercom = new() { Records = 40, Ties = ties } });
            orders.Add(SimulatorSession.Ids(await session.WalkIntercomAsync("created_at_after=0"), "activity_logs"));
        }

        Assert.Equal(orders[0], Enumerable.Reverse(orders[1]));
        Assert.NotEqual(orders[0], orders[2]);
        Assert.NotEqual(orders[1], orders[2]);
        Assert.Equal(orders[0].Order(), orders[2].Order());
    }

    [Theory]
    [InlineData(true, 1, 3)]
    [InlineData(false, 1, 1)]
    public async Task Bounds_are_inclusive_or_exclusive_as_configured(bool inclusive, int before, int expected)
    {
        await using var session = await SimulatorSession.StartAsync(new() { Intercom = new() { Records = 0, BoundsInclusive = inclusive } });
        foreach (var second in new[] { -1, 0, 1 })
            session.Simulator.Intercom.Append($$"""{"id":"{{second}}"}""", session.Clock.GetUtcNow().AddSeconds(second - 100));

        var page = await session.IntercomJsonAsync(
            $"/admins/activity_logs?created_at_after={session.Now - 101}&created_at_before={session.Now - 100 + before}");

        Assert.Equal(expected, page.GetProperty("activity_logs").GetArrayLength());
    }

    [Fact]
    public async Task Twenty_a_page_is_the_default_and_the_stubborn_servers_only_size()
    {
        await using var session = await SimulatorSession.StartAsync();
        await using var stubborn = await SimulatorSession.StartAsync(new() { Intercom = new() { IgnorePerPage = true } });

        Assert.Equal((1, 20, 10), Numbers(await session.IntercomJsonAsync("/admins/activity_logs?created_at_after=0")));
        Assert.Equal((1, 20, 50), Numbers(await stubborn.IntercomJsonAsync("/admins/activity_logs?created_at_after=0&per_page=250")));
    }

    [Fact]
    public async Task The_next_url_is_absolute_and_keeps_the_parameters()
    {
        await using var session = await SimulatorSession.StartAsync();

        var page = await session.IntercomJsonAsync($"/admins/activity_logs?created_at_after=0&created_at_before={session.Now}&per_page=30");

        Assert.Equal(
            $"{session.Simulator.IntercomBaseUrl}/admins/activity_logs?created_at_after=0&created_at_before={session.Now}&page=2&per_page=30",
            page.GetProperty("pages").GetProperty("next").GetString());
    }

    [Fact]
    public async Task A_cursor_object_leads_on_as_well()
    {
        await using var session = await SimulatorSession.StartAsync(new() { Intercom = new() { Records = 50, Next = NextPageStyle.StartingAfter } });
        var pages = new List<JsonElement>();

        for (var query = ""; query is not null;)
        {
            var page = await session.IntercomJsonAsync("/admins/activity_logs?created_at_after=0" + query);
            Assert.Empty(VendorContract.Intercom.Violations(page, "activity_log_list"));
            pages.Add(page);
            var next = page.GetProperty("pages").GetProperty("next");
            query = next.ValueKind == JsonValueKind.Null ? null : "&starting_after=" + Uri.EscapeDataString(next.GetProperty("starting_after").GetString()!);
        }

        Assert.Equal(3, pages.Count);
        Assert.Equal(50, SimulatorSession.Ids(pages, "activity_logs").Distinct().Count());
    }

    [Theory]
    [InlineData(LastPageStyle.NextNull, "\"next\":null")]
    [InlineData(LastPageStyle.NextEmptyObject, "\"next\":{}")]
    [InlineData(LastPageStyle.NextAbsent, "{\"type\":\"pages\",\"page\":1")]
    [InlineData(LastPageStyle.PagesEmpty, "\"pages\":{},")]
    [InlineData(LastPageStyle.PagesNull, "\"pages\":null,")]
    [InlineData(LastPageStyle.PagesAbsent, "{\"type\":\"activity_log.list\",\"activity_logs\"")]
    public async Task The_last_page_ends_the_list_in_every_way(LastPageStyle style, string expected)
    {
        await using var session = await SimulatorSession.StartAsync(new() { Intercom = new() { Records = 3, LastPage = style } });

        var page = await session.IntercomJsonAsync("/admins/activity_logs?created_at_after=0");

        Assert.Contains(expected, page.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(3, page.GetProperty("activity_logs").GetArrayLength());
    }

    [Fact]
    public async Task A_page_after_the_last_is_empty_and_so_is_a_window_without_records()
    {
        await using var session = await SimulatorSession.StartAsync();

        var after = await session.IntercomJsonAsync("/admins/activity_logs?created_at_after=0&page=2000000000&per_page=250");
        var none = await session.IntercomJsonAsync("/admins/activity_logs?created_at_after=5&created_at_before=2");

        Assert.Equal(0, after.GetProperty("activity_logs").GetArrayLength());
        Assert.Equal(0, none.GetProperty("activity_logs").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, none.GetProperty("pages").GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task A_window_too_large_is_a_500()
    {
        await using var session = await SimulatorSession.StartAsync(new() { Intercom = new() { MaxWindow = TimeSpan.FromDays(5) } });

        using var large = await session.IntercomAsync(
            $"/admins/activity_logs?created_at_after={session.Now - (5 * 86_400) - 1}&created_at_before={session.Now}");
        using var right = await session.IntercomAsync($"/admins/activity_logs?created_at_after={session.Now - (5 * 86_400)}&created_at_before={session.Now}");

        Assert.Equal((500, 200), ((int)large.StatusCode, (int)right.StatusCode));
    }

    [Fact]
    public async Task Arrivals_shift_an_open_window_and_leave_a_closed_one_alone()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(100) with { ArrivalsPerRequest = 7 });
        var truth = session.Simulator.Intercom.VisibleIds();

        var closed = SimulatorSession.Ids(await session.WalkIntercomAsync($"created_at_after=0&created_at_before={session.Now - 1}"), "activity_logs");
        var open = SimulatorSession.Ids(await session.WalkIntercomAsync("created_at_after=0"), "activity_logs");

        Assert.Equal(truth.Order(), closed.Order());
        Assert.True(open.Count > open.Distinct().Count());
        Assert.Superset(truth.ToHashSet(), open.ToHashSet());
    }

    [Fact]
    public async Task Live_records_arrive_as_the_clock_moves()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(10) with { RatePerSecond = 2.5 });
        var start = session.Now;

        session.Clock.Advance(TimeSpan.FromSeconds(100));
        var page = await session.IntercomJsonAsync($"/admins/activity_logs?created_at_after={start}&per_page=250");

        Assert.Equal(250, page.GetProperty("activity_logs").GetArrayLength());
        Assert.Equal(start + 100, page.GetProperty("activity_logs")[0].GetProperty("created_at").GetInt64());
        Assert.Equal(260, session.Simulator.Sequence.VisibleCount);
    }

    [Fact]
    public async Task The_quota_counts_down_and_refuses_until_its_window_ends()
    {
        await using var session = await SimulatorSession.StartAsync(new() { RetryAfter = null, Intercom = new() { Records = 1, RateLimit = 3 } });
        session.Clock.Advance(TimeSpan.FromSeconds(4));
        const string Path = "/admins/activity_logs?created_at_after=0";
        var remaining = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            using var good = await session.IntercomAsync(Path);
            remaining.Add(Header(good, "X-RateLimit-Remaining"));
        }

        using var refused = await session.IntercomAsync(Path);
        session.Clock.Advance(TimeSpan.FromSeconds(6));
        using var again = await session.IntercomAsync(Path);

        Assert.Equal(["2", "1", "0"], remaining);
        Assert.Equal((429, 200), ((int)refused.StatusCode, (int)again.StatusCode));
        Assert.Equal(
            ("3", "0", $"{session.Now}"),
            (Header(refused, "X-RateLimit-Limit"), Header(refused, "X-RateLimit-Remaining"), Header(refused, "X-RateLimit-Reset")));
        Assert.Null(refused.Headers.RetryAfter);
        Assert.Equal(session.Clock.GetUtcNow(), again.Headers.Date);
        Assert.Contains("rate_limit_exceeded", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static (int Page, int PerPage, int Pages) Numbers(JsonElement page)
    {
        var pages = page.GetProperty("pages");
        return (pages.GetProperty("page").GetInt32(), pages.GetProperty("per_page").GetInt32(), pages.GetProperty("total_pages").GetInt32());
    }

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));
}
