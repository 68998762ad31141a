using System.Text.Json;

namespace ActivityConnector.Tests.Simulation;

public class SequencePagingTests
{
    [Theory]
    [InlineData("ASC", 100)]
    [InlineData("DESC", 100)]
    [InlineData("ASC", 7)]
    [InlineData("DESC", 7)]
    public async Task A_walk_shows_every_log_once_in_the_order_asked_for(string sort, int limit)
    {
        // A second for 503 logs: many in one millisecond.
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(503) with { Span = TimeSpan.FromSeconds(1) });

        var pages = await session.WalkSequenceAsync($"sortOrder={sort}&limit={limit}");
        var ids = SimulatorSession.Ids(pages, "items");

        Assert.Equal((503 + limit - 1) / limit, pages.Count);
        Assert.Equal(session.Simulator.Sequence.VisibleLogIds().Order(), ids.Order());
        Assert.Equal(sort == "ASC" ? ids.Order(StringComparer.Ordinal) : ids.OrderDescending(StringComparer.Ordinal), ids);
        Assert.All(pages, page => Assert.Equal(503, page.GetProperty("pagination").GetProperty("totalResultSize").GetInt64()));
    }

    [Theory]
    [InlineData("ASC")]
    [InlineData("DESC")]
    public async Task Before_leads_back_over_the_same_pages(string sort)
    {
        await using var session = await SimulatorSession.StartAsync();
        var forth = await session.WalkSequenceAsync($"sortOrder={sort}&limit=30");

        var last = forth[^1].GetProperty("pagination").GetProperty("before").GetString();
        var back = await session.WalkSequenceAsync($"sortOrder={sort}&limit=30", "before", last);

        Assert.Equal(
            forth.SkipLast(1).Select(page => page.GetProperty("items").GetRawText()).Reverse(),
            back.Select(page => page.GetProperty("items").GetRawText()));
        Assert.False(forth[0].GetProperty("pagination").TryGetProperty("before", out _));
    }

    [Fact]
    public async Task Newest_first_is_the_default()
    {
        await using var session = await SimulatorSession.StartAsync();

        var standard = await session.SequenceJsonAsync("/activity-logs");
        var descending = await session.SequenceJsonAsync("/activity-logs?sortOrder=DESC");

        Assert.Equal(descending.GetRawText(), standard.GetRawText());
    }

    [Fact]
    public async Task Arrivals_do_not_shift_a_walk()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(100) with { ArrivalsPerRequest = 7 });
        var truth = session.Simulator.Sequence.VisibleLogIds();

        var descending = SimulatorSession.Ids(await session.WalkSequenceAsync("sortOrder=DESC&limit=10"), "items");
        var ascending = SimulatorSession.Ids(await session.WalkSequenceAsync("sortOrder=ASC&limit=10"), "items");

        Assert.Equal(descending.Distinct(), descending);
        Assert.Superset(truth.ToHashSet(), descending.ToHashSet());
        Assert.Equal(ascending.Distinct(), ascending);
        Assert.Superset(descending.ToHashSet(), ascending.ToHashSet());
    }

    [Fact]
    public async Task The_last_page_has_no_cursor_unless_the_server_is_generous()
    {
        await using var session = await SimulatorSession.StartAsync();
        await using var generous = await SimulatorSession.StartAsync(new() { Sequence = new() { Records = 10, AfterOnLastPage = true } });

        var last = (await session.WalkSequenceAsync("sortOrder=ASC&limit=100"))[^1];
        var pages = await generous.WalkSequenceAsync("sortOrder=ASC&limit=10");

        Assert.False(last.GetProperty("pagination").TryGetProperty("after", out _));
        Assert.Equal([10, 0], pages.Select(page => page.GetProperty("items").GetArrayLength()));
    }

    [Fact]
    public async Task A_cursor_is_good_only_for_the_sort_order_and_filters_it_was_made_for_and_until_it_expires()
    {
        await using var session = await SimulatorSession.StartAsync();
        var page = await session.SequenceJsonAsync("/activity-logs?sortOrder=ASC&limit=10");
        var cursor = Uri.EscapeDataString(page.GetProperty("pagination").GetProperty("after").GetString()!);

        Assert.Equal(200, await StatusAsync($"sortOrder=ASC&after={cursor}"));
        Assert.Equal(200, await StatusAsync($"sortOrder=ASC&before={cursor}"));
        Assert.Equal(400, await StatusAsync($"sortOrder=DESC&after={cursor}"));
        Assert.Equal(400, await StatusAsync($"after={cursor}"));
        Assert.Equal(400, await StatusAsync($"sortOrder=ASC&activityLogObjectEntityId=x&after={cursor}"));
        Assert.Equal(400, await StatusAsync($"sortOrder=ASC&before={cursor}&after={cursor}"));

        session.Simulator.Sequence.ExpireCursors();
        Assert.Equal(400, await StatusAsync($"sortOrder=ASC&after={cursor}"));

        async Task<int> StatusAsync(string query)
        {
            using var response = await session.SequenceAsync("/activity-logs?" + query);
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task Filters_choose_the_logs_of_one_object()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(1_000));
        var objects = session.Simulator.Sequence.VisibleRecords()
            .SelectMany(log => JsonDocument.Parse(log).RootElement.GetProperty("activityLogItems").EnumerateArray())
            .Select(item => item.GetProperty("activityLogObject")).Where(o => o.TryGetProperty("entityId", out _)).ToList();
        var entity = objects.GroupBy(o => o.GetProperty("entityId").GetString()!).MaxBy(group => group.Count())!;
        var record = objects[17].GetProperty("id").GetString();

        var byEntity = await session.WalkSequenceAsync($"sortOrder=ASC&limit=1&activityLogObjectEntityId={entity.Key}");
        var byRecord = await session.SequenceJsonAsync($"/activity-logs?activityLogObjectId={record}");

        Assert.True(entity.Count() > 1);
        Assert.Equal(byEntity.Count, byEntity[0].GetProperty("pagination").GetProperty("totalResultSize").GetInt64());
        Assert.Equal(entity.Count(), byEntity.SelectMany(p => p.GetProperty("items").EnumerateArray()).Sum(log =>
            log.GetProperty("activityLogItems").EnumerateArray().Count(item => IsOf(item, entity.Key))));
        Assert.Equal(1, byRecord.GetProperty("items").GetArrayLength());

        static bool IsOf(JsonElement item, string entityId) =>
            item.GetProperty("activityLogObject").TryGetProperty("entityId", out var id) && id.ValueEquals(entityId);
    }

    [Fact]
    public async Task Over_the_quota_of_a_minute_is_an_empty_429()
    {
        await using var session = await SimulatorSession.StartAsync(
            new() { Sequence = new() { RequestsPerMinute = 2 } });
        session.Clock.Advance(TimeSpan.FromSeconds(53));
        using var first = await session.SequenceAsync("/activity-logs");
        using var second = await session.SequenceAsync("/activity-logs");
        using var refused = await session.SequenceAsync("/activity-logs");
        session.Clock.Advance(TimeSpan.FromSeconds(7));
        using var again = await session.SequenceAsync("/activity-logs");

        Assert.Equal((200, 200, 429, 200), ((int)first.StatusCode, (int)second.StatusCode, (int)refused.StatusCode, (int)again.StatusCode));
        Assert.Equal(TimeSpan.FromSeconds(7), refused.Headers.RetryAfter!.Delta);
        Assert.Empty(await refused.Content.ReadAsStringAsync());
    }
}
