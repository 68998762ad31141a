using System.Globalization;
using System.Text.Json;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>Ranges on demand, as an operator asks for them with the real process.</summary>
public sealed class RangeTests : RangeContract
{
    [Fact]
    [Trait("Kind", "long")]
    [Trait("Kind", "slow")]
    public Task A_backfill_of_ninety_days_is_killed_twice_and_polls_go_on_beside_it() =>
        BackfillBesidePollsAsync(bootstrap: null);

    [Fact]
    public async Task Without_a_service_the_command_reads_the_range_itself_and_goes_on_after_it_was_killed()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 6_000 }, Sequence = o.Sequence with { Records = 500 } });
        var start = scene.Clock.GetUtcNow().AddDays(-1).ToString("O", CultureInfo.InvariantCulture);
        var first = scene.Clock.GetUtcNow().AddDays(-40).ToString("O", CultureInfo.InvariantCulture);
        scene.Settings["Sources__Intercom__StartAt"] = scene.Settings["Sources__Sequence__StartAt"] = start;
        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
        string[] intercom = ["backfill", "start", "--source", "intercom", "--from", first, "--to", start];
        await using (var killed = scene.StartTo("committed:3", intercom)) Assert.Equal(128 + 9, await killed.EndAsync());

        (exitCode, var output, _) = await scene.RunAsync("backfill", "status");
        Assert.Contains("under way", output, StringComparison.Ordinal);
        (exitCode, output, errors) = await scene.RunAsync(intercom);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("100 %", output, StringComparison.Ordinal);
        (exitCode, _, errors) = await scene.RunAsync("backfill", "start", "--source", "sequence", "--from", first, "--to", start);
        Assert.True(exitCode == 0, errors);

        await scene.AssertCompleteAsync();
    }

    [Fact]
    public async Task A_range_is_cancelled_in_the_journal_and_a_dry_run_changes_nothing()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 6_000 }, Sequence = o.Sequence with { Records = 1 } });
        scene.Settings["Sources__Intercom__StartAt"] = "-1d";
        await scene.RunAsync("run", "--once");
        string[] start = ["backfill", "start", "--source", "intercom", "--from", "-31d", "--to", "-2d"];
        var (exitCode, output, _) = await scene.RunAsync([.. start, "--dry-run"]);
        Assert.Equal(0, exitCode);
        Assert.Contains("days would be read", output, StringComparison.Ordinal);
        (_, output, _) = await scene.RunAsync("backfill", "status");
        Assert.Empty(output);

        await using (var killed = scene.StartTo("committed:3", start)) await killed.EndAsync();
        (_, output, _) = await scene.RunAsync("backfill", "status", "-o", "json");
        var id = JsonElement.Parse(output)[0].GetProperty("id").GetString()!;
        (exitCode, output, _) = await scene.RunAsync("backfill", "cancel", id);
        Assert.Equal(0, exitCode);
        Assert.Contains("is cancelled", output, StringComparison.Ordinal);
        (exitCode, _, var errors) = await scene.RunAsync("backfill", "cancel", id);
        Assert.Equal(1, exitCode);
        Assert.Contains("has no open range", errors, StringComparison.Ordinal);
        (_, output, _) = await scene.RunAsync("backfill", "status", "-o", "json");
        Assert.Equal("cancelled", JsonElement.Parse(output)[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_sweep_brings_what_was_missing_and_says_how_much()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 1_000 }, Sequence = o.Sequence with { Records = 1 } });
        await scene.RunAsync("run", "--once");
        var at = scene.Clock.GetUtcNow().AddDays(-10);
        scene.Vendors.Intercom.Append(
            $$"""{"id":"late-1","performed_by":{"type":"admin","id":"1"},"created_at":{{at.ToUnixTimeSeconds()}},"activity_type":"app_name_change"}""", at);

        var (exitCode, output, errors) = await scene.RunAsync("sweep", "--source", "intercom", "--from", "-20d", "--to", "-5d");

        Assert.True(exitCode == 0, errors);
        Assert.Contains("1 event was missing and is delivered now", output, StringComparison.Ordinal);
        await scene.AssertCompleteAsync();
    }
}
