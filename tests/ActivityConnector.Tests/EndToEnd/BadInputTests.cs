using ActivityConnector.Simulation;
using Microsoft.Data.Sqlite;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>What an operator meets at night: each gives one clear line with the fix and the right exit code, and loses nothing.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("Sources__Intercom__AccessToken", "Intercom", "Sources:Intercom:AccessToken")]
    [InlineData("Sources__Sequence__ClientSecret", "Sequence", "Sources:Sequence:ClientSecret")]
    public async Task A_wrong_credential_names_the_option_and_the_other_source_goes_on(string setting, string vendor, string option)
    {
        await using var scene = await SmallAsync();
        var right = scene.Settings[setting];
        scene.Settings[setting] = "wrong";

        var (exitCode, output, errors) = await scene.RunAsync("run", "--once");

        Assert.Equal(1, exitCode);
        var line = Assert.Single(errors.Split('\n'), l => l.Contains(" error ", StringComparison.Ordinal));
        Assert.Contains(vendor, line, StringComparison.Ordinal);
        Assert.Contains("401", line, StringComparison.Ordinal);
        Assert.Contains(option, line, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", line, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), l => l.Contains("up to date", StringComparison.Ordinal));

        scene.Settings[setting] = right;
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);
        await scene.AssertCompleteAsync();
    }

    [Fact]
    public async Task An_unreachable_vendor_is_named_and_nothing_is_lost()
    {
        await using var scene = await SmallAsync();
        var right = scene.Settings["Sources__Intercom__BaseUrl"];
        scene.Settings["Sources__Intercom__BaseUrl"] = "http://127.0.0.1:9";

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.Equal(1, exitCode);
        Assert.Contains(errors.Split('\n'), l => l.Contains("intercom: ", StringComparison.Ordinal)
            && l.Contains("Sources:Intercom:BaseUrl", StringComparison.Ordinal)
            && l.Contains("Nothing is lost", StringComparison.Ordinal));
        scene.Settings["Sources__Intercom__BaseUrl"] = right;
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);
        await scene.AssertCompleteAsync();
    }

    [Fact]
    public async Task Html_instead_of_json_is_said_and_nothing_is_lost()
    {
        await using var scene = await SmallAsync();
        scene.Vendors.Sequence.Faults.Set(new FaultSpec(FaultKind.Html, 1));

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.Equal(1, exitCode);
        Assert.Contains(errors.Split('\n'), l => l.Contains("sequence: ", StringComparison.Ordinal)
            && l.Contains("not with activity logs", StringComparison.Ordinal)
            && l.Contains("Sources:Sequence:BaseUrl", StringComparison.Ordinal));
        scene.Vendors.Sequence.Faults.Clear();
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);
        await scene.AssertCompleteAsync();
    }

    [Fact]
    public async Task A_full_journal_stops_collection_says_so_and_goes_on_when_there_is_room()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 10_000 }, Sequence = o.Sequence with { Records = 5_000 } });
        scene.Settings["Journal__MaxBytes"] = "1048576";

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.Equal(1, exitCode);
        Assert.Contains(errors.Split('\n'), l => l.Contains("Journal:MaxBytes", StringComparison.Ordinal));
        scene.Settings.Remove("Journal__MaxBytes");
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);
        await scene.AssertCompleteAsync();
    }

    [Fact]
    public async Task A_journal_in_use_is_refused_with_75_and_the_owner_named()
    {
        await using var scene = await SmallAsync();
        await using var owner = scene.Start("run");
        await owner.SeenAsync("events committed");

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.Equal(75, exitCode);
        Assert.Contains($"{owner.Id}", errors, StringComparison.Ordinal);
        await owner.SignalAsync("TERM");
        Assert.Equal(0, await owner.EndAsync());
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);
        await scene.AssertCompleteAsync();
    }

    [Fact]
    public async Task A_corrupt_journal_is_refused_with_the_fix_and_left_as_it_is()
    {
        await using var scene = await SmallAsync();
        await scene.RunAsync("run", "--once");
        var bytes = await File.ReadAllBytesAsync(scene.JournalPath);
        Array.Fill(bytes, (byte)'x', 0, 4096);
        await File.WriteAllBytesAsync(scene.JournalPath, bytes);

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.Equal(1, exitCode);
        Assert.Contains(scene.JournalPath, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(scene.JournalPath));
    }

    [Fact]
    [Trait("EdgeCase", "53")]
    public async Task A_checkpoint_of_a_future_version_is_refused_and_the_needed_version_named()
    {
        await using var scene = await SmallAsync();
        await scene.RunAsync("run", "--once");
        await using (var connection = new SqliteConnection($"Data Source={scene.JournalPath};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var update = connection.CreateCommand();
            update.CommandText = """UPDATE checkpoint SET text = CAST(replace(CAST(text AS TEXT), '"v":2', '"v":7') AS BLOB)""";
            Assert.True(await update.ExecuteNonQueryAsync() > 0);
        }

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.Equal(1, exitCode);
        Assert.Contains("version 7", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task The_service_ends_on_a_signal_with_0_and_goes_on_where_it_was(string signal)
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 5_000 }, Sequence = o.Sequence with { Records = 5_000 } });
        await using var service = scene.Start("run");
        await scene.Vendors.Sequence.RequestedAsync(10);

        await service.SignalAsync(signal);

        Assert.Equal(0, await service.EndAsync());
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);
        await scene.AssertCompleteAsync();
    }

    [Fact]
    public async Task Hang_up_polls_at_once()
    {
        await using var scene = await SmallAsync();
        scene.Settings["Sources__Intercom__Schedule"] = "0 0 0 1 1 ? 2099";
        scene.Settings["Sources__Sequence__Schedule"] = "0 0 0 1 1 ? 2099";
        await using var service = scene.Start("run");
        await service.SeenAsync("intercom: 300 events committed");
        await service.SeenAsync("sequence: ");
        // Intercom is not asked while the vendors' clock stands still; Sequence's tail always is.
        var asked = scene.Vendors.Sequence.RequestedAsync(1);

        await service.SignalAsync("HUP");

        await asked;
        await service.SignalAsync("TERM");
        Assert.Equal(0, await service.EndAsync());
    }

    private static Task<Scene> SmallAsync() =>
        Scene.OpenAsync(o => o with { DuplicateShare = 0, Intercom = o.Intercom with { Records = 300 }, Sequence = o.Sequence with { Records = 300 } });
}
