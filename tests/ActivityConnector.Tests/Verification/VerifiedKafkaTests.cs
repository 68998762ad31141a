using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Verification;

/// <summary>The completeness report over a journal in Kafka.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class VerifiedKafkaTests(KafkaServer server)
{
    [KafkaFact]
    public async Task What_is_in_the_topics_is_shown_to_be_complete_and_what_is_missing_there_is_named()
    {
        await using var verified = await VerifiedScene.OpenAsync(settings: scene => scene.UseKafka(server.Bootstrap));
        foreach (var vendor in (string[])["intercom", "sequence"])
        {
            var (exitCode, source) = await verified.VerifyAsync(vendor);
            Assert.True(exitCode == 0, source.ToString());
            Assert.Equal(VerifiedScene.Sum(source, "vendor"), VerifiedScene.Sum(source, "journal"));

            var missing = verified.Append(vendor, "never-read", verified.Now.AddHours(-30));
            (exitCode, source) = await verified.VerifyAsync(vendor);
            Assert.Equal(1, exitCode);
            Assert.Equal([("missing_in_journal", missing)], VerifiedScene.Differences(source));
        }
    }
}
