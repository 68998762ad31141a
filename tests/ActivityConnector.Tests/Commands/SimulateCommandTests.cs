using System.Diagnostics;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Simulation;

namespace ActivityConnector.Tests.Commands;

/// <summary><c>simulate</c> as somebody uses it who pastes what it prints.</summary>
public sealed class SimulateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task What_it_prints_can_be_pasted_into_a_shell_where_check_then_passes()
    {
        await using var vendors = ConnectorProcess.Start(
            _folder.Path, ["simulate", "--port", "0", "--intercom", "7", "--sequence", "7", "--rate", "2", "--fault", "500:0"]);
        await vendors.SeenAsync("export            #");
        var lines = vendors.Output;

        Assert.Matches(@"# Intercom: \d+ records of the last 30 days, 2 new ones a second\n", lines);
        Assert.Contains("# Faults: 500:0\n", lines, StringComparison.Ordinal);
        Assert.All(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^(#|export Sources__)", line));

        var start = new ProcessStartInfo("bash", ["-c", lines + $"dotnet {ConnectorProcess.Program} check"])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
        };
        using var check = Process.Start(start)!;
        var rows = await check.StandardOutput.ReadToEndAsync();
        await check.WaitForExitAsync();

        Assert.True(check.ExitCode == 0, rows);
        Assert.Contains("records of sequence\tpass", rows, StringComparison.Ordinal);
        await vendors.SignalAsync("INT");
        Assert.Equal(0, await vendors.EndAsync());
    }

    [Fact]
    public async Task A_taken_port_is_an_error_with_the_way_out()
    {
        await using var taken = await SimulatorSession.StartAsync();
        using var session = new Session();

        Assert.Equal(1, await session.RunAsync("simulate", "--port", $"{taken.Simulator.IntercomBaseUrl.Port}"));

        Assert.Empty(session.Out);
        Assert.Contains("Give another --port, or 0", session.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
