using System.Net;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Admin;

/// <summary>Who may look and who may change.</summary>
public sealed class AccessTests
{
    private const string Pause = "/api/v1/sources/intercom/pause";

    [Fact]
    public async Task Without_a_token_this_machine_may_read_and_nobody_change()
    {
        await using var scene = await AdminScene.OpenAsync(token: null);
        await scene.StartAsync();
        using var read = await scene.SendAsync(HttpMethod.Get, "/api/v1/status");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Post, HttpMethod.Delete, HttpMethod.Patch, new("PROPFIND")])
        {
            using var change = await scene.SendAsync(method, Pause);
            Assert.Equal(HttpStatusCode.Forbidden, change.StatusCode);
            Assert.Contains("Admin:Token", await change.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task With_a_token_only_its_bearer_sees_anything_but_health()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        scene.Http.DefaultRequestHeaders.Authorization = null;
        foreach (var path in (string[])["/livez", "/startupz", "/readyz", "/readyz?verbose"])
        {
            using var health = await scene.SendAsync(HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        }

        string[] paths =
        [
            "/api/v1/status", "/api/v1/events", "/api/v1/stream", "/api/v1/dead-letters", "/metrics", "/openapi.json", "/readyz/../api/v1/status", "/livez/",
        ];
        string[] wrong =
        [
            "", "Bearer", "Bearer ", "Bearer wrong", $"Basic {AdminScene.Token}", $"Bearer {AdminScene.Token}x", $"Bearer {AdminScene.Token[..^1]}",
        ];
        foreach (var path in paths)
        {
            foreach (var header in wrong)
            {
                using var refused = await scene.SendAsync(HttpMethod.Get, path, null, ("Authorization", header));
                Assert.True(refused.StatusCode == HttpStatusCode.Unauthorized, $"{path} with '{header}': {refused.StatusCode}");
                Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
            }
        }

        using var right = await scene.SendAsync(HttpMethod.Get, "/api/v1/status", null, ("Authorization", $"bearer {AdminScene.Token}"));
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Fact]
    public async Task No_other_site_reads_or_changes_anything_even_with_the_token()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        foreach (var (name, value) in ((string, string)[])
            [
                ("Origin", "http://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"),
                ("Host", "evil.example"),
            ])
        {
            using var read = await scene.SendAsync(HttpMethod.Get, "/api/v1/status", null, (name, value));
            using var change = await scene.SendAsync(HttpMethod.Put, Pause, null, (name, value));
            Assert.Contains(read.StatusCode, (HttpStatusCode[])[HttpStatusCode.Forbidden, HttpStatusCode.MisdirectedRequest]);
            Assert.Equal(read.StatusCode, change.StatusCode);
            Assert.False(read.Headers.Contains("Access-Control-Allow-Origin"));
        }

        using var parts = await scene.SendAsync(HttpMethod.Get, "/readyz", null, ("Host", "evil.example"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, parts.StatusCode);
        using var behindTls = await scene.SendAsync(HttpMethod.Put, Pause, null, ("Origin", scene.Url.Replace("http:", "https:", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.OK, behindTls.StatusCode);
        using var own = await scene.SendAsync(HttpMethod.Put, Pause, null, ("Origin", scene.Url), ("Sec-Fetch-Site", "same-origin"));
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    [Fact]
    public async Task A_changed_token_file_counts_at_once_and_an_empty_one_lets_nobody_in()
    {
        await using var scene = await AdminScene.OpenAsync(token: null);
        var file = Path.Combine(scene.Scene.Folder, "token");
        await File.WriteAllTextAsync(file, "the-first-token-0123456789\n");
        scene.Scene.Settings["Admin__TokenFile"] = file;
        scene.Http.DefaultRequestHeaders.Authorization = new("Bearer", "the-first-token-0123456789");
        await scene.StartAsync();

        await File.WriteAllTextAsync(file, "the-second-token-0123456789");
        using (var old = await scene.SendAsync(HttpMethod.Get, "/api/v1/status")) Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);

        scene.Http.DefaultRequestHeaders.Authorization = new("Bearer", "the-second-token-0123456789");
        using (var changed = await scene.SendAsync(HttpMethod.Get, "/api/v1/status")) Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        await File.WriteAllTextAsync(file, "");
        scene.Http.DefaultRequestHeaders.Authorization = null;
        using var empty = await scene.SendAsync(HttpMethod.Get, "/api/v1/status", null, ("Authorization", "Bearer "));
        Assert.Equal(HttpStatusCode.Unauthorized, empty.StatusCode);
    }

    [Theory]
    [InlineData("http://*:0", null, "Admin:Token: It is missing")]
    [InlineData("http://0.0.0.0:0", null, "Admin:Token: It is missing")]
    [InlineData("http://127.0.0.1:0", "short", "fewer than 16 characters")]
    [InlineData("https://127.0.0.1:8080", null, "Admin:Url")]
    [InlineData("http://127.0.0.1:8080/sub", null, "Admin:Url")]
    public async Task An_address_that_others_reach_needs_a_good_token_before_anything_starts(string url, string? token, string problem)
    {
        await using var scene = await AdminScene.OpenAsync(token);
        scene.Scene.Settings["Admin__Url"] = url;
        var (exitCode, _, errors) = await scene.Scene.RunAsync("run");

        Assert.Equal(64, exitCode);
        Assert.Contains(problem, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_in_use_is_named_before_anything_is_read()
    {
        await using var scene = await AdminScene.OpenAsync();
        using var other = new System.Net.Sockets.TcpListener(IPAddress.Loopback, new Uri(scene.Url).Port);
        other.Start();
        var (exitCode, _, errors) = await scene.Scene.RunAsync("run");

        Assert.Equal(64, exitCode);
        Assert.Contains("Admin:Url: The connector cannot listen at", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("is owned by", errors, StringComparison.Ordinal);
    }
}
