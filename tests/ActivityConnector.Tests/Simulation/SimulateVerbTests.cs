using System.Net;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Simulation;

public class SimulateVerbTests
{
    [Fact]
    public async Task It_says_where_and_what_it_serves_and_ends_when_cancelled()
    {
        var clock = new ManualTimeProvider();
        using var status = new FlushedWriter();
        using var stop = new CancellationTokenSource();
        var options = SimulatorSession.Small(7) with { RatePerSecond = 2, Faults = [FaultSpec.Parse("500:1")] };

        var run = VendorSimulator.RunAsync(options, clock, status, stop.Token);
        await Task.WhenAny(run, status.Flushed);
        var lines = status.ToString().Split(Environment.NewLine, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        using var http = new HttpClient();
        using var answer = await http.GetAsync(lines[0].Split(' ')[^1] + "/me");
        await stop.CancelAsync();

        Assert.Equal(0, await run);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("access token simulated-token-1-1", lines[1]);
        Assert.Equal("7 records of the last 30 days, 2 new ones a second", lines[2]);
        Assert.EndsWith("/sequence/api", lines[3], StringComparison.Ordinal);
        Assert.Equal("client id simulated-client-1, client secret simulated-secret-1-1", lines[4]);
        Assert.Equal("7 activity logs of the last 30 days, 2 new ones a second", lines[5]);
        Assert.Equal("Faults    500:1", lines[6]);
    }

    [Fact]
    public async Task A_taken_port_is_named_with_the_way_out()
    {
        await using var session = await SimulatorSession.StartAsync();
        using var status = new StringWriter();

        var exit = await VendorSimulator.RunAsync(new() { Port = session.Simulator.IntercomBaseUrl.Port }, session.Clock, status, default);

        Assert.Equal(1, exit);
        Assert.Contains("--port", status.ToString(), StringComparison.Ordinal);
    }

    private sealed class FlushedWriter : StringWriter
    {
        private readonly TaskCompletionSource _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Flushed => _flushed.Task;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            _flushed.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
