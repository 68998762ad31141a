using System.Globalization;
using System.Text.Json;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>A service that has collected the last day of ninety and goes on polling, while new records come about.</summary>
internal sealed class RangeScene : IAsyncDisposable
{
    /// <summary>About fourteen units of each vendor.</summary>
    private const int Records = 20_000;

    private static readonly TimeSpan Span = TimeSpan.FromDays(90);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private ConnectorProcess? _service;

    private RangeScene(Scene scene) => Scene = scene;

    public Scene Scene { get; }

    /// <param name="bootstrap">Of a broker; null = the journal is a file.</param>
    public static async Task<RangeScene> OpenAsync(string? bootstrap)
    {
        var scene = await Scene.OpenLiveAsync(Records, ratePerSecond: 5, Span);
        if (bootstrap is not null) scene.UseKafka(bootstrap);

        scene.Settings["Sources__Intercom__StartAt"] = scene.Settings["Sources__Sequence__StartAt"] =
            TimeProvider.System.GetUtcNow().AddDays(-1).ToString("O", CultureInfo.InvariantCulture);
        scene.Settings["Admin__Enabled"] = "true";
        scene.Settings["Admin__Url"] = $"http://127.0.0.1:{ServerFolder.FreePorts(1)}";
        scene.Settings["Admin__Token"] = "a-token-of-the-test-0123456789";
        return new RangeScene(scene);
    }

    public async Task StartAsync()
    {
        _service = Scene.Start("run");
        await _service.SeenAsync("API");
    }

    public async Task KillAsync()
    {
        _service!.Kill();
        await _service.EndAsync();
    }

    /// <summary>SIGTERM, as an orchestrator does.</summary>
    public async Task StopAsync()
    {
        await _service!.SignalAsync("TERM");
        Assert.Equal(0, await _service.EndAsync());
    }

    /// <summary>Waits until each range is so far; asks the running service.</summary>
    public async Task<IReadOnlyList<JsonElement>> UntilAsync(Func<JsonElement, bool> isSo)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (exitCode, output, errors) = await Scene.RunAsync("backfill", "status", "-o", "json");
            Assert.True(exitCode == 0, errors);
            var ranges = JsonElement.Parse(output).EnumerateArray().ToList();
            if (ranges.Count > 0 && ranges.TrueForAll(range => isSo(range))) return ranges;

            if (TimeProvider.System.GetElapsedTime(started) > Longest) throw new TimeoutException($"{output}\n{_service!.Errors}");
        }
    }

    /// <summary>Up to when the live records of Intercom were read.</summary>
    public async Task<DateTimeOffset> LiveAsync()
    {
        var (exitCode, output, errors) = await Scene.RunAsync("checkpoint", "show", "-o", "json");
        Assert.True(exitCode == 0, errors);
        return JsonElement.Parse(output).EnumerateArray().Single(row => row.GetProperty("source").GetString()!.StartsWith("intercom", StringComparison.Ordinal))
            .GetProperty("read_to").GetDateTimeOffset();
    }

    /// <summary>Waits until live records of Intercom were read that are later than this.</summary>
    public async Task<DateTimeOffset> UntilLiveAfterAsync(DateTimeOffset time)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await LiveAsync() is var reached && reached > time) return reached;

            if (TimeProvider.System.GetElapsedTime(started) > Longest) throw new TimeoutException(_service!.Errors);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync();

        await Scene.DisposeAsync();
    }
}
