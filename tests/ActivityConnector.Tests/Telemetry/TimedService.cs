using ActivityConnector.Tests.Admin;
using ActivityConnector.Tests.Commands;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>The command <c>run</c> in this process, with a clock on which hours pass at once, and a client of its API.</summary>
internal sealed class TimedService : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PassingTimeProvider _time = new();
    private readonly HttpClient _http;
    private readonly Scene _scene;
    private readonly Session _session;
    private readonly Task<int> _run;

    public TimedService(Scene scene)
    {
        _scene = scene;
        _session = new Session { Stop = _stop.Token, Clock = _time };
        var url = $"http://127.0.0.1:{ServerFolder.FreePorts(1)}";
        foreach (var (name, value) in scene.Settings) _session.Environment[name] = value;

        _session.Environment["Admin__Url"] = url;
        _session.Environment["Admin__Token"] = AdminScene.Token;
        _http = AdminScene.Client(url);
        _run = _session.RunAsync("run");
    }

    public Task<string> ScrapeAsync(double value, string name, params string[] labels) => ScrapeAsync(sum => sum == value, name, labels);

    public Task<string> ScrapeAsync(Func<double, bool> isSo, string name, params string[] labels) => RaisedAlert.ScrapeAsync(_http, isSo, name, labels);

    public async Task PollAsync()
    {
        await ChangeAsync("/api/v1/sources/intercom/run");
        await ChangeAsync("/api/v1/sources/sequence/run");
    }

    public async Task ChangeAsync(string path)
    {
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), null);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>For the vendors too.</summary>
    public void Pass(TimeSpan time)
    {
        ((ShiftedTimeProvider)_scene.Clock).By += time;
        _time.Pass(time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _http.Dispose();
        _session.Dispose();
        _stop.Dispose();
    }

    /// <summary>The host's clock and its monotonic one, on which time can pass at once; its timers take their time.</summary>
    private sealed class PassingTimeProvider : TimeProvider
    {
        private long _passed;

        public void Pass(TimeSpan time) => Interlocked.Add(ref _passed, time.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _passed));

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => base.GetUtcNow().Ticks + Interlocked.Read(ref _passed);
    }
}
