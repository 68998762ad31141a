using System.Diagnostics;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Commands;

/// <summary>What only a real process shows: exit codes, the two streams, and what a pipe gets.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData(0, "version")]
    [InlineData(0, "validate --set Sources:Intercom:AccessToken=t")]
    [InlineData(2, "validate --nonsense")]
    [InlineData(64, "validate")]
    [InlineData(64, "run")]
    public async Task The_exit_code_reaches_the_caller_and_a_pipe_gets_no_escape_codes(int expected, string arguments)
    {
        var (code, output, error) = await RunAsync(arguments);

        Assert.Equal(expected, code);
        Assert.DoesNotContain('\u001b', output + error);
        Assert.True(output.Length > 0 || error.Length > 0);
    }

    [Fact]
    public async Task The_environment_of_the_process_is_read()
    {
        var (code, output, _) = await RunAsync("validate", ("Sources__Intercom__AccessToken", "t"), ("Journal__Colour", "red"));

        Assert.Equal(64, code);
        Assert.StartsWith("error\tJournal:Colour\t", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("validate", 64)]
    [InlineData("version", 0)]
    [InlineData("run --once --set Sources:Intercom:AccessToken=t --set Sources:Intercom:BaseUrl=http://127.0.0.1:9 --timeout 1s", 1)]
    public async Task A_standard_error_that_is_closed_changes_nothing(string arguments, int expected)
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("bash", ["-c", $"exec dotnet {ConnectorProcess.Program} {arguments} 2>&-"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = folder.Path,
        };
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(expected, process.ExitCode);
    }

    private static async Task<(int Code, string Out, string Error)> RunAsync(string arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "activity-connector.dll"), .. arguments.Split(' ')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
