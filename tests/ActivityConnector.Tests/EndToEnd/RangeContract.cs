using System.Text.Json;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>What holds for a range that is read beside the live records, with either journal.</summary>
public abstract class RangeContract
{
    protected static async Task BackfillBesidePollsAsync(string? bootstrap)
    {
        await using var scene = await RangeScene.OpenAsync(bootstrap);
        await scene.Scene.RunAsync("run", "--once");
        await scene.StartAsync();
        foreach (var source in (string[])["intercom", "sequence"])
        {
            var (exitCode, output, errors) = await scene.Scene.RunAsync("backfill", "start", "--source", source, "--from", "-91d", "--to", "-1d");
            Assert.True(exitCode == 0, errors);
            Assert.Contains("The running connector reads", output, StringComparison.Ordinal);
        }

        var live = await scene.LiveAsync();
        foreach (var share in (double[])[0.15, 0.5])
        {
            // Polls go on while it is read.
            await scene.UntilAsync(range => ShareOf(range) >= share);
            live = await scene.UntilLiveAfterAsync(live);
            await scene.KillAsync();
            await scene.StartAsync();
        }

        var ranges = await scene.UntilAsync(range => range.GetProperty("state").GetString() == "done");
        await scene.StopAsync();

        Assert.All(ranges, range => Assert.Equal(0, range.GetProperty("late").GetInt64()));
        await scene.Scene.CollectAndAssertLiveAsync();
    }

    private static double ShareOf(JsonElement range) => range.GetProperty("percent").GetInt32() / 100.0;
}
