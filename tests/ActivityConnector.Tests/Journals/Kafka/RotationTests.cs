using System.Text.Json;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>Passwords and certificates that change while writers and readers live.</summary>
[Collection(SecuredKafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class RotationTests(SecuredKafka kafka) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [KafkaClusterFact]
    public async Task A_new_password_in_the_file_is_used_by_the_same_writer_and_reader()
    {
        var (options, user, password) = await WithPasswordFileAsync("first\n");
        await using var journal = new KafkaTopicsOfTest(options).Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);
        Assert.Equal(["evt-0"], await NextAsync(reader));

        await kafka.SetPasswordAsync(user, "second");
        // Only now do the clients have to show a password again.
        await kafka.Cluster.StopAsync();
        await kafka.Cluster.StartAgainAsync();
        await File.WriteAllTextAsync(password, "second\n");

        await writer.CommitAsync(Some.Commit(2, Some.Events(1, 1)), default);
        Assert.Equal(["evt-1"], await NextAsync(reader));
    }

    [KafkaClusterFact]
    public async Task A_commit_that_waits_for_a_connection_takes_a_new_password()
    {
        var (options, user, password) = await WithPasswordFileAsync("first");
        await using var journal = new KafkaTopicsOfTest(options).Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await kafka.SetPasswordAsync(user, "second");
        await kafka.Cluster.StopAsync();

        var commit = writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default).AsTask();
        await kafka.Cluster.StartAgainAsync();
        Assert.False(commit.IsCompleted);
        await File.WriteAllTextAsync(password, "second");

        await commit;
    }

    [KafkaClusterFact]
    public async Task New_certificates_are_used_by_the_same_writer_and_reader()
    {
        var (old, next) = (KafkaServer.NewPrefix(), KafkaServer.NewPrefix());
        var (certificate, key) = (_folder.File("client.crt"), _folder.File("client.key"));
        Install(old, certificate, key);
        var options = kafka.Options(kafka.Mutual, new()
        {
            Protocol = KafkaProtocol.Ssl,
            CaFile = kafka.Certificates.Authority,
            CertificateFile = certificate,
            KeyFile = key,
        });
        await kafka.AllowAsync($"User:CN={old}", options.TopicPrefix);
        await kafka.AllowAsync($"User:CN={next}", options.TopicPrefix);
        await using var journal = new KafkaTopicsOfTest(options).Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);
        Assert.Equal(["evt-0"], await NextAsync(reader));
        var member = await MemberAsync($"{options.TopicPrefix}.elasticsearch");

        Install(next, certificate, key);
        while (await MemberAsync($"{options.TopicPrefix}.elasticsearch") is var now && (now is null || now == member))
        {
            // It looks at the files every few seconds.
        }

        await kafka.ForbidAsync($"User:CN={old}");
        await writer.CommitAsync(Some.Commit(2, Some.Events(1, 1)), default);
        Assert.Equal(["evt-1"], await NextAsync(reader));
    }

    [KafkaClusterFact]
    public async Task A_member_goes_on_while_half_of_its_files_are_new()
    {
        var name = KafkaServer.NewPrefix();
        var (certificate, key) = (_folder.File("client.crt"), _folder.File("client.key"));
        Install(name, certificate, key);
        var time = new ManualTimeProvider();
        var options = kafka.Options(kafka.Mutual, new()
        {
            Protocol = KafkaProtocol.Ssl,
            CaFile = kafka.Certificates.Authority,
            CertificateFile = certificate,
            KeyFile = key,
        });
        var clients = new KafkaClients(options, NullLogger.Instance);
        using var member = new GroupMember(options.Security, time, [$"{options.TopicPrefix}.intercom"], credentials =>
            clients.Member(credentials, $"{options.TopicPrefix}.elasticsearch", new ClientErrors()).Build());
        var before = member.Client;
        var (newCertificate, newKey) = kafka.Certificates.Issue(name);

        File.Copy(newCertificate, certificate, overwrite: true);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.False(member.FollowCredentials());
        Assert.Same(before, member.Client);

        File.Copy(newKey, key, overwrite: true);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(member.FollowCredentials());
        Assert.NotSame(before, member.Client);
    }

    private static async Task<IEnumerable<string>> NextAsync(IJournalReader reader)
    {
        while (true)
        {
            try
            {
                if (await reader.ReadAsync(10, default) is { Count: > 0 } events)
                {
                    await reader.AcknowledgeAsync(events[^1], default);
                    return events.Select(e => JsonDocument.Parse(e.Json).RootElement.GetProperty("event.id").GetString()!);
                }
            }
            catch (JournalException)
            {
                // The broker is just starting, or refuses the old password yet; the same reader continues.
            }
        }
    }

    private void Install(string name, string certificate, string key)
    {
        var (newCertificate, newKey) = kafka.Certificates.Issue(name);
        File.Copy(newCertificate, certificate, overwrite: true);
        File.Copy(newKey, key, overwrite: true);
    }

    /// <summary>The one member of a group; null while there is none.</summary>
    private async Task<string?> MemberAsync(string group) =>
        (await kafka.Admin.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single().Members.SingleOrDefault()?.ConsumerId;

    /// <summary>A user whose password is "first", and a file that says so.</summary>
    private async Task<(KafkaOptions Options, string User, string PasswordFile)> WithPasswordFileAsync(string content)
    {
        var (user, password) = (KafkaServer.NewPrefix(), _folder.File("password"));
        await kafka.SetPasswordAsync(user, "first");
        await File.WriteAllTextAsync(password, content);
        var options = kafka.Options(kafka.Sasl, new()
        {
            Protocol = KafkaProtocol.SaslSsl,
            CaFile = kafka.Certificates.Authority,
            Username = user,
            PasswordFile = password,
        });
        await kafka.AllowAsync($"User:{user}", options.TopicPrefix);
        return (options, user, password);
    }
}
