using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Confluent.Kafka.Admin;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>Passwords, certificates and rights, as a real broker sees them.</summary>
[Collection(SecuredKafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class SecurityTests(SecuredKafka kafka)
{
    private const string Mend = "Look at Kafka:Security:";

    [KafkaClusterTheory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task A_user_with_the_documented_rights_and_no_others_writes_and_reads(string mechanism)
    {
        var options = await WithPasswordAsync(mechanism);
        await kafka.AllowAsync($"User:{options.Security.Username}", options.TopicPrefix);

        await CommitsAndReadsAsync(options);
    }

    [KafkaClusterTheory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-512")]
    public async Task A_wrong_password_is_said_in_one_line(string mechanism)
    {
        var options = await WithPasswordAsync(mechanism);
        options.Security.Password = "wrong";

        var refused = await RefusedAsync(options);

        Assert.Contains("the cluster refused the credentials", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Mend + "Mechanism, Username and Password.", refused.Fix);
    }

    [KafkaClusterFact]
    public async Task A_certificate_of_a_known_authority_is_trusted() =>
        await CommitsAndReadsAsync(kafka.Options(kafka.Tls, Tls(kafka.Certificates)));

    [KafkaClusterFact]
    public async Task A_certificate_of_an_unknown_authority_is_refused()
    {
        using var other = new CertificateFolder();

        var refused = await RefusedAsync(kafka.Options(kafka.Tls, Tls(other)));

        Assert.Contains("the TLS connection could not be made", refused.Message, StringComparison.Ordinal);
        Assert.Contains("certificate verify failed", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith(Mend + "CaFile", refused.Fix, StringComparison.Ordinal);
    }

    [KafkaClusterFact]
    public async Task A_certificate_for_another_host_is_refused()
    {
        var refused = await RefusedAsync(kafka.Options(kafka.Misnamed, Tls(kafka.Certificates)));

        Assert.Contains("the TLS connection could not be made", refused.Message, StringComparison.Ordinal);
        Assert.Contains("the names in the brokers' certificates", refused.Fix, StringComparison.Ordinal);
    }

    [KafkaClusterFact]
    public async Task A_certificate_for_another_host_is_taken_where_names_are_not_verified()
    {
        var security = Tls(kafka.Certificates);
        security.VerifyHostname = false;

        await CommitsAndReadsAsync(kafka.Options(kafka.Misnamed, security));
    }

    [KafkaClusterFact]
    public async Task A_client_is_known_by_its_certificate()
    {
        var options = WithCertificate("collector");
        await kafka.AllowAsync("User:CN=collector", options.TopicPrefix);

        await CommitsAndReadsAsync(options);
    }

    [KafkaClusterFact]
    public async Task A_client_without_a_certificate_is_refused_where_one_is_required()
    {
        var refused = await RefusedAsync(kafka.Options(kafka.Mutual, Tls(kafka.Certificates)));

        Assert.Contains("the TLS connection could not be made", refused.Message, StringComparison.Ordinal);
        Assert.Contains("CertificateFile", refused.Fix, StringComparison.Ordinal);
    }

    [KafkaClusterFact]
    public async Task Without_the_right_to_the_transactional_id_the_writer_says_so()
    {
        var options = await WithRightsButAsync((SecuredKafka.TransactionalId, AclOperation.Write), (SecuredKafka.TransactionalId, AclOperation.Describe));

        var refused = await RefusedAsync(options);

        Assert.Equal("Taking over the source failed: the cluster does not let this user use the transactional id.", refused.Message);
        Assert.Equal("Allow Write and Describe on the transactional ids that begin with Kafka:TopicPrefix.", refused.Fix);
    }

    /// <summary>The cluster refuses after the last record was sent, and in the midst of many.</summary>
    [KafkaClusterTheory]
    [InlineData(1)]
    [InlineData(20_000)]
    public async Task Without_the_right_to_write_a_topic_the_commit_says_so(int events)
    {
        var options = await WithRightsButAsync((ResourceType.Topic, AclOperation.Write));
        await using var journal = new KafkaTopicsOfTest(options).Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);

        var refused = await Assert.ThrowsAsync<JournalMisconfiguredException>(
            () => writer.CommitAsync(Some.Commit(1, Some.Events(0, events)), default).AsTask());

        Assert.Equal("Committing failed: the cluster does not let this user use a topic.", refused.Message);
        Assert.Equal("Allow Read, Write and Describe on the topics that begin with Kafka:TopicPrefix; the command check names the one.", refused.Fix);
    }

    [KafkaClusterFact]
    public async Task Without_the_right_to_the_group_the_reader_says_so()
    {
        var options = await WithRightsButAsync((ResourceType.Group, AclOperation.Read));
        await using var journal = new KafkaTopicsOfTest(options).Open();
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);

        var refused = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => reader.ReadAsync(10, default).AsTask());

        Assert.Equal("Reading the journal failed: the cluster does not let this user use the consumer group.", refused.Message);
        Assert.Equal("Allow Read on the groups that begin with Kafka:TopicPrefix.", refused.Fix);
    }

    [KafkaClusterFact]
    public async Task A_missing_topic_that_may_not_be_created_is_named_and_stays_missing()
    {
        var options = await WithRightsButAsync((ResourceType.Topic, AclOperation.Create));

        var refused = await RefusedAsync(options);

        Assert.Contains($"The topic {options.TopicPrefix}.checkpoints is missing, and this user may not create it.", refused.Message, StringComparison.Ordinal);
        Assert.Equal($"Run setup kafka as a user who may, or: Allow Create on the topics that begin with {options.TopicPrefix}.", refused.Fix);
        Assert.DoesNotContain(kafka.Admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics, t => t.Topic.StartsWith(options.TopicPrefix, StringComparison.Ordinal));
    }

    [KafkaClusterFact]
    public async Task A_user_who_may_not_create_topics_uses_those_that_are_there()
    {
        var options = await WithRightsButAsync((ResourceType.Topic, AclOperation.Create), (ResourceType.Topic, AclOperation.DescribeConfigs));
        await CreateTopicsAsync(options);

        await CommitsAndReadsAsync(options);
    }

    [KafkaClusterFact]
    public async Task A_topic_that_may_not_be_seen_is_named()
    {
        AclOperation[] operations =
            [AclOperation.Create, AclOperation.Describe, AclOperation.DescribeConfigs, AclOperation.Read, AclOperation.Write];
        var options = await WithRightsButAsync([.. operations.Select(o => (ResourceType.Topic, o))]);
        await CreateTopicsAsync(options);

        var refused = await RefusedAsync(options);

        Assert.Contains($"This user may not see whether the topic {options.TopicPrefix}.intercom is there.", refused.Message, StringComparison.Ordinal);
        Assert.Equal($"Allow Describe on the topics that begin with {options.TopicPrefix}.", refused.Fix);
    }

    [KafkaClusterFact]
    public async Task Check_names_every_right_that_is_missing_at_once()
    {
        var options = await WithRightsButAsync(
            (ResourceType.Topic, AclOperation.Write), (ResourceType.Topic, AclOperation.Read), (ResourceType.Group, AclOperation.Read));
        await CreateTopicsAsync(options);

        var results = await new KafkaCheck(options, new JournalOptions(), ["intercom", "sequence"], TimeProvider.System).RunAsync(default);

        string[] topics = ["intercom", "sequence", "checkpoints", "dlq"];
        Assert.Equal(
            [
                .. topics.SelectMany(t => (string[])[$"write {options.TopicPrefix}.{t}", $"read {options.TopicPrefix}.{t}"]),
                $"group {options.TopicPrefix}.prod/check",
            ],
            results.Where(f => !f.Passed).Select(f => f.Part));
        Assert.Equal("Writing failed: the cluster does not let this user use a topic.", results.First(f => !f.Passed).Found);
    }

    [KafkaClusterFact]
    public async Task Check_passes_with_the_documented_rights()
    {
        var options = await WithRightsButAsync();
        await CreateTopicsAsync(options);

        var results = await new KafkaCheck(options, new JournalOptions(), ["intercom", "sequence"], TimeProvider.System).RunAsync(default);

        Assert.All(results, f => Assert.True(f.Passed, f.ToString()));
        Assert.Equal(1 + 4 + 1 + 8 + 1, results.Count);
    }

    private static KafkaSecurityOptions Tls(CertificateFolder certificates) => new() { Protocol = KafkaProtocol.Ssl, CaFile = certificates.Authority };

    private static async Task CommitsAndReadsAsync(KafkaOptions options)
    {
        await using var journal = new KafkaTopicsOfTest(options).Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
        var read = 0;
        while (await reader.ReadAsync(10, default) is { Count: > 0 } events) read += events.Count;

        Assert.Equal(3, read);
    }

    private static async Task<JournalMisconfiguredException> RefusedAsync(KafkaOptions options)
    {
        await using var journal = new KafkaTopicsOfTest(options).Open();
        var refused = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => journal.OpenWriterAsync(Some.Intercom, default).AsTask());
        Assert.DoesNotContain('\n', refused.Message);
        return refused;
    }

    private async Task<KafkaOptions> WithPasswordAsync(string mechanism)
    {
        var user = mechanism == "PLAIN" ? SecuredKafka.PlainUser : KafkaServer.NewPrefix();
        if (mechanism != "PLAIN")
        {
            await kafka.SetPasswordAsync(user, "plain-secret", mechanism == "SCRAM-SHA-256" ? ScramMechanism.ScramSha256 : ScramMechanism.ScramSha512);
        }

        return kafka.Options(kafka.Sasl, new()
        {
            Protocol = KafkaProtocol.SaslSsl,
            CaFile = kafka.Certificates.Authority,
            Mechanism = mechanism,
            Username = user,
            Password = "plain-secret",
        });
    }

    private async Task<KafkaOptions> WithRightsButAsync(params (ResourceType, AclOperation)[] without)
    {
        var options = await WithPasswordAsync("SCRAM-SHA-512");
        await kafka.AllowAsync($"User:{options.Security.Username}", options.TopicPrefix, without);
        return options;
    }

    private KafkaOptions WithCertificate(string name)
    {
        var security = Tls(kafka.Certificates);
        (security.CertificateFile, security.KeyFile) = kafka.Certificates.Issue(name);
        return kafka.Options(kafka.Mutual, security);
    }

    /// <summary>By somebody who may.</summary>
    private async Task CreateTopicsAsync(KafkaOptions options)
    {
        var theirs = kafka.Options(kafka.Cluster.Bootstrap, new());
        (theirs.TopicPrefix, theirs.Partitions) = (options.TopicPrefix, options.Partitions);
        await using var journal = new KafkaTopicsOfTest(theirs).Open();
        await journal.KeepDeadLettersAsync([], default);
    }
}
