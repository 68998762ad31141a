using System.Net;
using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Admin;

/// <summary>Sources are paused, resumed, moved and reset while the connector runs.</summary>
public sealed class SourceChangesTests
{
    private const string Intercom = "/api/v1/sources/intercom";

    [Fact]
    public async Task A_paused_source_reads_nothing_also_after_a_kill_and_reads_on_when_it_is_resumed()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        var paused = await scene.ChangeAsync(HttpMethod.Put, $"{Intercom}/pause");
        Assert.Equal("Ada", paused!["paused"]!["by"]!.GetValue<string>());

        scene.Connector!.Kill();
        await scene.StartAsync();
        scene.Scene.Vendors.Intercom.Append(Record("late-1", scene.Scene.Clock.GetUtcNow().AddMinutes(-5)), scene.Scene.Clock.GetUtcNow().AddMinutes(-5));
        await scene.ChangeAsync(HttpMethod.Post, $"{Intercom}/run");
        await scene.ChangeAsync(HttpMethod.Post, "/api/v1/sources/sequence/run");
        await scene.UntilStatusAsync(s => s["sources"]!.AsArray().Any(source => source!["condition"]!.GetValue<string>() == "up_to_date"));

        Assert.Equal("paused", (await scene.SourceAsync("intercom"))["condition"]!.GetValue<string>());
        Assert.Empty(await EventsAsync(scene, "late-1"));

