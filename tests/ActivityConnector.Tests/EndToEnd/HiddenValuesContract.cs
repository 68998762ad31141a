using System.Text;
using ActivityConnector.Tests.Golden.Properties;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>What a privacy rule hides is in no output of the real process: events, documents, dead letters, exports, records of Kafka, logs.</summary>
public abstract class HiddenValuesContract
{
    private static readonly string[] ExportedFields =
        ["@timestamp", "event.id", "event.action", "message", "user.email", "related.user", "source.address", "tags"];

    private protected static async Task AssertHiddenAsync(Scene scene, Action assertMore)
    {
        await using var elasticsearch = await FakeElasticsearch.StartAsync();
        elasticsearch.Refuses = id => id.StartsWith("71", StringComparison.Ordinal) || id.StartsWith("72", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(scene.Folder, "key"), "a key of thirty-two bytes, or so");
        scene.Settings["Elasticsearch__Urls__0"] = elasticsearch.Url;
        scene.Settings["Transform__Privacy__KeyFile"] = Path.Combine(scene.Folder, "key");
        scene.Settings["Transform__Privacy__Fields__user.email"] = "Hash";
        scene.Settings["Transform__Privacy__Fields__source.ip"] = "Drop";
        Plant(scene);

        var outputs = new List<string>();
        await RunAsync("run", "--once");
        Assert.DoesNotContain("defect", outputs[0], StringComparison.Ordinal);
        await RunAsync("export");
        await RunAsync("export", "--format", "csv", "--fields", string.Join(',', ExportedFields));
        var letters = await RunAsync("dlq", "list");
        foreach (var id in letters.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[0])) await RunAsync("dlq", "show", id);

        await RunAsync("checkpoint", "show");

        // Of every kind: what is no record, what is too large, what the server refuses.
        Assert.All((string[])["\tpage\t", "\tsize\t", "\tindex\t"], stage => Assert.Contains(stage, letters, StringComparison.Ordinal));
        Assert.True(elasticsearch.Documents.Count > 100, outputs[0]);
        outputs.AddRange(elasticsearch.Documents.Select(d => d.Key.Id + d.Value));
        outputs.AddRange(elasticsearch.Requests.Select(r => r.Request));
        Assert.All(outputs, HiddenValues.AssertNowhere);
        assertMore();

        async Task<string> RunAsync(params string[] arguments)
        {
            var (_, output, errors) = await scene.RunAsync(arguments);
            outputs.Add(errors);
            outputs.Add(output);
            return output;
        }
    }

    private static void Plant(Scene scene)
    {
        var at = scene.Clock.GetUtcNow().AddDays(-1);
        foreach (var record in HiddenValues.Records("intercom", 100)) scene.Vendors.Intercom.Append(record, at = at.AddSeconds(1));

        foreach (var record in HiddenValues.Records("sequence", 100)) scene.Vendors.Sequence.Append(record, at = at.AddSeconds(1));

        // No record, and one that no journal takes.
        scene.Vendors.Intercom.Append("{\"id\":\"broken\",\"performed_by\":{\"email\":\"" + HiddenValues.Email + "\" \"id\":1}}", at = at.AddSeconds(1));
        scene.Vendors.Intercom.Append(
            $$$"""
            {"id":"large","created_at":{{{at.ToUnixTimeSeconds()}}},"activity_type":"app_name_change",
            "performed_by":{"id":"1","email":"{{{HiddenValues.Email}}}"},"activity_description":"{{{new string('x', 5_000_000)}}}"}
            """,
            at);
    }
}

public sealed class HiddenValuesTests : HiddenValuesContract
{
    [Fact]
    public async Task With_a_journal_in_a_file()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 100 }, Sequence = o.Sequence with { Records = 100 } });

        await AssertHiddenAsync(scene, () =>
        {
            // Ids and dead letters are in it as they are.
            HiddenValues.AssertNowhere(Encoding.Latin1.GetString(File.ReadAllBytes(scene.JournalPath)));
        });
    }
}

[Collection(KafkaProcessCollection.Name)]
[Trait("Kind", "server")]
public sealed class HiddenValuesInKafkaTests(KafkaServer server) : HiddenValuesContract
{
    [KafkaFact]
    public async Task With_a_journal_in_Kafka()
    {
        await using var scene = await Scene.OpenKafkaAsync(server.Bootstrap, 100);

        await AssertHiddenAsync(scene, () =>
        {
            foreach (var topic in (string[])["intercom", "sequence", "checkpoints", "dlq"])
            {
                var records = KafkaServer.Consume(server.Bootstrap, $"{scene.Kafka!.Value.Prefix}.{topic}", decided: true);
                Assert.NotEmpty(records);
                foreach (var record in records)
                {
                    HiddenValues.AssertNowhere(Text(record.Message.Key) + Text(record.Message.Value));
                    Assert.All(record.Message.Headers, header => HiddenValues.AssertNowhere(Text(header.GetValueBytes())));
                }
            }
        });
    }

    private static string Text(byte[]? bytes) => Encoding.UTF8.GetString(bytes ?? []);
}
