using System.Text.Json;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Verification;

/// <summary>The completeness report over a real server: what is missing there, what is there besides, and what explains it.</summary>
[Trait("Kind", "server")]
public abstract class VerifiedSinkContract(SharedSearchServer server)
{
    private readonly string _prefix = SharedSearchServer.NewPrefix();

    [ContractFact]
    public async Task What_was_delivered_is_shown_to_be_complete_and_a_document_that_is_missing_extra_or_doubled_is_named()
    {
        await using var verified = await OpenAsync();
        using var client = server.Client();
        foreach (var vendor in (string[])["intercom", "sequence"])
        {
            var (exitCode, complete) = await verified.VerifyAsync(vendor);
            Assert.True(exitCode == 0, complete.ToString());
            Assert.Equal(VerifiedScene.Sum(complete, "vendor"), VerifiedScene.Sum(complete, "sink"));

            var stored = await client.SearchAsync($"{_prefix}-{vendor}.audit.*", """{"query":{"range":{"@timestamp":{"gte":"now-3d","lt":"now-1d"}}}}""");
            var (missing, doubled) = (stored[0], stored[1]);
            await client.SendAsync(HttpMethod.Delete, $"{Text(missing, "_index")}/_doc/{Text(missing, "_id")}?refresh=true");
            var body = doubled.GetProperty("_source").GetRawText();
            await client.PutAsync($"{_prefix}-{vendor}.audit.copy/_doc/{Text(doubled, "_id")}?refresh=true", body);
            var extra = verified.DocumentId(vendor, "never-was");
            await client.PutAsync($"{Text(doubled, "_index")}/_doc/{extra}?refresh=true", body);

            (exitCode, var different) = await verified.VerifyAsync(vendor);
            Assert.Equal(1, exitCode);
            Assert.Equal(
                new[] { ("missing_in_sink", Text(missing, "_id")), ("twice_in_sink", Text(doubled, "_id")), ("extra_in_sink", extra) }.Order(),
                VerifiedScene.Differences(different).Order());
        }
    }

    [ContractFact]
    public async Task Events_that_wait_for_the_server_and_those_that_it_refused_are_not_missing_there()
    {
        await using var verified = await OpenAsync();
        using var client = server.Client();
        foreach (var vendor in (string[])["intercom", "sequence"])
        {
            var refused = (await client.SearchAsync($"{_prefix}-{vendor}.audit.*", """{"query":{"range":{"@timestamp":{"gte":"now-3d","lt":"now-1d"}}}}"""))[0];
            await client.SendAsync(HttpMethod.Delete, $"{Text(refused, "_index")}/_doc/{Text(refused, "_id")}?refresh=true");
            verified.Execute(
                "INSERT INTO dead_letter(id, stage, reason, origin, at, body, length) "
                + $"VALUES('{Text(refused, "_id")}', 'Index', 'r', '{vendor}/x', 0, x'7b7d', 2)");

            // A sweep commits, and leaves the delivery to the service.
            verified.Append(vendor, "waits", verified.Now.AddHours(-30));
            await verified.SweepAsync(vendor, verified.Now.AddHours(-30));

            var (exitCode, waiting) = await verified.VerifyAsync(vendor);
            Assert.Equal(1, exitCode);
            Assert.Equal("not_shown", waiting.GetProperty("outcome").GetString());
            Assert.Empty(VerifiedScene.Differences(waiting));
            Assert.Equal(1, VerifiedScene.Explained(waiting)["waiting"]);
            Assert.Equal(1, VerifiedScene.Explained(waiting)["dead letters"]);

            await verified.CollectAsync();
            (exitCode, var complete) = await verified.VerifyAsync(vendor);
            Assert.True(exitCode == 0, complete.ToString());
            Assert.DoesNotContain("waiting", VerifiedScene.Explained(complete).Keys);
        }
    }

    private async Task<VerifiedScene> OpenAsync() => await VerifiedScene.OpenAsync(settings: scene =>
    {
        scene.Settings["Elasticsearch__Urls__0"] = server.Url;
        scene.Settings["Elasticsearch__Prefix"] = _prefix;
    });

    private static string Text(JsonElement hit, string name) => hit.GetProperty(name).GetString()!;
}

[Collection(ElasticsearchCollection.Name)]
public sealed class ElasticsearchVerifiedTests(ElasticsearchServer server) : VerifiedSinkContract(server), INeedsServer
{
    public static string? Missing => ElasticsearchServer.Missing;
}

[Collection(OpenSearchCollection.Name)]
public sealed class OpenSearchVerifiedTests(OpenSearchServer server) : VerifiedSinkContract(server), INeedsServer
{
    public static string? Missing => OpenSearchServer.Missing;
}
