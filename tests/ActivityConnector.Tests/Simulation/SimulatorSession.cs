using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Simulation;

/// <summary>A running simulator on a clock that stands still, and a plain client of it.</summary>
internal sealed class SimulatorSession : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private SimulatorSession(VendorSimulator simulator, ManualTimeProvider clock) => (Simulator, Clock) = (simulator, clock);

    public VendorSimulator Simulator { get; }

    public ManualTimeProvider Clock { get; }

    public long Now => Clock.GetUtcNow().ToUnixTimeSeconds();

    public static async Task<SimulatorSession> StartAsync(SimulatorOptions? options = null)
    {
        var clock = new ManualTimeProvider();
        return new SimulatorSession(await VendorSimulator.StartAsync(options ?? Small(), clock, default), clock);
    }

    public static SimulatorOptions Small(int records = 200) => new() { Intercom = new() { Records = records }, Sequence = new() { Records = records } };

    public async Task<HttpResponseMessage> IntercomAsync(string pathAndQuery, Action<HttpRequestMessage>? change = null, CancellationToken ct = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Simulator.IntercomBaseUrl + pathAndQuery);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Simulator.Intercom.AccessToken);
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Add("Intercom-Version", "2.16");
        change?.Invoke(request);
        return await _http.SendAsync(request, ct);
    }

    public async Task<HttpResponseMessage> SequenceAsync(string pathAndQuery, Action<HttpRequestMessage>? change = null, CancellationToken ct = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Simulator.SequenceBaseUrl + pathAndQuery);
        var credential = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Simulator.Sequence.ClientId}:{Simulator.Sequence.ClientSecret}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", credential);
        request.Headers.Add("Sequence-Version", "2024-07-30");
        change?.Invoke(request);
        return await _http.SendAsync(request, ct);
    }

    public async Task<JsonElement> IntercomJsonAsync(string pathAndQuery) => await JsonAsync(await IntercomAsync(pathAndQuery));

    public async Task<JsonElement> SequenceJsonAsync(string pathAndQuery) => await JsonAsync(await SequenceAsync(pathAndQuery));

    /// <summary>Follows <c>pages.next</c> from the first page on; answers the pages.</summary>
    public async Task<List<JsonElement>> WalkIntercomAsync(string query)
    {
        var pages = new List<JsonElement>();
        for (var next = "/admins/activity_logs?" + query; next is not null;)
        {
            var page = await IntercomJsonAsync(next);
            pages.Add(page);
            var url = page.GetProperty("pages").GetProperty("next").GetString();
            next = url is null ? null : "/admins/activity_logs" + new Uri(url).Query;
        }

        return pages;
    }

    /// <summary>Follows one of the two cursors from the first page on; answers the pages.</summary>
    public async Task<List<JsonElement>> WalkSequenceAsync(string query, string cursor = "after", string? from = null)
    {
        var pages = new List<JsonElement>();
        do
        {
            var page = await SequenceJsonAsync($"/activity-logs?{query}" + (from is null ? "" : $"&{cursor}={Uri.EscapeDataString(from)}"));
            pages.Add(page);
            from = page.GetProperty("pagination").TryGetProperty(cursor, out var next) ? next.GetString() : null;
        }
        while (from is not null);
        return pages;
    }

    public static List<string> Ids(IEnumerable<JsonElement> pages, string list) =>
        [.. pages.SelectMany(page => page.GetProperty(list).EnumerateArray()).Select(record => record.GetProperty("id").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Simulator.DisposeAsync();
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        using (response)
        {
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
            return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(), new JsonDocumentOptions { MaxDepth = 256 }).RootElement;
        }
    }
}
