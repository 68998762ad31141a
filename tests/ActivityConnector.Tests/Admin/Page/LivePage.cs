using System.Text.Json;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Microsoft.Playwright;

namespace ActivityConnector.Tests.Admin.Page;

/// <summary>Both simulated vendors with new records every second, the real connector as a process, and its page in a tab.</summary>
internal sealed class LivePage : IAsyncDisposable
{
    public const string Token = "a-token-of-this-test-0123456789";

    private const int Records = 300;

    private ConnectorProcess _connector;

    private LivePage(Scene scene, ConnectorProcess connector, BrowserTab tab, string url) => (Scene, _connector, Tab, Url) = (scene, connector, tab, url);

    public Scene Scene { get; }

    public BrowserTab Tab { get; }

    public IPage Page => Tab.Page;

    public string Url { get; }

    public ILocator Verdict => Page.Locator("#verdict-sentence");

    public ILocator Events => Page.Locator("#events tbody");

    /// <param name="token">Whether the connector has <see cref="Token"/>; the page is not given it.</param>
    public static async Task<LivePage> OpenAsync(
        Browser browser, bool token = false, ColorScheme scheme = ColorScheme.Light, int width = 1280, Action<Scene>? prepare = null)
    {
        var scene = await Scene.OpenLiveAsync(Records, ratePerSecond: 1);
        prepare?.Invoke(scene);
        var url = $"http://127.0.0.1:{ServerFolder.FreePorts(1)}";
        scene.Settings["Admin__Enabled"] = "true";
        scene.Settings["Admin__Url"] = url;
        if (token) scene.Settings["Admin__Token"] = Token;

        var connector = await StartAsync(scene);
        return new LivePage(scene, connector, await browser.OpenAsync(url, scheme, width), url);
    }

    /// <summary>The row of a source.</summary>
    public ILocator Source(string name) => Page.Locator("#sources tbody").Filter(new() { Has = Page.GetByRole(AriaRole.Rowheader, new() { Name = name }) });

    /// <summary>Gives the page its token, as a person would.</summary>
    public async Task UnlockAsync(string token = Token, string name = "")
    {
        await Page.GetByLabel("The value of Admin:Token").FillAsync(token);
        await Page.GetByLabel("Your name").FillAsync(name);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
    }

    /// <summary>Intercom has one more record, of now.</summary>
    public void Append(string description, string email = "eve@example.com")
    {
        var now = Scene.Clock.GetUtcNow();
        Scene.Vendors.Intercom.Append(
            JsonSerializer.Serialize(new
            {
                id = Guid.NewGuid().ToString(),
                performed_by = new { type = "admin", id = "77", email, ip = "192.0.2.7" },
                created_at = now.ToUnixTimeSeconds(),
                activity_type = "app_name_change",
                activity_description = description,
            }),
            now);
    }

    /// <summary>SIGKILL.</summary>
    public async Task StopAsync()
    {
        _connector.Kill();
        await _connector.DisposeAsync();
    }

    /// <summary>At the same address.</summary>
    public async Task StartAgainAsync() => _connector = await StartAsync(Scene);

    /// <summary>Nothing was asked for but what the connector has, and nothing failed or was refused.</summary>
    public void AssertQuiet()
    {
        Assert.Empty(Tab.Complaints);
        Assert.All(Tab.Requests, request => Assert.StartsWith(Url + "/", request, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await Tab.DisposeAsync();
        await _connector.DisposeAsync();
        await Scene.DisposeAsync();
    }

    private static async Task<ConnectorProcess> StartAsync(Scene scene)
    {
        var connector = scene.Start("run");

        // It listens before it reads.
        await connector.SeenAsync("is owned by this process");
        return connector;
    }
}
