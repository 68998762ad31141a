using System.Diagnostics;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>What the real process says at its start, when it is stopped, and when it cannot go on.</summary>
public sealed class SpeakingTests
{
    [Fact]
    public async Task The_service_says_what_it_runs_and_why_it_ends()
    {
        await using var scene = await SmallAsync();
        await using var service = scene.Start("run");
        await service.SeenAsync("sequence: ");

        await service.SignalAsync("TERM");

        Assert.Equal(0, await service.EndAsync());
        var lines = service.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (info |warn |error) ", line));
        Assert.Matches($"info  Activity Connector .* starts as process {service.Id} on .*: role all, configuration .*, journal {scene.JournalPath}", lines[0]);
        Assert.Contains(lines, line => line.Contains("Source intercom reads http://127.0.0.1", StringComparison.Ordinal));
        Assert.Contains("Stopped by SIGTERM after", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_is_taken_away_ends_the_service_with_a_line_of_its_log()
    {
        await using var scene = await SmallAsync();
        scene.Settings["Sources__Sequence__Schedule"] = "* * * * * ?";
        await using var service = scene.Start("run");
        await service.SeenAsync("sequence: ");

        File.Delete(scene.JournalPath);
        scene.AddTooLarge(1);

        Assert.Equal(1, await service.EndAsync());
        Assert.Matches(
            @"\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ error Stopped: The journal .* was deleted, moved or replaced .*\n$", service.Errors);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_run_that_is_stopped_says_what_was_done_and_what_stays(string signal, int expected)
    {
        await using var scene = await SmallAsync();
        scene.Vendors.Sequence.Faults.Set(new FaultSpec(FaultKind.Timeout, 1));
        await using var run = scene.Start("run", "--once");
        await run.SeenAsync("intercom: 300 events committed");

        await run.SignalAsync(signal);

        Assert.Equal(expected, await run.EndAsync());
        Assert.Contains("intercom\tup to date\t300\t", run.Output, StringComparison.Ordinal);
        Assert.Contains("sequence\tinterrupted\t0\t", run.Output, StringComparison.Ordinal);
        scene.Vendors.Sequence.Faults.Clear();
        Assert.Contains($"Stopped by SIG{signal}: what was committed stays, and the next run resumes from there.", run.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);
        await scene.AssertCompleteAsync();
    }

    [Fact]
    public async Task An_export_that_is_stopped_says_how_many_events_were_written()
    {
        await using var scene = await SmallAsync();
        await scene.RunAsync("run", "--once");
        await using var export = scene.Start("export", "--follow", "--source", "intercom");
        await export.SeenAsync("\"event.dataset\"", times: 300);

        await export.SignalAsync("INT");

        Assert.Equal(130, await export.EndAsync());
        Assert.Equal("Stopped: 300 events written.\n", export.Errors);
    }

    /// <summary>A terminal of its own for standard error, as util-linux's <c>script</c> gives one.</summary>
    [Theory]
    [InlineData(80)]
    [InlineData(132)]
    public async Task On_a_terminal_tables_fit_and_the_bar_is_gone_at_the_end(int width)
    {
        await using var scene = await SmallAsync();
        var program = $"stty cols {width} rows 50; dotnet {ConnectorProcess.Program}";
        var start = new ProcessStartInfo("script", ["-qec", $"{program} run --once; {program} checkpoint show", "/dev/null"])
        {
            WorkingDirectory = scene.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in scene.Settings) start.Environment[name] = value;

        start.Environment["NO_COLOR"] = "1";
        start.Environment.Remove("COLUMNS");
        using var terminal = Process.Start(start)!;
        var shown = await terminal.StandardOutput.ReadToEndAsync();
        await terminal.WaitForExitAsync();

        // The first thing that .NET writes to a terminal sets its keys; what the bar wrote is erased before any other line.
        var lines = shown.Replace("\u001b[?1h\u001b=", "", StringComparison.Ordinal).Split('\n')
            .Select(line => line.TrimEnd('\r').Split("\r\u001b[K")[^1])
            .ToList();
        Assert.Equal(2, lines.Count(line => line.StartsWith("source ", StringComparison.Ordinal)));
        Assert.All(lines.Where(line => line.StartsWith('─')), line => Assert.InRange(line.Length, 40, width));
        Assert.Contains(lines, line => line.StartsWith("Done. ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("events committed,", StringComparison.Ordinal));
    }

    private static Task<Scene> SmallAsync() =>
        Scene.OpenAsync(o => o with { DuplicateShare = 0, Intercom = o.Intercom with { Records = 300 }, Sequence = o.Sequence with { Records = 300 } });
}
