using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>Nothing lost, nothing doubled: the real process against both vendors, compared by ids. <c>./test long</c> runs the full size.</summary>
public sealed class CompletenessTests
{
    private static readonly int Kills = Scene.IsLong ? 20 : 4;

    [Fact]
    [Trait("Kind", "long")]
    public async Task Everything_is_exported_once_although_the_process_is_killed_again_and_again_on_the_way()
    {
        await using var scene = await Scene.OpenAsync();
        var random = new Random(20261122);
        var requests = Scene.Records / 250 + Scene.Records / 100;

        for (var kill = 0; kill < Kills; kill++)
        {
            await using var connector = scene.Start("run", "--once");
            // So many answers into this life it dies: somewhere between the first request and the end of its share of the work.
            var answered = Task.WhenAny(
                scene.Vendors.Intercom.RequestedAsync(random.Next(1, Math.Max(3, requests / Kills))),
                scene.Vendors.Sequence.RequestedAsync(random.Next(1, Math.Max(3, requests / Kills))));
            await Task.WhenAny(answered, connector.EndAsync());
            connector.Kill();
            await connector.EndAsync();
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
    }

    [Fact]
    [Trait("Kind", "long")]
    public async Task Everything_is_exported_once_although_every_page_fails_once()
    {
        await using var scene = await Scene.OpenAsync(o => o with { Faults = [new FaultSpec(FaultKind.EveryPageOnce, 1)] });

        // A window that fails for good is halved, and halves are new pages: as often as it takes, as a CronJob would.
        var exitCode = -1;
        for (var run = 0; run < 10 && exitCode != 0; run++) (exitCode, _, _) = await scene.RunAsync("run", "--once");

        Assert.Equal(0, exitCode);
        await scene.AssertCompleteAsync();
    }

    [Fact]
    public async Task A_second_run_finds_everything_known_and_commits_nothing()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 500 }, Sequence = o.Sequence with { Records = 500 } });
        await scene.RunAsync("run", "--once");

        var (exitCode, output, _) = await scene.RunAsync("run", "--once", "--output", "json");

        Assert.Equal(0, exitCode);
        using var rows = System.Text.Json.JsonDocument.Parse(output);
        Assert.All(rows.RootElement.EnumerateArray(), row => Assert.Equal(0, row.GetProperty("published").GetInt64()));
        await scene.AssertCompleteAsync();
    }
}
