using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Admin;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Admin;

/// <summary>The API of a connector whose schedule does not run: while it starts or stops, or because it has no sources.</summary>
public sealed class UnscheduledConnectorTests
{
    [Fact]
    public async Task A_change_is_made_and_a_refusal_says_its_own_reason()
    {
        await using var scene = await SceneAsync();
        await using var connector = await OpenAsync(scene, Role.All);
        await connector.RunOnceAsync(CancellationToken.None, CancellationToken.None);
        await using var admin = await StartAsync(scene, connector);
        using var http = AdminScene.Client(admin.Url);

        using var moved = await http.PatchAsJsonAsync("/api/v1/sources/intercom/checkpoint", new { watermark = scene.Clock.GetUtcNow().AddDays(-10) });
        Assert.Equal(HttpStatusCode.Conflict, moved.StatusCode);
        Assert.Contains("is not paused", await moved.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var paused = await http.PutAsync("/api/v1/sources/intercom/pause", null);
        Assert.Equal(HttpStatusCode.OK, paused.StatusCode);
        var now = scene.Clock.GetUtcNow();
        using var asked = await http.PostAsJsonAsync("/api/v1/backfills", new { source = "intercom", from = now.AddDays(-900), to = now.AddDays(-899) });
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        var id = JsonNode.Parse(await asked.Content.ReadAsStringAsync())!["id"]!.GetValue<string>();
        using var cancelled = await http.DeleteAsync($"/api/v1/backfills/{id}");
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        using var again = await http.DeleteAsync($"/api/v1/backfills/{id}");
        Assert.DoesNotContain("has not started", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var run = await http.PostAsync("/api/v1/sources/intercom/run", null);
        Assert.Contains("has not started yet", await run.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dead_letters_of_a_source_that_is_not_collected_here_are_told_of_in_its_stream()
    {
        await using var scene = await SceneAsync();
        await using var connector = await OpenAsync(scene, Role.Index);
        await using (var writer = await connector.Journal.OpenWriterAsync(Some.Intercom, default))
        {
            await writer.CommitAsync(Some.Commit(1, [], null, Some.DeadLetter(1), Some.DeadLetter(2)), default);
        }

        await using var admin = await StartAsync(scene, connector);
        using var http = AdminScene.Client(admin.Url);
        using var one = await http.DeleteAsync($"/api/v1/dead-letters/{Some.DeadLetter(1).Id}");
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
        using var all = await http.PostAsync("/api/v1/dead-letters/discard", null);

        Assert.Equal("""{"count":1}""", await all.Content.ReadAsStringAsync());
        var told = (await http.GetFromJsonAsync<JsonNode>($"/api/v1/events?source={Some.Intercom}"))!["events"]!.AsArray();
        Assert.Equal(
            ["dead-letter-discarded", "dead-letter-discarded"], told.Select(e => e!["event"]!["event.action"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("/api/v1/dead-letters?stage=indx", HttpStatusCode.BadRequest, "There are: page, size, index.")]
    [InlineData("/api/v1/dead-letters?source=nix", HttpStatusCode.NotFound, "There is no source nix.")]
    [InlineData("/api/v1/events?source=nix", HttpStatusCode.NotFound, "There is no source nix.")]
    public async Task A_filter_that_means_nothing_is_an_error(string path, HttpStatusCode status, string says)
    {
        await using var scene = await SceneAsync();
        await using var connector = await OpenAsync(scene, Role.All);
        await using var admin = await StartAsync(scene, connector);
        using var http = AdminScene.Client(admin.Url);

        using var answer = await http.GetAsync(path);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dead_letters_are_filtered_by_stage_and_by_any_name_of_their_source()
    {
        await using var scene = await SceneAsync();
        await using var connector = await OpenAsync(scene, Role.Index);
        await connector.Journal.KeepDeadLettersAsync(
            [
                Some.DeadLetter(1), Some.DeadLetter(2) with { Stage = DeadLetterStage.Index },
                Some.DeadLetter(3) with { Origin = "intercom /admins" }, Some.DeadLetter(4) with { Origin = "sequence/main" },
            ],
            default);
        await using (var writer = await connector.Journal.OpenWriterAsync(Some.Intercom, default))
        {
            await writer.CommitAsync(Some.Commit(1, []), default);
        }

        await using var admin = await StartAsync(scene, connector);
        using var http = AdminScene.Client(admin.Url);

        Assert.Equal([3, 2, 1], await ListAsync("source=intercom"));
        Assert.Equal([3, 2, 1], await ListAsync($"source={Some.Intercom}"));
        Assert.Equal([2], await ListAsync("source=intercom&stage=index"));
        Assert.Equal([4], await ListAsync("source=sequence"));

        async Task<IEnumerable<int>> ListAsync(string query) =>
            (await http.GetFromJsonAsync<JsonNode>($"/api/v1/dead-letters?{query}"))!["dead_letters"]!.AsArray()
                .Select(letter => Enumerable.Range(1, 4).Single(number => Some.DeadLetter(number).Id == letter!["id"]!.GetValue<string>()));
    }

    private static async Task<Scene> SceneAsync()
    {
        var scene = await Scene.OpenAsync(o => o with { Intercom = o.Intercom with { Records = 20 }, Sequence = o.Sequence with { Records = 20 } });
        scene.Settings["Admin__Url"] = "http://127.0.0.1:0";
        scene.Settings["Admin__Token"] = AdminScene.Token;
        return scene;
    }

    private static async Task<ConnectorHost> OpenAsync(Scene scene, Role role) =>
        await ConnectorHost.OpenAsync(OptionsOf(scene), role, null, scene.Clock, NullLoggerFactory.Instance, default);

    private static Task<AdminServer> StartAsync(Scene scene, ConnectorHost connector) =>
        AdminServer.StartAsync(OptionsOf(scene), connector, scene.Clock, NullLoggerFactory.Instance, default);

    private static ConnectorOptions OptionsOf(Scene scene)
    {
        var loaded = LoadedConfiguration.Load(new ConfigurationInput { Environment = scene.Settings, WorkingDirectory = scene.Folder }, scene.Clock);
        Assert.True(loaded.CanRun, string.Join('\n', loaded.Problems));
        return loaded.Options;
    }
}
