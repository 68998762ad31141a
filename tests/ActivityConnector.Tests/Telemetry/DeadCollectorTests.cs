using System.Net;
using System.Net.Sockets;
using ActivityConnector.Tests.EndToEnd;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>A collector that does not do its part costs neither an event nor the end of the process.</summary>
public sealed class DeadCollectorTests
{
    /// <summary>A run takes seconds; one that waited for its collector for as long as exporters may would not be done in this time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("refuses", "grpc")]
    [InlineData("refuses", "http/protobuf")]
    [InlineData("accepts and never answers", "grpc")]
    [InlineData("accepts and never answers", "http/protobuf")]
    [InlineData("answers a byte at a time", "http/protobuf")]
    [InlineData("hangs up", "grpc")]
    public async Task Delivery_is_complete_and_the_process_ends(string collector, string protocol)
    {
        await using var listener = collector == "refuses" ? null : new OddCollector(collector);
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 300 }, Sequence = o.Sequence with { Records = 300 } });
        scene.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{listener?.Port ?? RefusedPort()}";
        scene.Settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        scene.Settings["OTEL_METRIC_EXPORT_INTERVAL"] = "200";
        scene.Settings["OTEL_BSP_SCHEDULE_DELAY"] = "200";
        scene.Settings["Telemetry__RecordSpans"] = "all";

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once").WaitAsync(Patience);

        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
        if (collector is "refuses" or "accepts and never answers") Assert.Contains("OpenTelemetry: ", errors, StringComparison.Ordinal);

        await using var service = scene.Start("run");
        await service.SeenAsync("is owned by this process").WaitAsync(Patience);
        await service.SignalAsync("TERM");
        Assert.Equal(0, await service.EndAsync().WaitAsync(Patience));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "no address")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://127.0.0.1")]
    [InlineData("OTEL_TRACES_EXPORTER", "zipkin")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/missing.pem")]
    [InlineData("OTEL_BSP_SCHEDULE_DELAY", "soon")]
    public async Task A_mistake_in_its_variables_costs_no_event(string variable, string value)
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 20 }, Sequence = o.Sequence with { Records = 20 } });
        scene.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"https://127.0.0.1:{RefusedPort()}";
        scene.Settings[variable] = value;

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once").WaitAsync(Patience);

        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
        Assert.Contains("OpenTelemetry: ", errors.Replace("OTEL_", "OpenTelemetry: ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_exporter_for_a_look_writes_to_standard_error()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 20 }, Sequence = o.Sequence with { Records = 20 } });
        scene.Settings["OTEL_TRACES_EXPORTER"] = scene.Settings["OTEL_METRICS_EXPORTER"] = scene.Settings["OTEL_LOGS_EXPORTER"] = "console";

        var (exitCode, output, errors) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, errors);
        Assert.Equal(2, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("poll intercom", errors, StringComparison.Ordinal);
        Assert.Contains("activity_connector.records", errors, StringComparison.Ordinal);
    }

    private static int RefusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A listener that is no collector.</summary>
    private sealed class OddCollector : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly string _kind;
        private readonly Task _running;

        public OddCollector(string kind)
        {
            _kind = kind;
            _listener.Start();
            _running = RunAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task RunAsync()
        {
            var open = new List<Task>();
            try
            {
                while (true) open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(open);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var served = client;
            try
            {
                if (_kind == "hangs up") return;

                if (_kind == "answers a byte at a time")
                {
                    using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
                    foreach (var b in "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8.ToArray())
                    {
                        await client.GetStream().WriteAsync(new[] { b }, _stop.Token);
                        await timer.WaitForNextTickAsync(_stop.Token);
                    }
                }

                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over, or the connector has given up.
            }
        }
    }
}
