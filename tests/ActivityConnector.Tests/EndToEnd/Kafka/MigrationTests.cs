using System.Globalization;
using System.Text.Json;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.EndToEnd.Kafka;

/// <summary>From one kind of journal to the other with <c>checkpoint export</c> and <c>import</c>: nothing is read again as new, nothing is skipped.</summary>
[Collection(KafkaProcessCollection.Name)]
[Trait("Kind", "server")]
public sealed class MigrationTests(KafkaServer server)
{
    [KafkaFact]
    public async Task A_connector_that_moves_to_kafka_and_back_publishes_each_record_once()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 3_000 }, Sequence = o.Sequence with { Records = 3_000 } });
        var sqlite = scene.Settings.ToDictionary();
        Assert.Equal(0, (await scene.RunAsync("run", "--once")).ExitCode);

        await MoveAsync(scene, () => scene.UseKafka(server.Bootstrap));
        await ReadADayAgainAsync(scene);

        await MoveAsync(scene, () =>
        {
            scene.Settings.Clear();
            foreach (var (key, value) in sqlite) scene.Settings[key] = value;

            scene.Settings["Journal__Path"] = Path.Combine(scene.Folder, "second.db");
        });
        await ReadADayAgainAsync(scene);
    }

    [Fact]
    public async Task Every_event_that_the_embedded_journal_knows_is_in_the_file()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 3_000 }, Sequence = o.Sequence with { Records = 100 } });
        await scene.RunAsync("run", "--once");

        var (_, lines, _) = await scene.RunAsync("checkpoint", "export");

        var known = lines.Split('\n').Where(l => l.Contains("\"seen_of\":\"intercom/", StringComparison.Ordinal))
            .Sum(l => JsonDocument.Parse(l).RootElement.GetProperty("events").GetArrayLength());
        Assert.Equal(3_000, known);
    }

    private static async Task MoveAsync(Scene scene, Action useTheOther)
    {
        var (exported, lines, errors) = await scene.RunAsync("checkpoint", "export");
        Assert.True(exported == 0, errors);
        var file = Path.Combine(scene.Folder, "checkpoints");
        await File.WriteAllTextAsync(file, lines);
        useTheOther();
        var (imported, _, importErrors) = await scene.RunAsync("checkpoint", "import", file, "--yes");
        Assert.True(imported == 0, importErrors);
    }

    /// <summary>Both sources read again what they have read before, Intercom a whole day of it: all of it must be known.</summary>
    private static async Task ReadADayAgainAsync(Scene scene)
    {
        var dayAgo = scene.Clock.GetUtcNow().AddDays(-1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var (set, _, setErrors) = await scene.RunAsync("checkpoint", "set", "intercom", "--watermark", dayAgo, "--yes");
        Assert.True(set == 0, setErrors);
        var (exitCode, output, errors) = await scene.RunAsync("run", "--once", "--output", "json");
        Assert.True(exitCode == 0, errors);
        using var rows = JsonDocument.Parse(output);
        foreach (var row in rows.RootElement.EnumerateArray())
        {
            Assert.Equal(0, row.GetProperty("published").GetInt64());
            Assert.True(row.GetProperty("known").GetInt64() > (row.GetProperty("source").GetString() == "intercom" ? 50 : 0));
        }
    }
}
