using System.Text.Json;

namespace ActivityConnector.Tests.Simulation;

public class SequenceContractTests
{
    [Fact]
    public async Task Every_page_and_every_single_log_keeps_to_the_contract()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(4_000));

        var pages = await session.WalkSequenceAsync("sortOrder=ASC&limit=100");

        Assert.All(pages, page => Assert.Empty(VendorContract.Sequence.Violations(page, "ActivityLogListResponse")));
        foreach (var log in pages[3].GetProperty("items").EnumerateArray().Take(10))
        {
            var alone = await session.SequenceJsonAsync($"/activity-logs/{log.GetProperty("id").GetString()}");
            Assert.Empty(VendorContract.Sequence.Violations(alone, "ActivityLogResponse"));
            Assert.Equal(log.GetRawText(), alone.GetRawText());
        }

        using var missing = await session.SequenceAsync("/activity-logs/0199aaaa-0000-7000-8000-000000000000");
        Assert.Equal(404, (int)missing.StatusCode);
    }

    [Fact]
    public async Task Logs_are_as_varied_as_a_real_account()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(5_000));

        var logs = session.Simulator.Sequence.VisibleRecords().Select(r => JsonDocument.Parse(r).RootElement).ToList();
        var counts = logs.ConvertAll(l => l.GetProperty("activityLogItems").GetArrayLength());
        var traces = logs.ConvertAll(l => l.TryGetProperty("traceId", out var trace) ? trace.GetString()! : "");
        var digits = logs.Select(l => l.GetProperty("createdAt").GetString()!.Length).Distinct();
        var items = logs.SelectMany(l => l.GetProperty("activityLogItems").EnumerateArray()).ToList();

        Assert.True(counts.Count(n => n == 1) > 3_500);
        Assert.Contains(0, counts);
        Assert.Contains(50, counts);
        Assert.Contains(counts, n => n is > 1 and < 5);
        Assert.Contains("", traces);
        Assert.Contains(new string('0', 32), traces);
        Assert.Contains(traces, t => t.Length == 32 && t.Any(char.IsUpper));
        Assert.Contains(traces, t => t.StartsWith("Root=", StringComparison.Ordinal));
        Assert.Equal(4, digits.Count());
        Assert.Contains(items, i => i.GetProperty("activityLogId").GetString() is { } id && !logs.Exists(l => l.GetProperty("id").ValueEquals(id)));
        Assert.Contains(items, i => i.TryGetProperty("metadata", out var m) && m.EnumerateArray().Any(e => e.ValueKind != JsonValueKind.Object));
        Assert.Equal(items.Count, session.Simulator.Sequence.VisibleItemIds().Count);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("limit=ten")]
    [InlineData("sortOrder=asc")]
    [InlineData("after=")]
    [InlineData("after=MDE4NDUyNjYtNmQ2NC03N2M4LTlhZGYtNDQ4N2Q5NGQxNDU3")]
    [InlineData("before=x")]
    public async Task A_parameter_outside_the_contract_gets_an_empty_400(string query)
    {
        await using var session = await SimulatorSession.StartAsync();

        using var response = await session.SequenceAsync("/activity-logs?" + query);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_wrong_credential_gets_an_empty_401()
    {
        await using var session = await SimulatorSession.StartAsync();
        using var good = await session.SequenceAsync("/activity-logs");
        var old = good.RequestMessage!.Headers.Authorization;
        session.Simulator.Sequence.RotateClientSecret();

        using var rotated = await session.SequenceAsync("/activity-logs", r => r.Headers.Authorization = old);
        using var absent = await session.SequenceAsync("/activity-logs", r => r.Headers.Authorization = null);
        using var renewed = await session.SequenceAsync("/activity-logs");

        Assert.Equal(
            (200, 401, 401, 200),
            ((int)good.StatusCode, (int)rotated.StatusCode, (int)absent.StatusCode, (int)renewed.StatusCode));
        Assert.Empty(await rotated.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_version_is_echoed_and_an_unknown_one_is_refused_by_name()
    {
        await using var session = await SimulatorSession.StartAsync();

        using var good = await session.SequenceAsync("/activity-logs");
        using var without = await session.SequenceAsync("/activity-logs", r => r.Headers.Remove("Sequence-Version"));
        using var unknown = await session.SequenceAsync("/activity-logs", r =>
        {
            r.Headers.Remove("Sequence-Version");
            r.Headers.Add("Sequence-Version", "2024-01-01");
        });

        Assert.Equal("2024-07-30", Assert.Single(good.Headers.GetValues("Sequence-Version")));
        Assert.Equal("2024-07-30", Assert.Single(without.Headers.GetValues("Sequence-Version")));
        Assert.Equal(400, (int)unknown.StatusCode);
        Assert.Contains("UnrecognisedApiVersion", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_base_url_without_api_leads_to_the_dashboard()
    {
        await using var session = await SimulatorSession.StartAsync();

        using var response = await session.SequenceAsync("/../activity-logs");

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
    }
}
