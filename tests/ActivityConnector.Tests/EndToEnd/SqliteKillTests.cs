namespace ActivityConnector.Tests.EndToEnd;

/// <summary>The process dies in the embedded journal's commit, and around it.</summary>
public sealed class SqliteKillTests
{
    [Theory]
    [InlineData("commit:1")]
    [InlineData("committed:1")]
    public async Task Killed_in_a_commit_it_is_rolled_back_or_there_and_every_event_and_dead_letter_is_there_once(string step)
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 1_000 }, Sequence = o.Sequence with { Records = 1_000 } });
        scene.AddTooLarge(4);
        await using (var killed = scene.StartTo(step, "run", "--once"))
        {
            Assert.Equal(128 + 9, await killed.EndAsync());
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
    }
}
