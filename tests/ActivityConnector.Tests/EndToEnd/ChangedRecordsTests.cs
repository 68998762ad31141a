using System.Text.Json;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>A vendor adds to what it has already shown.</summary>
public sealed class ChangedRecordsTests
{
    [Fact]
    public async Task An_item_that_is_added_to_a_published_log_is_the_only_new_event()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 100 }, Sequence = o.Sequence with { Records = 250 } });
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);
        var before = (await scene.RunAsync("export")).Output;
        using var log = scene.Vendors.Sequence.VisibleRecords().Select(text => JsonDocument.Parse(text))
            .Last(l => l.RootElement.GetProperty("activityLogItems").GetArrayLength() > 0);

        Assert.True(scene.Vendors.Sequence.AppendItem(
            log.RootElement.GetProperty("id").GetString()!,
            """
            {"id":"added","verb":"CREATED","name":"n","summary":"added later",
            """
            + """
            "activityLogActor":{"id":"a","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}}
            """));
        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");

        Assert.True(exitCode == 0, errors);
        var after = (await scene.RunAsync("export")).Output;
        Assert.StartsWith(before, after, StringComparison.Ordinal);
        using var added = JsonDocument.Parse(Assert.Single(after[before.Length..].Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("added", added.RootElement.GetProperty("event.id").GetString());
        Assert.False(added.RootElement.TryGetProperty("tags", out _));
        await scene.AssertCompleteAsync();
    }
}
