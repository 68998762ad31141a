using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Admin;

/// <summary>The real connector as a process that listens, both vendors in this process, and a client with the token.</summary>
internal sealed class AdminScene : IAsyncDisposable
{
    public const string Token = "a-token-of-the-test-0123456789";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private AdminScene(Scene scene, string url) => (Scene, Url) = (scene, url);

    public Scene Scene { get; }

    public string Url { get; }

    public ConnectorProcess? Connector { get; private set; }

    public HttpClient Http { get; private set; } = new();

    public static async Task<AdminScene> OpenAsync(string? token = Token, Func<SimulatorOptions, SimulatorOptions>? change = null) => Of(
        await Scene.OpenAsync(change ?? (o => o with { Intercom = o.Intercom with { Records = 200 }, Sequence = o.Sequence with { Records = 200 } })), token);

    /// <summary>The vendors have a new record every second.</summary>
    public static async Task<AdminScene> OpenLiveAsync(string? token = Token) => Of(await Scene.OpenLiveAsync(records: 200, ratePerSecond: 1), token);

    /// <summary>A client of a connector's API; with null it gives no token.</summary>
    public static HttpClient Client(string url, string? token = Token)
    {
        var http = new HttpClient { BaseAddress = new Uri(url) };
        if (token is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        return http;
    }

    private static AdminScene Of(Scene scene, string? token)
    {
        var url = $"http://127.0.0.1:{ServerFolder.FreePorts(1)}";
        scene.Settings["Admin__Enabled"] = "true";
        scene.Settings["Admin__Url"] = url;
        if (token is not null) scene.Settings["Admin__Token"] = token;

        var opened = new AdminScene(scene, url) { Http = Client(url, token) };
        opened.Http.DefaultRequestHeaders.Add("X-Operator", "Ada");
        return opened;
    }

    /// <summary>Starts the connector, and waits until both sources were read.</summary>
    public async Task StartAsync()
    {
        await BeginAsync();
        await UntilAsync("/readyz", answer => answer.StatusCode == HttpStatusCode.OK);
        await UntilStatusAsync(status => status["sources"]!.AsArray().All(s => s!["condition"]!.GetValue<string>() is "up_to_date" or "paused"));
    }

    /// <summary>Starts the connector, and waits until it listens.</summary>
    public async Task BeginAsync()
    {
        Connector = Scene.Start("run");
        await Connector.SeenAsync("API");
    }

    /// <summary>SIGTERM, as an orchestrator does.</summary>
    public async Task StopAsync()
    {
        await Connector!.SignalAsync("TERM");
        Assert.Equal(0, await Connector.EndAsync());
        await Connector.DisposeAsync();
        Connector = null;
    }

    public async Task<JsonNode> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonNode>(path))!;

    public async Task<JsonNode> SourceAsync(string name) => await GetAsync($"/api/v1/sources/{name}");

    /// <summary>A change that must succeed.</summary>
    public async Task<JsonNode?> ChangeAsync(HttpMethod method, string path, object? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}\n{Connector?.Errors}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);

        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);

        return await Http.SendAsync(request);
    }

    /// <summary>Asks again until the state is as it is to be; the run's own limit ends a wait that never ends.</summary>
    public Task UntilStatusAsync(Func<JsonNode, bool> isSo) =>
        UntilAsync("/api/v1/status", async answer => isSo((await answer.Content.ReadFromJsonAsync<JsonNode>())!));

    /// <summary>Polls a source until it is in the state.</summary>
    public Task PollUntilAsync(string source, string condition) => UntilAsync($"/api/v1/sources/{source}", async answer =>
    {
        if ((await answer.Content.ReadFromJsonAsync<JsonNode>())!["condition"]!.GetValue<string>() == condition) return true;

        await ChangeAsync(HttpMethod.Post, $"/api/v1/sources/{source}/run");
        return false;
    });

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (Connector is not null) await Connector.DisposeAsync();

        await Scene.DisposeAsync();
    }

    private Task UntilAsync(string path, Func<HttpResponseMessage, bool> isSo) => UntilAsync(path, answer => Task.FromResult(isSo(answer)));

    private async Task UntilAsync(string path, Func<HttpResponseMessage, Task<bool>> isSo)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await Http.GetAsync(path);
            if (await isSo(answer)) return;

            if (TimeProvider.System.GetElapsedTime(started) > Longest)
            {
                throw new TimeoutException($"It did not come so far: {await answer.Content.ReadAsStringAsync()}\n{Connector?.Errors}");
            }

            // Nothing reports when a state changes.
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }
}
