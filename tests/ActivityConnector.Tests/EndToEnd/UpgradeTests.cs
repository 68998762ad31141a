using System.Globalization;
using System.IO.Compression;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>
/// A journal that an older version left behind. <c>journal-v1.zip</c> was made by the build of commit c03147d, schema version 1, from the
/// records of <see cref="FillAsync"/>: the process was killed with SIGKILL in its eighth commit, so the log of SQLite is there too. It is never
/// made again: what is to be shown is that this file is understood.
/// </summary>
public sealed class UpgradeTests
{
    private const int Records = 150;

    [Fact]
    public async Task A_journal_of_the_first_version_that_was_killed_in_the_middle_is_gone_on_with_and_every_event_is_there_once()
    {
        await using var scene = await FillAsync();
        ZipFile.ExtractToDirectory(Path.Combine(AppContext.BaseDirectory, "EndToEnd", "Upgrades", "journal-v1.zip"), scene.Folder);
        var (_, before, _) = await scene.RunAsync("export");
        Assert.InRange(before.Split('\n').Length - 1, 2 * Records + 1, 3 * Records - 1);

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, errors);
        await scene.AssertCompleteAsync();
        Assert.StartsWith(before, (await scene.RunAsync("export")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);
        await scene.AssertCompleteAsync();
    }

    /// <summary>Vendors whose records are written here, so that no change of the simulators' own ones changes what the old journal knows.</summary>
    private static async Task<Scene> FillAsync()
    {
        var scene = await Scene.OpenAsync(
            o => o with { DuplicateShare = 0, Intercom = o.Intercom with { Records = 0 }, Sequence = o.Sequence with { Records = 0 } });
        var first = new DateTimeOffset(2026, 10, 22, 20, 0, 0, TimeSpan.Zero);
        const string parties = """
            "activityLogActor":{"id":"a","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}
            """;
        for (var i = 0; i < Records; i++)
        {
            var at = first.AddHours(4 * i);
            scene.Vendors.Intercom.Append(
                $$$"""{"id":"i-{{{i}}}","performed_by":{"type":"admin","id":"{{{i % 7}}}","email":"admin{{{i % 7}}}@acme.example","ip":"81.2.69.142"}"""
                + $$$""","metadata":{"number":{{{i}}},"before":{"a":null},"after":{"a":1.50}},"created_at":{{{at.ToUnixTimeSeconds()}}}"""
                + $$$""","activity_type":"app_name_change","activity_description":"Change {{{i}}}"}""",
                at);
            var createdAt = at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            scene.Vendors.Sequence.Append(
                $$$"""
                {"id":"s-{{{i}}}","sequenceAccountId":"bb0e8400-e29b-41d4-a716-446655440006","activityType":"NOTIFICATION","apiVersion":"V1","origin":"API",
                """
                + $$$"""
                "traceId":null,"createdAt":"{{{createdAt}}}","activityLogItems":[
                """
                + $$$"""{"id":"s-{{{i}}}-a","verb":"CREATED","name":"n","summary":"Invoice {{{i}}}","metadata":[{"key":"k","value":{{{i}}}.0}]"""
                + $$$""",{{{parties}}}},"""
                + $$$"""{"id":"s-{{{i}}}-b","verb":"SENT","name":"n","summary":"Invoice {{{i}}}",{{{parties}}}}]}""",
                at);
        }

        scene.AddTooLarge(1, new DateTimeOffset(2026, 11, 20, 20, 20, 0, TimeSpan.Zero));
        return scene;
    }
}
