using Microsoft.Playwright;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>The distribution's Chromium without a window, one for all tests of the page. Nothing is downloaded.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Other tests run on the same processors.</summary>
    private const float Patience = 60_000;

    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome-stable" }.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Why there is none; null when there is.</summary>
    public static string? Missing { get; } = Program is null ? "There is no Chromium here: apt-get install chromium." : null;

    public async Task InitializeAsync()
    {
        if (Program is null) return;

        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Timeout = Patience });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();

        _playwright?.Dispose();
    }

    /// <summary>A tab of its own, with its own storage, at an address.</summary>
    public async Task<BrowserTab> OpenAsync(string url, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 800)
    {
        var context = await (_browser ?? throw new InvalidOperationException(Missing)).NewContextAsync(new()
        {
            ColorScheme = scheme,
            ViewportSize = new() { Width = width, Height = height },
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(Patience);
        var tab = new BrowserTab(context, await context.NewPageAsync());
        await tab.Page.GotoAsync(url);
        return tab;
    }
}

/// <summary>A tab with all that it asked for and complained of.</summary>
public sealed class BrowserTab : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _requests = [];
    private readonly List<string> _complaints = [];

    public BrowserTab(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Request += (_, request) => Add(_requests, request.Url);
        page.PageError += (_, error) => Add(_complaints, error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") Add(_complaints, message.Text);
        };
    }

    public IPage Page { get; }

    /// <summary>Every address that was asked for.</summary>
    public IReadOnlyList<string> Requests => Copy(_requests);

    /// <summary>Errors and warnings: of scripts, of the network, and every violation of the content security policy.</summary>
    public IReadOnlyList<string> Complaints => Copy(_complaints);

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private static void Add(List<string> list, string text)
    {
        lock (list)
        {
            list.Add(text);
        }
    }

    private static List<string> Copy(List<string> list)
    {
        lock (list)
        {
            return [.. list];
        }
    }
}

/// <summary>Tests that share the one browser; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<Browser>
{
    public const string Name = "Browser";
}

/// <summary>A test that needs a browser: skipped, and counted, where there is none; a failure where REQUIRE_SERVERS is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = ServerFolder.IsRequired ? null : Browser.Missing;
}

/// <summary>As <see cref="BrowserFactAttribute"/>, with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = ServerFolder.IsRequired ? null : Browser.Missing;
}
