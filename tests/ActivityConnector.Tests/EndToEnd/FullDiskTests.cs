using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>The disk under the embedded journal is really full: not even SQLite's own clean-up finds room.</summary>
public sealed class FullDiskTests
{
    [SmallDiskFact]
    public async Task A_run_on_a_full_disk_says_so_keeps_what_is_committed_and_goes_on_when_there_is_room()
    {
        using var disk = new SmallDisk(4);
        await using var scene = await OpenAsync(disk);

        for (var run = 0; run < 2; run++)
        {
            var (full, _, why) = await scene.RunAsync("run", "--once");
            Assert.Equal(1, full);
            Assert.Matches("is full: .* together they may have 953\\.7 MiB; 0\\.[0-2] MiB are free on the disk\\. Make room on the disk", why);
            Assert.DoesNotContain("defect", why, StringComparison.Ordinal);
        }

        var (readable, before, errors) = await scene.RunAsync("export");
        Assert.True(readable == 0, errors);
        Assert.NotEmpty(before);
        disk.Grow(64);
        var (exitCode, _, said) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, said);
        Assert.StartsWith(before, (await scene.RunAsync("export")).Output, StringComparison.Ordinal);
        await scene.AssertCompleteAsync();
    }

    [SmallDiskFact]
    public async Task A_service_on_a_full_disk_stops_collecting_and_brings_everything_over_by_itself_when_there_is_room()
    {
        using var disk = new SmallDisk(4);
        await using var scene = await OpenAsync(disk);
        await using var server = await FakeElasticsearch.StartAsync();
        scene.Settings["Elasticsearch__Urls__0"] = server.Url;
        scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";
        scene.Settings["Sources__Intercom__Schedule"] = "* * * * * ?";
        scene.Settings["Sources__Sequence__Schedule"] = "* * * * * ?";
        await using (var service = scene.Start("run"))
        {
            // Each source says so once, although it tries again every second.
            await service.SeenAsync("db is full", times: 2);
            var committed = (await scene.RunAsync("export")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
            Assert.InRange(committed, 1, scene.ExpectedEvents - 1);
            disk.Grow(64);
            await StoredAsync(server, scene.ExpectedEvents);
            await service.SeenAsync("is up to date again", times: 2);
            var tellings = service.Errors.Split('\n').Where(line => line.Contains("db is full", StringComparison.Ordinal)).ToList();
            Assert.Single(tellings, line => line.Contains(" intercom", StringComparison.Ordinal));
            Assert.Single(tellings, line => line.Contains(" sequence", StringComparison.Ordinal));
            await service.SignalAsync("TERM");
            Assert.Equal(0, await service.EndAsync());
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
        Assert.Equal(scene.ExpectedEvents, server.Documents.Count);
    }

    private static async Task StoredAsync(FakeElasticsearch server, int documents)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (server.Documents.Count < documents)
        {
            // The server tells nobody what it has stored.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }

    private static async Task<Scene> OpenAsync(SmallDisk disk)
    {
        var scene = await Scene.OpenAsync(o => o with { Intercom = o.Intercom with { Records = 8_000 }, Sequence = o.Sequence with { Records = 8_000 } });
        scene.Settings["Journal__Path"] = disk.File("journal.db");
        // The journal's own limit is what keeps a disk from being full: here somebody has set it too high.
        scene.Settings["Journal__MaxBytes"] = "1000000000";
        return scene;
    }
}
