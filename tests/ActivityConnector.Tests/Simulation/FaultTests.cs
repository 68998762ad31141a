using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Simulation;

public class FaultTests
{
    private const string IntercomList = "/admins/activity_logs?created_at_after=0&per_page=50";
    private const string SequenceList = "/activity-logs?sortOrder=ASC&limit=50";

    [Theory]
    [InlineData(FaultKind.ServerError, 500, "application/json", "server_error")]
    [InlineData(FaultKind.BadGateway, 502, "text/html", "<html>")]
    [InlineData(FaultKind.Unavailable, 503, "application/json", "service_unavailable")]
    [InlineData(FaultKind.TooManyRequests, 429, "application/json", "rate_limit_exceeded")]
    [InlineData(FaultKind.TooManyRequestsNoHeader, 429, "application/json", "rate_limit_exceeded")]
    [InlineData(FaultKind.Unauthorized, 401, "application/json", "unauthorized")]
    [InlineData(FaultKind.Forbidden, 403, "application/json", "api_plan_restricted")]
    [InlineData(FaultKind.Html, 200, "text/html", "<html>")]
    public async Task Intercom_fails_once_in_its_own_words_and_then_works(FaultKind kind, int status, string type, string says)
    {
        await using var session = await SimulatorSession.StartAsync();
        session.Simulator.Intercom.Faults.Next(kind);

        using var failed = await session.IntercomAsync(IntercomList);
        using var good = await session.IntercomAsync(IntercomList);
        var body = await failed.Content.ReadAsStringAsync();

        Assert.Equal((status, type), ((int)failed.StatusCode, failed.Content.Headers.ContentType!.MediaType));
        Assert.Contains(says, body, StringComparison.Ordinal);
        Assert.Equal(kind is not (FaultKind.TooManyRequestsNoHeader or FaultKind.Unauthorized), failed.Headers.Contains("X-RateLimit-Reset"));
        Assert.Equal(kind == FaultKind.TooManyRequests ? TimeSpan.FromSeconds(1) : null, failed.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        if (type == "application/json")
            Assert.Empty(VendorContract.Intercom.Violations(JsonDocument.Parse(body).RootElement, "error"));
    }

    [Theory]
    [InlineData(FaultKind.ServerError, 500, null)]
    [InlineData(FaultKind.BadGateway, 502, "text/html")]
    [InlineData(FaultKind.Unavailable, 503, null)]
    [InlineData(FaultKind.TooManyRequests, 429, null)]
    [InlineData(FaultKind.TooManyRequestsNoHeader, 429, null)]
    [InlineData(FaultKind.Unauthorized, 401, null)]
    [InlineData(FaultKind.Forbidden, 403, null)]
    [InlineData(FaultKind.Html, 200, "text/html")]
    public async Task Sequence_fails_once_without_a_word_and_then_works(FaultKind kind, int status, string? type)
    {
        await using var session = await SimulatorSession.StartAsync();
        session.Simulator.Sequence.Faults.Next(kind);

        using var failed = await session.SequenceAsync(SequenceList);
        using var good = await session.SequenceAsync(SequenceList);

        Assert.Equal((status, type), ((int)failed.StatusCode, failed.Content.Headers.ContentType?.MediaType));
        Assert.Equal(type is null, (await failed.Content.ReadAsStringAsync()).Length == 0);
        Assert.Equal(kind == FaultKind.TooManyRequests, failed.Headers.RetryAfter is not null);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Fact]
    public async Task A_truncated_answer_is_complete_http_and_broken_json()
    {
        await using var session = await SimulatorSession.StartAsync();
        session.Simulator.Intercom.Faults.Next(FaultKind.Truncated);
        session.Simulator.Sequence.Faults.Next(FaultKind.Truncated);

        foreach (var response in new[] { await session.IntercomAsync(IntercomList), await session.SequenceAsync(SequenceList) })
        {
            using (response)
            {
                var body = await response.Content.ReadAsByteArrayAsync();
                Assert.Equal(response.Content.Headers.ContentLength, body.Length);
                Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(body));
            }
        }
    }

