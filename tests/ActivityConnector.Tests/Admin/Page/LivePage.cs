using System.Text.Json;
using ActivityConnector.Tests.Shared.Servers;
using Microsoft.Playwright;

namespace ActivityConnector.Tests.Admin.Page;

/// <summary>A running connector whose vendors have a new record every second, and its page in a tab.</summary>
internal sealed class LivePage : IAsyncDisposable
{
    private LivePage(AdminScene scene, BrowserTab tab) => (Scene, Tab) = (scene, tab);

    public AdminScene Scene { get; }

    public BrowserTab Tab { get; }

    public IPage Page => Tab.Page;

    public ILocator Verdict => Page.Locator("#verdict-sentence");

    public ILocator Events => Page.Locator("#events tbody");

    /// <param name="token">The connector's; the page is not given it.</param>
    public static async Task<LivePage> OpenAsync(Browser browser, string? token = null, ColorScheme scheme = ColorScheme.Light, int width = 1280)
    {
        var scene = await AdminScene.OpenLiveAsync(token);
        await scene.StartAsync();
        return new LivePage(scene, await browser.OpenAsync(scene.Url, scheme, width));
    }

    /// <summary>The row of a source.</summary>
    public ILocator Source(string name) => Page.Locator("#sources tbody").Filter(new() { Has = Page.GetByRole(AriaRole.Rowheader, new() { Name = name }) });

    /// <summary>The rows of the events that hold a text.</summary>
    public ILocator EventsWith(string text) => Events.Filter(new() { HasText = text });

    /// <summary>Gives the page its token, as a person would.</summary>
    public async Task UnlockAsync(string token = AdminScene.Token, string name = "")
    {
        await Page.GetByLabel("The value of Admin:Token").FillAsync(token);
        await Page.GetByLabel("Your name").FillAsync(name);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
    }

    /// <summary>Intercom has one more record, of now.</summary>
    public void Append(string description, string email = "eve@example.com")
    {
        var now = Scene.Scene.Clock.GetUtcNow();
        Scene.Scene.Vendors.Intercom.Append(
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

    /// <summary>Nothing was asked for but what the connector has, and nothing failed or was refused.</summary>
    public void AssertQuiet()
    {
        Assert.Empty(Tab.Complaints);
        Assert.All(Tab.Requests, request => Assert.StartsWith(Scene.Url + "/", request, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await Tab.DisposeAsync();
        await Scene.DisposeAsync();
    }
}