        await scene.ChangeAsync(HttpMethod.Put, $"{Intercom}/resume");
        await scene.UntilStatusAsync(s => s["sources"]![0]!["condition"]!.GetValue<string>() == "up_to_date");
        Assert.Single(await EventsAsync(scene, "late-1"));
        var audit = await EventsAsync(scene, "activity_connector.audit");
        Assert.Equal(["source-resumed", "source-paused"], audit.Select(e => e!["event"]!["event.action"]!.GetValue<string>()));
        Assert.All(audit, e => Assert.Equal("Ada", e!["event"]!["user.name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Pausing_twice_is_one_change_and_one_audit_event()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        await scene.ChangeAsync(HttpMethod.Put, $"{Intercom}/pause");
        await scene.ChangeAsync(HttpMethod.Put, $"{Intercom}/pause");

        Assert.Single(await EventsAsync(scene, "source-paused"));
    }

    [Fact]
    public async Task A_position_moves_only_while_the_source_is_paused_and_nothing_is_published_twice_by_it()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        var move = new { watermark = scene.Scene.Clock.GetUtcNow().AddDays(-10) };
        using (var refused = await scene.SendAsync(HttpMethod.Patch, $"{Intercom}/checkpoint", move))
        {
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains("Pause it first", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await scene.ChangeAsync(HttpMethod.Put, $"{Intercom}/pause");
        using (var future = await scene.SendAsync(HttpMethod.Patch, $"{Intercom}/checkpoint", new { watermark = DateTimeOffset.MaxValue }))
        {
            Assert.Equal(HttpStatusCode.Conflict, future.StatusCode);
            Assert.Contains("in the future", await future.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await scene.ChangeAsync(HttpMethod.Patch, $"{Intercom}/checkpoint", move);
        var checkpoint = await scene.GetAsync($"{Intercom}/checkpoint");
        Assert.Equal(move.watermark.ToUnixTimeSeconds(), checkpoint["window"]!["watermark"]!.GetValue<long>());
        Assert.Equal("paused", (await scene.SourceAsync("intercom"))["condition"]!.GetValue<string>());

        Assert.Single(await EventsAsync(scene, "checkpoint-moved"));
        await ResumeAndAssertCompleteAsync(scene);
    }

    [Fact]
    public async Task A_source_that_is_reset_stays_paused_is_then_read_from_its_start_and_nothing_is_published_twice()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        var before = await scene.SourceAsync("intercom");
        await scene.ChangeAsync(HttpMethod.Put, $"{Intercom}/pause");
        var now = scene.Scene.Clock.GetUtcNow();
        var backfill = await scene.ChangeAsync(
            HttpMethod.Post, "/api/v1/backfills", new { source = "intercom", from = now.AddDays(-900), to = now.AddDays(-899) });

        var reset = (await scene.ChangeAsync(HttpMethod.Delete, $"{Intercom}/checkpoint"))!;

        Assert.Equal("paused", reset["source"]!["condition"]!.GetValue<string>());
        Assert.Equal([backfill!["id"]!.GetValue<string>()], reset["cancelled_ranges"]!.AsArray().Select(range => range!["id"]!.GetValue<string>()));
        var window = (await scene.GetAsync($"{Intercom}/checkpoint"))["window"]!;
        Assert.Equal(window["backfill_from"]!.GetValue<long>() - 1, window["watermark"]!.GetValue<long>());
        Assert.Single(await EventsAsync(scene, "checkpoint-reset"));
        foreach (var source in new[] { "intercom", "sequence" })
        {
            await scene.ChangeAsync(HttpMethod.Put, $"/api/v1/sources/{source}/pause");
            await scene.ChangeAsync(HttpMethod.Delete, $"/api/v1/sources/{source}/checkpoint");
        }

        await scene.ChangeAsync(HttpMethod.Put, "/api/v1/sources/sequence/resume");
        Assert.Equal(
            before["totals"]!["published"]!.GetValue<long>(), (await scene.SourceAsync("intercom"))["totals"]!["published"]!.GetValue<long>());
        await ResumeAndAssertCompleteAsync(scene);
    }

    [Fact]
    public async Task Changes_that_come_all_at_once_lose_and_double_nothing()
    {
        await using var scene = await AdminScene.OpenAsync(change: o => o with
        {
            Intercom = o.Intercom with { Records = 5_000 },
            Sequence = o.Sequence with { Records = 5_000 },
        });
        scene.Scene.Settings["Sources__Intercom__Schedule"] = "* * * * * ?";
        scene.Scene.Settings["Sources__Sequence__Schedule"] = "* * * * * ?";
        await scene.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
        {
            var source = $"/api/v1/sources/{(i % 2 == 0 ? "intercom" : "sequence")}";
            return (i / 2 % 3) switch
            {
                0 => scene.ChangeAsync(HttpMethod.Put, $"{source}/pause"),
                1 => scene.ChangeAsync(HttpMethod.Put, $"{source}/resume"),
                _ => scene.ChangeAsync(HttpMethod.Post, $"{source}/run"),
            };
        }));
        await scene.ChangeAsync(HttpMethod.Put, "/api/v1/sources/sequence/resume");
        await ResumeAndAssertCompleteAsync(scene);
    }

    [Theory]
    [InlineData("GET", "/api/v1/sources/nix", HttpStatusCode.NotFound)]
    [InlineData("PUT", "/api/v1/sources/nix/pause", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/v1/sources/%2e%2e%2f/run", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/api/v1/dead-letters/nix", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/v1/dead-letters/nix/replay", HttpStatusCode.Conflict)]
    [InlineData("POST", "/api/v1/status", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/api/v1/backfills", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/v1/events?limit=x", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/nix", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_or_not_possible_is_said_as_problem_details(string method, string path, HttpStatusCode status)
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        using var answer = await scene.SendAsync(new HttpMethod(method), path, path.EndsWith("backfills", StringComparison.Ordinal) ? new { } : null);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal((int)status, problem["status"]!.GetValue<int>());
        Assert.NotEmpty(problem["title"]!.GetValue<string>());
    }

    private static async Task ResumeAndAssertCompleteAsync(AdminScene scene)
    {
        await scene.ChangeAsync(HttpMethod.Put, $"{Intercom}/resume");
        await scene.UntilStatusAsync(s => s["sources"]!.AsArray().All(source => source!["condition"]!.GetValue<string>() == "up_to_date"));
        await scene.StopAsync();
        await scene.Scene.AssertCompleteAsync();
    }

    private static async Task<List<JsonNode?>> EventsAsync(AdminScene scene, string search) =>
        [.. (await scene.GetAsync($"/api/v1/events?search={search}&limit=500"))["events"]!.AsArray()];

    private static string Record(string id, DateTimeOffset at) =>
        $$"""{"id":"{{id}}","performed_by":{"type":"admin","id":"1"},"created_at":{{at.ToUnixTimeSeconds()}},"activity_type":"app_name_change"}""";
}
