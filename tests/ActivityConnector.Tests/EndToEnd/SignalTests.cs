namespace ActivityConnector.Tests.EndToEnd;

/// <summary>The process is asked to end at each step of a unit in the embedded journal.</summary>
public sealed class SignalTests
{
    /// <summary>An orchestrator waits for 30 seconds.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("fetched", "TERM", 143)]
    [InlineData("committed", "TERM", 143)]
    [InlineData("committed", "INT", 130)]
    public async Task Asked_to_end_before_a_commit_or_after_it_it_ends_in_time_with_the_right_code_and_nothing_is_lost(
        string step, string signal, int interrupted)
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 1_000 }, Sequence = o.Sequence with { Records = 1_000 } });
        scene.AddTooLarge(2);

        // A service that is stopped has done what it was asked for; a run that was to reach the present has not.
        foreach (var (command, expected) in new[] { (new[] { "run" }, 0), (["run", "--once"], interrupted) })
        {
            await using var asked = scene.StartTo($"{step}:1:{signal}", command);
            await asked.SeenAsync("is owned by this process");
            var started = TimeProvider.System.GetTimestamp();
            Assert.Equal(expected, await asked.EndAsync());
            Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Grace);
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
    }
}
