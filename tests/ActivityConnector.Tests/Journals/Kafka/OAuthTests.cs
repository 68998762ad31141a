using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>OAUTHBEARER: librdkafka asks an identity provider for tokens, and a real broker checks their signature, issuer, audience and time.</summary>
[Collection(SecuredKafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class OAuthTests(SecuredKafka kafka) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [KafkaClusterFact]
    public async Task A_client_writes_and_reads_with_the_rights_of_the_subject_of_its_token()
    {
        var options = await WithTokenAsync();

        await using var journal = new KafkaTopicsOfTest(options).Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);

        Assert.Equal(3, await CountAsync(reader));
    }

    [KafkaClusterFact]
    public async Task A_token_is_replaced_before_it_runs_out()
    {
        var options = await WithTokenAsync(lifetime: TimeSpan.FromSeconds(6));
        await using var journal = new KafkaTopicsOfTest(options).Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);

        // Only the writer still asks: by its second new token the one that it began with has run out.
        await kafka.Tokens.IssuedAsync(options.Security.Username!, kafka.Tokens.Issued(options.Security.Username!) + 2);

        await writer.CommitAsync(Some.Commit(2, Some.Events(1, 1)), default);
    }

    [KafkaClusterFact]
    public async Task A_new_client_secret_in_the_file_is_used_by_the_same_writer()
    {
        var options = await WithTokenAsync();
        var (client, secret) = (options.Security.Username!, _folder.File("secret"));
        await File.WriteAllTextAsync(secret, options.Security.Password + "\n");
        (options.Security.Password, options.Security.PasswordFile) = (null, secret);
        await using var journal = new KafkaTopicsOfTest(options).Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 1)), default);

        kafka.Tokens.Allow(client, "second");
        await File.WriteAllTextAsync(secret, "second\n");
        var issued = kafka.Tokens.Issued(client);
        await writer.CommitAsync(Some.Commit(2, Some.Events(1, 1)), default);

        Assert.NotEqual(issued, kafka.Tokens.Issued(client));
    }

    [KafkaClusterFact]
    public async Task A_wrong_client_secret_is_said_in_one_line()
    {
        var options = await WithTokenAsync();
        options.Security.Password = "wrong";

        var refused = await RefusedAsync<JournalMisconfiguredException>(options);

        Assert.Contains("the token endpoint refused the client (", refused.Message, StringComparison.Ordinal);
        Assert.Contains("invalid_client", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("Look at Kafka:Security:Username and Password", refused.Fix, StringComparison.Ordinal);
    }

    [KafkaClusterFact]
    public async Task A_token_that_the_broker_does_not_accept_is_said_in_one_line()
    {
        await using var stranger = new TokenEndpoint();
        await stranger.StartAsync(kafka.Certificates);
        var options = await WithTokenAsync();
        stranger.Allow(options.Security.Username!, options.Security.Password!);
        options.Properties = Properties(stranger.Url, kafka.Certificates);

        var refused = await RefusedAsync<JournalMisconfiguredException>(options);

        Assert.Equal(1, stranger.Issued(options.Security.Username!));
        Assert.Contains("the cluster refused the credentials (", refused.Message, StringComparison.Ordinal);
        Assert.Contains("invalid_token", refused.Message, StringComparison.Ordinal);
    }

    [KafkaClusterFact]
    public async Task A_token_endpoint_that_cannot_be_reached_is_said_in_one_line()
    {
        var options = await WithTokenAsync();
        options.Properties = Properties("https://127.0.0.1:1/token", kafka.Certificates);

        var unavailable = await RefusedAsync<JournalUnavailableException>(options);

        Assert.Contains("Failed to connect to 127.0.0.1", unavailable.Message, StringComparison.Ordinal);
        Assert.StartsWith("See that the token endpoint can be reached", unavailable.Fix, StringComparison.Ordinal);
    }

    [KafkaClusterFact]
    public async Task A_token_endpoint_of_an_unknown_authority_is_not_asked()
    {
        using var other = new CertificateFolder();
        var options = await WithTokenAsync();
        options.Properties = Properties(kafka.Tokens.Url, other);

        var unavailable = await RefusedAsync<JournalUnavailableException>(options);

        Assert.Equal(0, kafka.Tokens.Issued(options.Security.Username!));
        Assert.Contains("SSL certificate", unavailable.Message, StringComparison.Ordinal);
        Assert.Contains("https.ca.location", unavailable.Fix, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Properties(string endpoint, CertificateFolder trusted) => new()
    {
        ["sasl.oauthbearer.token.endpoint.url"] = endpoint,
        ["https.ca.location"] = trusted.Authority,
    };

    private static async Task<T> RefusedAsync<T>(KafkaOptions options)
        where T : JournalException
    {
        await using var journal = new KafkaTopicsOfTest(options).Open();
        var refused = await Assert.ThrowsAsync<T>(() => journal.OpenWriterAsync(Some.Intercom, default).AsTask());
        Assert.DoesNotContain('\n', refused.Message);
        return refused;
    }

    private static async Task<int> CountAsync(IJournalReader reader)
    {
        var read = 0;
        while (await reader.ReadAsync(10, default) is { Count: > 0 } events) read += events.Count;

        return read;
    }

    /// <summary>A client of its own, with the documented rights.</summary>
    private async Task<KafkaOptions> WithTokenAsync(TimeSpan? lifetime = null)
    {
        var client = KafkaServer.NewPrefix();
        kafka.Tokens.Allow(client, "first", lifetime);
        var options = kafka.Options(kafka.OAuth, new()
        {
            Protocol = KafkaProtocol.SaslSsl,
            CaFile = kafka.Certificates.Authority,
            Mechanism = "OAUTHBEARER",
            Username = client,
            Password = "first",
        });
        options.Properties = Properties(kafka.Tokens.Url, kafka.Certificates);
        await kafka.AllowAsync($"User:{client}", options.TopicPrefix);
        return options;
    }
}