    [Fact]
    public async Task A_reset_breaks_the_connection()
    {
        await using var session = await SimulatorSession.StartAsync();
        session.Simulator.Intercom.Faults.Next(FaultKind.Reset);
        session.Simulator.Sequence.Faults.Next(FaultKind.Reset);

        await Assert.ThrowsAsync<HttpRequestException>(() => session.IntercomAsync(IntercomList));
        await Assert.ThrowsAsync<HttpRequestException>(() => session.SequenceAsync(SequenceList));
        using var good = await session.IntercomAsync(IntercomList);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Fact]
    public async Task A_slow_answer_is_whole_once_the_clock_has_moved()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small() with { SlowDelay = TimeSpan.FromSeconds(90) });
        session.Simulator.Sequence.Faults.Next(FaultKind.Slow);

        var answer = session.SequenceAsync(SequenceList);
        Assert.Equal(TimeSpan.FromSeconds(90), await session.Clock.NextTimerAsync());
        Assert.False(answer.IsCompleted);
        session.Clock.Advance(TimeSpan.FromSeconds(90));

        using var response = await answer;
        Assert.Equal(50, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_timeout_lasts_until_the_client_gives_up_and_does_not_hold_the_simulator()
    {
        await using var session = await SimulatorSession.StartAsync();
        session.Simulator.Intercom.Faults.Next(FaultKind.Timeout, 2);
        using var patience = new CancellationTokenSource();

        var first = session.IntercomAsync(IntercomList, ct: patience.Token);
        await UntilAsync(() => session.Simulator.Intercom.Requests.Count == 1);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        var second = session.IntercomAsync(IntercomList);
        await UntilAsync(() => session.Simulator.Intercom.Requests.Count == 2);
        await session.Simulator.DisposeAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => second);
    }

    [Fact]
    public async Task Every_page_once_fails_each_page_once_and_loses_nothing()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small() with { Faults = [FaultSpec.Parse("every-page-once:1")] });
        var ids = new List<string>();

        foreach (var page in new[] { 1, 2, 3, 4 })
        {
            using var failed = await session.IntercomAsync($"{IntercomList}&page={page}");
            Assert.Equal(500, (int)failed.StatusCode);
            ids.AddRange(SimulatorSession.Ids([await session.IntercomJsonAsync($"{IntercomList}&page={page}")], "activity_logs"));
        }

        Assert.Equal(session.Simulator.Intercom.VisibleIds().Order(), ids.Order());
    }

    [Fact]
    public async Task A_bad_record_comes_on_top_of_the_good_ones()
    {
        await using var session = await SimulatorSession.StartAsync();
        session.Simulator.Intercom.Faults.Next(FaultKind.BadRecord);
        session.Simulator.Sequence.Faults.Next(FaultKind.BadRecord);

        const string BadRecord = "{\"id\":\"not a record\",},";
        using var intercom = await session.IntercomAsync(IntercomList);
        using var sequence = await session.SequenceAsync(SequenceList);

        foreach (var (answer, records) in new[] { (intercom, "activity_logs"), (sequence, "items") })
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Single(Regex.Matches(text, Regex.Escape(BadRecord)));
            Assert.Equal(50, JsonDocument.Parse(text.Replace(BadRecord, "", StringComparison.Ordinal)).RootElement.GetProperty(records).GetArrayLength());
        }
    }

    [Fact]
    public async Task A_bad_record_stays_where_it_is_however_often_it_is_asked_for()
    {
        await using var session = await SimulatorSession.StartAsync();
        session.Simulator.Intercom.Faults.Set(new FaultSpec(FaultKind.BadRecord, 0.5));

        var pages = new List<bool>();
        for (var i = 0; i < 20; i++)
        {
            using var once = await session.IntercomAsync($"{IntercomList}&x={i}");
            using var again = await session.IntercomAsync($"{IntercomList}&x={i}");
            pages.Add((await once.Content.ReadAsStringAsync()).Contains("not a record", StringComparison.Ordinal));
            Assert.Equal(pages[^1], (await again.Content.ReadAsStringAsync()).Contains("not a record", StringComparison.Ordinal));
        }

        Assert.Equal([false, true], pages.Distinct().Order());
    }

    [Fact]
    public async Task The_way_on_can_lead_astray()
    {
        await using var session = await SimulatorSession.StartAsync();
        var faults = session.Simulator.Intercom.Faults;
        faults.Next(FaultKind.NextLoop);
        faults.Next(FaultKind.NextForeignHost);
        faults.Next(FaultKind.TotalPagesChange);

        var loop = (await session.IntercomJsonAsync(IntercomList + "&page=2")).GetProperty("pages");
        var foreign = (await session.IntercomJsonAsync(IntercomList)).GetProperty("pages");
        var total = (await session.IntercomJsonAsync(IntercomList)).GetProperty("pages");

        Assert.Contains("page=2&", loop.GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(
            "http://api.intercom.test/admins/activity_logs?created_at_after=0&page=2", foreign.GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.Equal(5, total.GetProperty("total_pages").GetInt32());
    }

    [Fact]
    public async Task A_cursor_can_be_refused_or_lead_nowhere()
    {
        await using var session = await SimulatorSession.StartAsync();
        var faults = session.Simulator.Sequence.Faults;
        var first = await session.SequenceJsonAsync(SequenceList);
        var cursor = first.GetProperty("pagination").GetProperty("after").GetString()!;

        faults.Set(new FaultSpec(FaultKind.CursorRefused, 1));
        using var refused = await session.SequenceAsync($"{SequenceList}&after={Uri.EscapeDataString(cursor)}");
        using var withoutCursor = await session.SequenceAsync(SequenceList);
        faults.Set(new FaultSpec(FaultKind.NextLoop, 1));
        var loop = await session.SequenceJsonAsync($"{SequenceList}&after={Uri.EscapeDataString(cursor)}");
        faults.Clear();
        var last = (await session.WalkSequenceAsync(SequenceList.Split('?')[1]))[^1];

        Assert.Equal((400, 200), ((int)refused.StatusCode, (int)withoutCursor.StatusCode));
        Assert.Equal(cursor, loop.GetProperty("pagination").GetProperty("after").GetString());
        Assert.False(last.GetProperty("pagination").TryGetProperty("after", out _));
    }

    [Fact]
    public async Task A_script_is_played_in_its_order()
    {
        await using var session = await SimulatorSession.StartAsync();
        var faults = session.Simulator.Intercom.Faults;
        faults.NextWork(2);
        faults.Next(FaultKind.Unavailable, 2);
        faults.NextAnswer(new ScriptedAnswer(200, """{"type":"error.list"}""") { Headers = new Dictionary<string, string> { ["X-Odd"] = "1" } });
        var statuses = new List<int>();

        using var me = await session.IntercomAsync("/me");
        for (var i = 0; i < 4; i++)
        {
            using var response = await session.IntercomAsync(IntercomList);
            statuses.Add((int)response.StatusCode);
        }

        using var scripted = await session.IntercomAsync(IntercomList);
        Assert.Equal([200, 200, 503, 503], statuses);
        Assert.Equal("""{"type":"error.list"}""", await scripted.Content.ReadAsStringAsync());
        Assert.Equal("1", Assert.Single(scripted.Headers.GetValues("X-Odd")));
    }

    [Fact]
    public async Task Rates_hit_their_share_and_the_same_seed_hits_the_same_requests()
    {
        var (first, again, other) = (await StatusesAsync(5), await StatusesAsync(5), await StatusesAsync(6));

        Assert.InRange(first.Count(status => status == 500), 30, 90);
        Assert.InRange(first.Count(status => status == 503), 5, 40);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        static async Task<List<int>> StatusesAsync(int seed)
        {
            await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(1) with
            {
                Seed = seed,
                Faults = [FaultSpec.Parse("500:0.2")],
                Intercom = new() { Records = 1, Faults = [FaultSpec.Parse("503:6%")] },
            });
            var statuses = new List<int>();
            for (var i = 0; i < 300; i++)
            {
                using var response = await session.IntercomAsync(IntercomList);
                statuses.Add((int)response.StatusCode);
            }

            return statuses;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Yield();
    }
}
