using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>OAUTHBEARER is librdkafka's own: what is configured reaches it, and it asks for a token.</summary>
public sealed class OAuthTests
{
    [Fact]
    public async Task The_token_endpoint_is_asked_as_configured()
    {
        var asked = new TaskCompletionSource<(string? Authorization, string Body)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var endpoint = builder.Build();
        endpoint.MapPost("/token", async (HttpRequest request) =>
        {
            using var body = new StreamReader(request.Body);
            asked.TrySetResult((request.Headers.Authorization, await body.ReadToEndAsync()));
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        });
        await endpoint.StartAsync();
        var options = new KafkaOptions
        {
            // Nobody is there: the token comes first.
            BootstrapServers = "127.0.0.1:1",
            Security = new() { Protocol = KafkaProtocol.SaslPlaintext, Mechanism = "OAUTHBEARER" },
            Properties = new Dictionary<string, string>
            {
                ["sasl.oauthbearer.method"] = "oidc",
                ["sasl.oauthbearer.token.endpoint.url"] = endpoint.Urls.Single() + "/token",
                ["sasl.oauthbearer.client.id"] = "connector",
                ["sasl.oauthbearer.client.secret"] = "hush",
                ["sasl.oauthbearer.scope"] = "kafka",
            },
        };
        await using var journal = new KafkaTopicsOfTest(options).Open();

        var opening = journal.OpenWriterAsync(Some.Intercom, default).AsTask();

        if (await Task.WhenAny(asked.Task, opening) == opening)
        {
            // A librdkafka that was built without curl says so.
            var refused = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => opening);
            Assert.Contains("sasl.oauthbearer.method", refused.Message, StringComparison.Ordinal);
            return;
        }

        var (authorization, sent) = await asked.Task;
        Assert.Equal("Basic " + Convert.ToBase64String("connector:hush"u8), authorization);
        Assert.Contains("grant_type=client_credentials", sent, StringComparison.Ordinal);
        Assert.Contains("scope=kafka", sent, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<JournalException>(() => opening);
    }
}
