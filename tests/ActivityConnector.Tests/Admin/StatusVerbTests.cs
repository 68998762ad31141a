using System.Text.Json.Nodes;
using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Admin;

/// <summary>The verbs that ask a running connector, and what they show without one.</summary>
public sealed class StatusVerbTests
{
    [Fact]
    public async Task The_status_is_that_of_the_running_connector_and_of_the_journal_when_none_runs()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        var (exitCode, output, errors) = await scene.Scene.RunAsync("status", "-o", "json");
        Assert.True(exitCode == 0, errors);
        var running = JsonNode.Parse(output)!;
        Assert.NotNull(running["started_at"]);
        Assert.Equal(["up_to_date", "up_to_date"], running["sources"]!.AsArray().Select(s => s!["condition"]!.GetValue<string>()));

        await scene.StopAsync();
        (exitCode, output, errors) = await scene.Scene.RunAsync("status", "-o", "json");
        Assert.Equal(1, exitCode);
        Assert.Contains("No connector answers", errors, StringComparison.Ordinal);
        var alone = JsonNode.Parse(output)!;
        Assert.True(alone["is_down"]!.GetValue<bool>());
        Assert.False(alone["is_healthy"]!.GetValue<bool>());
        Assert.Null(alone["started_at"]);
        Assert.Equal(["not_running", "not_running"], alone["sources"]!.AsArray().Select(s => s!["condition"]!.GetValue<string>()));
        Assert.Equal(
            running["sources"]!.AsArray().Select(s => s!["totals"]!["published"]!.GetValue<long>()),
            alone["sources"]!.AsArray().Select(s => s!["totals"]!["published"]!.GetValue<long>()));
    }

    [Fact]
    public async Task The_status_of_a_source_that_is_refused_exits_with_1_and_says_what_to_do()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        scene.Scene.Vendors.Intercom.RotateAccessToken();
        var (changed, _, said) = await scene.Scene.RunAsync("source", "run", "intercom");
        Assert.True(changed == 0, said);
        await scene.UntilStatusAsync(s => s["sources"]![0]!["condition"]!.GetValue<string>() == "refused");

        var (exitCode, output, errors) = await scene.Scene.RunAsync("status");

        Assert.Equal(1, exitCode);
        Assert.Contains("refused", output, StringComparison.Ordinal);
        Assert.Contains("Sources:Intercom:AccessToken", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_with_another_journal_does_not_ask_the_connector_that_listens_there()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        scene.Scene.Settings["Journal__Path"] = Path.Combine(scene.Scene.Folder, "another.db");

        var (exitCode, _, errors) = await scene.Scene.RunAsync("source", "pause", "intercom");

        Assert.Equal(1, exitCode);
        Assert.Contains("has another journal", errors, StringComparison.Ordinal);
        Assert.Equal("up_to_date", (await scene.SourceAsync("intercom"))["condition"]!.GetValue<string>());
    }

    [Fact]
    public async Task Dead_letters_are_discarded_beside_a_running_connector_with_an_audit_event_for_each_source()
    {
        await using var scene = await AdminScene.OpenAsync(change: o => o with
        {
            Intercom = o.Intercom with { Records = 20 },
            Sequence = o.Sequence with { Records = 20 },
            Faults = [new FaultSpec(FaultKind.BadRecord, 1)],
        });
        await scene.StartAsync();
        var letters = (await scene.GetAsync("/api/v1/dead-letters"))["dead_letters"]!.AsArray();
        Assert.NotEmpty(letters);
        var (one, output, errors) = await scene.Scene.RunAsync("dlq", "discard", letters[0]!["id"]!.GetValue<string>(), "--yes");
        Assert.True(one == 0, errors);
        Assert.Equal("1 deleted.", output.TrimEnd());

        (var all, output, errors) = await scene.Scene.RunAsync("dlq", "discard", "--all", "--yes");
        Assert.True(all == 0, errors);
        Assert.EndsWith(" deleted.", output.TrimEnd(), StringComparison.Ordinal);
        Assert.NotEmpty((await scene.GetAsync("/api/v1/events?search=dead-letter-discarded&limit=10"))["events"]!.AsArray());
        (var none, _, errors) = await scene.Scene.RunAsync("dlq", "discard", "nix", "--yes");
        Assert.Equal(1, none);
        Assert.Contains("There is no dead letter nix.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_is_moved_and_reset_beside_a_running_connector_once_it_is_paused()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        string[] set = ["checkpoint", "set", "intercom", "--watermark", "-3d", "--yes"];
        var (exitCode, _, errors) = await scene.Scene.RunAsync(set);
        Assert.Equal(1, exitCode);
        Assert.Contains("intercom is not paused. Pause it first", errors, StringComparison.Ordinal);

        await scene.Scene.RunAsync("source", "pause", "intercom");
        (exitCode, var output, errors) = await scene.Scene.RunAsync(set);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("is still paused: 'source resume intercom'", output, StringComparison.Ordinal);

        (exitCode, output, errors) = await scene.Scene.RunAsync("checkpoint", "reset", "intercom", "--yes");
        Assert.True(exitCode == 0, errors);
        Assert.StartsWith("intercom stands at its start, and is still paused", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_said_and_nothing_is_shown()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        scene.Scene.Settings["Admin__Token"] = "another-token-0123456789";

        var (exitCode, output, errors) = await scene.Scene.RunAsync("status");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("refused the token. Give the one that it was started with, as Admin:Token or Admin:TokenFile.", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(AdminScene.Token, errors, StringComparison.Ordinal);
    }
}
