using System.Text.Json;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Verification;

/// <summary>The completeness report by the real process, over the simulated vendors and a journal that was harmed.</summary>
public sealed class VerifyCommandTests
{
    [Fact]
    public async Task What_was_collected_through_faults_is_shown_to_be_complete_although_the_walk_meets_faults_too()
    {
        await using var verified = await VerifiedScene.OpenAsync(
            o => o with { Faults = [new FaultSpec(FaultKind.ServerError, 0.05), new FaultSpec(FaultKind.Truncated, 0.05)] });

        foreach (var vendor in (string[])["intercom", "sequence"])
        {
            var (exitCode, source) = await verified.VerifyAsync(vendor, "--from", "-31d");

            Assert.True(exitCode == 0, source.ToString());
            Assert.Equal("complete", source.GetProperty("outcome").GetString());
            Assert.True(VerifiedScene.Sum(source, "vendor") >= 390);
            Assert.Equal(VerifiedScene.Sum(source, "vendor"), VerifiedScene.Sum(source, "journal"));
        }
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public async Task An_event_that_is_missing_one_that_is_extra_and_one_that_changed_are_each_named(string vendor)
    {
        await using var verified = await VerifiedScene.OpenAsync();
        var at = verified.Now.AddHours(-30);
        verified.Append(vendor, "changes", at);
        await verified.Scene.RunAsync("checkpoint", "reset", vendor, "--yes");
        await verified.CollectAsync();
        var missing = verified.Append(vendor, "never-read", at.AddHours(1));
        verified.Change(vendor, "changes", at, "second");
        var extra = await PlantExtraAsync(verified, vendor, at.AddHours(2));

        var (exitCode, source) = await verified.VerifyAsync(vendor);

        Assert.Equal(1, exitCode);
        Assert.Equal("different", source.GetProperty("outcome").GetString());
        Assert.Equal(
            [("changed", verified.DocumentId(vendor, "changes")), ("missing_in_journal", missing), ("extra_in_journal", extra)],
            VerifiedScene.Differences(source));
        Assert.Equal((1, 1, 1), (VerifiedScene.Sum(source, "missing"), VerifiedScene.Sum(source, "extra"), VerifiedScene.Sum(source, "changed")));
        Assert.Equal("never-read", source.GetProperty("differences")[1].GetProperty("event_id").GetString());
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public async Task A_row_that_is_taken_out_of_the_journal_is_named_by_what_is_left_of_it(string vendor)
    {
        await using var verified = await VerifiedScene.OpenAsync();
        var at = verified.Now.AddHours(-30);
        var ids = new List<string>();
        foreach (var id in (string[])["event", "id", "both"])
        {
            ids.Add(verified.Append(vendor, id, at.AddHours(ids.Count)));

            // Each in a block of its own, behind the one of the audit event of its sweep.
            await verified.SweepAsync(vendor, at);
        }

        verified.Execute("DELETE FROM event_block WHERE last_pos IN (SELECT last_pos FROM event_block ORDER BY last_pos DESC LIMIT 1)");
        verified.Execute("DELETE FROM event_block WHERE last_pos IN (SELECT last_pos FROM event_block ORDER BY last_pos DESC LIMIT 1 OFFSET 3)");
        verified.Execute($"DELETE FROM seen WHERE hex(k) LIKE '%{ids[1][..32]}' OR hex(k) LIKE '%{ids[2][..32]}'");

        var (exitCode, source) = await verified.VerifyAsync(vendor);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            [("event_lost_in_journal", ids[0]), ("unknown_in_journal", ids[1]), ("missing_in_journal", ids[2])],
            VerifiedScene.Differences(source));

        // The width of a terminal that says nothing of itself.
        var table = (await verified.Scene.RunAsync("verify", "--source", vendor, "-o", "table")).Output;
        Assert.All(ids, id => Assert.Contains(id, table, StringComparison.Ordinal));
        Assert.All(table.Split('\n').TakeWhile(line => !line.StartsWith(vendor + "/", StringComparison.Ordinal)), line => Assert.True(line.Length <= 80, line));
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public async Task A_record_without_a_time_is_compared_too_and_named_when_its_event_is_gone(string vendor)
    {
        await using var verified = await VerifiedScene.OpenAsync();
        var at = verified.Now.AddHours(-30);
        var undated = verified.AppendUndated(vendor, "undated", at);
        await verified.SweepAsync(vendor, at);

        var (exitCode, source) = await verified.VerifyAsync(vendor);
        Assert.True(exitCode == 0, source.ToString());
        var withoutTime = source.GetProperty("days").EnumerateArray().Single(day => day.GetProperty("day").ValueKind == JsonValueKind.Null);
        Assert.Equal(1, withoutTime.GetProperty("journal").GetInt64());

        verified.Execute("DELETE FROM event_block WHERE last_pos=(SELECT max(last_pos) FROM event_block)");
        (exitCode, source) = await verified.VerifyAsync(vendor);
        Assert.Equal(1, exitCode);
        Assert.Equal([("event_lost_in_journal", undated)], VerifiedScene.Differences(source));
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public async Task Revisions_dead_letters_and_events_that_retention_deleted_are_explained_and_no_differences(string vendor)
    {
        await using var verified = await VerifiedScene.OpenAsync();
        var at = verified.Now.AddHours(-30);
        verified.Append(vendor, "changes", at);
        verified.Scene.AddTooLarge(1, at);
        for (var version = 1; version <= 3; version++)
        {
            await verified.SweepAsync(vendor, at);
            verified.Change(vendor, "changes", at, $"version {version}");
        }

        await verified.SweepAsync(vendor, at);
        var (exitCode, source) = await verified.VerifyAsync(vendor);

        Assert.True(exitCode == 0, source.ToString());
        var explained = VerifiedScene.Explained(source);
        Assert.Equal(3, explained["revisions"]);
        Assert.Equal(1, explained["dead letters"]);
        Assert.Equal(3, VerifiedScene.Sum(source, "revisions"));

        // As if they had been committed long ago.
        verified.Execute("DELETE FROM event_block");
        (exitCode, source) = await verified.VerifyAsync(vendor, "--set", "Journal:Retention=01:00:00");
        Assert.True(exitCode == 0, source.ToString());
        explained = VerifiedScene.Explained(source);
        Assert.Equal(VerifiedScene.Sum(source, "journal"), explained["deleted by retention"]);
        Assert.Equal(3, explained["known by id"]);
    }

    [Fact]
    public async Task What_the_connector_has_not_read_yet_is_not_missing_and_not_complete()
    {
        await using var verified = await VerifiedScene.OpenAsync(
            o => o with { Sequence = o.Sequence with { Records = 0 } });
        verified.Append("sequence", "read", verified.Now.AddHours(-9));
        await verified.CollectAsync();
        await verified.Scene.RunAsync("checkpoint", "set", "intercom", "--watermark", "-8h", "--yes");
        foreach (var vendor in (string[])["intercom", "sequence"])
        {
            verified.Append(vendor, "tail", verified.Now.AddHours(-3));

            var (exitCode, source) = await verified.VerifyAsync(vendor);

            Assert.Equal(1, exitCode);
            Assert.Equal("not_shown", source.GetProperty("outcome").GetString());
            Assert.Empty(VerifiedScene.Differences(source));
            Assert.Equal(1, VerifiedScene.Explained(source)["not read yet"]);
            Assert.Contains("1 event is not read yet", source.GetProperty("not_shown")[0].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_vendor_that_cannot_be_read_is_never_called_complete()
    {
        await using var verified = await VerifiedScene.OpenAsync();
        verified.Scene.Vendors.Intercom.RotateAccessToken();

        var (exitCode, output, _) = await verified.Scene.RunAsync("verify");

        Assert.Equal(1, exitCode);
        Assert.Contains("intercom: not shown to be complete", output, StringComparison.Ordinal);
        Assert.Contains("not shown: Intercom refused", output, StringComparison.Ordinal);
        Assert.Contains("sequence/default: complete", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public async Task A_vendors_clock_that_is_days_behind_is_named_and_the_range_that_it_leaves_is_not_called_complete(string vendor)
    {
        await using var verified = await VerifiedScene.OpenAsync();
        ((ShiftedTimeProvider)verified.Scene.Clock).By = TimeSpan.FromDays(-3);
        foreach (var from in (string[])["-7d", "-2d"])
        {
            var (exitCode, source) = await verified.VerifyAsync(vendor, "--from", from);

            Assert.Equal(1, exitCode);
            Assert.Equal("not_shown", source.GetProperty("outcome").GetString());
            Assert.Contains("'s clock was 3.00:00:0", source.GetProperty("not_shown")[0].GetString(), StringComparison.Ordinal);
            Assert.Contains("behind this host's", source.GetProperty("not_shown")[0].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nothing_is_changed()
    {
        await using var verified = await VerifiedScene.OpenAsync();
        var before = (await verified.Scene.RunAsync("checkpoint", "export")).Output;

        Assert.Equal(0, (await verified.Scene.RunAsync("verify")).ExitCode);

        Assert.Equal(before, (await verified.Scene.RunAsync("checkpoint", "export")).Output);
    }

    [Fact]
    public async Task A_connector_may_run_beside_it()
    {
        await using var verified = await VerifiedScene.OpenAsync();
        await using var connector = verified.Scene.Start("run");
        await connector.SeenAsync("is owned by this process", times: 2);

        var (exitCode, output, errors) = await verified.Scene.RunAsync("verify");

        Assert.True(exitCode == 0, output + errors);
    }

    [Fact]
    public async Task The_page_needs_nothing_beside_it_and_shows_a_strangers_text_as_text()
    {
        await using var verified = await VerifiedScene.OpenAsync();
        verified.Append("intercom", "<script>alert(1)</script>", verified.Now.AddHours(-30));

        var (exitCode, _, errors) = await verified.Scene.RunAsync("verify", "--html", "report.html");

        Assert.Equal(1, exitCode);
        Assert.Contains("The report is in ", errors, StringComparison.Ordinal);
        Assert.Equal(["report.html"], Directory.GetFiles(verified.Scene.Folder, "report*").Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(verified.Scene.Folder, "report.html")));
        }

        var page = await File.ReadAllTextAsync(Path.Combine(verified.Scene.Folder, "report.html"));
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        foreach (var outside in (string[])["<script", "<link", "<img", "src=", "href=", "url(", "http:", "https:"])
        {
            Assert.DoesNotContain(outside, page, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("none/report.html", "there is no folder")]
    [InlineData(".", "it is a folder")]
    public async Task A_page_that_cannot_be_written_is_refused_before_anything_is_read(string path, string cause)
    {
        await using var verified = await VerifiedScene.OpenAsync();
        var requests = verified.Scene.Vendors.Intercom.Requests.Count;

        var (exitCode, output, errors) = await verified.Scene.RunAsync("verify", "--html", path);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(cause, errors, StringComparison.Ordinal);
        Assert.Equal(requests, verified.Scene.Vendors.Intercom.Requests.Count);
    }

    /// <summary>An event that the vendor does not have, committed as the connector commits.</summary>
    private static async Task<string> PlantExtraAsync(VerifiedScene verified, string vendor, DateTimeOffset at)
    {
        await using var journal = await SqliteJournal.OpenAsync(
            new JournalOptions { Path = verified.Scene.JournalPath }, TimeProvider.System, NullLogger<SqliteJournal>.Instance, default);
        await using var view = await SqliteJournalView.OpenAsync(verified.Scene.JournalPath, default);
        var source = (await view.SourcesAsync(default)).Single(s => s.Source == vendor);
        await using var writer = await journal.OpenWriterAsync(source, default);
        var extra = Some.Event(1, time: at);
        await writer.CommitAsync(new JournalCommit([extra], [], writer.Checkpoint! with { Sequence = writer.Checkpoint.Sequence + 1 }), default);
        return extra.Id;
    }
}
