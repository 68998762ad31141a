using System.Net;
using System.Net.Sockets;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>What the transport of the official client does by default or by itself, and must not do here.</summary>
public sealed class TransportTests
{
    private static readonly byte[] OneEvent = "{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{}\n"u8.ToArray();

    [Fact]
    public async Task An_aborted_bulk_goes_to_no_other_node_before_the_delay()
    {
        await using var scene = await SinkOnFake.StartAsync();
        await using var second = await FakeElasticsearch.StartAsync();
        await using var third = await FakeElasticsearch.StartAsync();
        scene.Options.Urls = [scene.Server.Url, second.Url, third.Url];
        FakeElasticsearch[] servers = [scene.Server, second, third];
        foreach (var server in servers)
        {
            server.Then((_, http) =>
            {
                http.Abort();
                return Task.CompletedTask;
            });
        }

        var sentBeforeDelays = new List<int>();
        scene.Time.BeforeJump = _ => sentBeforeDelays.Add(servers.Sum(s => s.Bulks.Count));
        await scene.WriteAsync();

        Assert.Equal([1, 2, 3], sentBeforeDelays);
        Assert.All(scene.Time.Waits, delay => Assert.True(delay >= TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_response_that_stalls_in_its_body_is_given_up_after_a_minute()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        var (stalled, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Then(async (_, http) =>
        {
            http.Response.ContentLength = 1000;
            await http.Response.WriteAsync("{\"items\":[");
            await http.Response.Body.FlushAsync();
            stalled.SetResult();
            await release.Task;
            http.Abort();
        });

        var response = await GivenUpAsync(server.Url, OneEvent, stalled.Task);
        release.SetResult();

        Assert.Equal((0, true, "no answer within 00:01:00"), (response.Status, response.IsAmbiguous, response.Failure));
    }

    [Fact]
    public async Task A_server_that_stops_reading_is_given_up_after_a_minute()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepted = listener.AcceptSocketAsync();

        var response = await GivenUpAsync($"http://{listener.LocalEndpoint}", new byte[32 << 20], accepted);
        (await accepted).Dispose();

        Assert.Equal((0, true, "no answer within 00:01:00"), (response.Status, response.IsAmbiguous, response.Failure));
    }

    [Fact]
    public async Task A_response_larger_than_any_to_a_bulk_is_not_read()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        var release = new TaskCompletionSource();
        server.Then(async (_, http) =>
        {
            var chunk = new byte[1 << 20];
            for (var i = 0; i < 65; i++) await http.Response.Body.WriteAsync(chunk);

            await release.Task;
        });
        using var client = new ClusterClient(new() { Urls = [server.Url] }, TimeProvider.System);

        var response = await PostAsync(client, OneEvent);
        release.SetResult();

        Assert.Equal((0, true), (response.Status, response.IsAmbiguous));
        Assert.StartsWith("ConfigurationLimitExceeded: ", response.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var server = await FakeElasticsearch.StartAsync();
        await using var elsewhere = await FakeElasticsearch.StartAsync();
        server.Then(status, "", ("Location", elsewhere.Url + "/_bulk"));
        using var client = new ClusterClient(new() { Urls = [server.Url], ApiKey = "id:key" }, TimeProvider.System);

        Assert.Equal(status, (await PostAsync(client, OneEvent)).Status);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task A_request_has_the_headers_that_any_server_takes_and_no_cookie()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        var requests = new List<Dictionary<string, string>>();
        for (var i = 0; i < 2; i++)
        {
            server.Then((bulk, http) =>
            {
                requests.Add(http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()));
                http.Response.Headers.SetCookie = "session=1; Path=/";
                return server.StoreAsync(bulk, http);
            });
        }

        using var client = new ClusterClient(new() { Urls = [server.Url], ApiKey = "id:key" }, TimeProvider.System);
        await PostAsync(client, OneEvent);
        await PostAsync(client, OneEvent);

        Assert.All(requests, headers =>
        {
            Assert.Equal(
                ("application/x-ndjson", "application/json", "chunked", "ApiKey aWQ6a2V5"),
                (headers["Content-Type"], headers["Accept"], headers["Transfer-Encoding"], headers["Authorization"]));
            Assert.DoesNotContain("Cookie", headers);
            Assert.DoesNotContain("x-elastic-client-meta", headers);
            Assert.DoesNotContain("Accept-Encoding", headers);
            Assert.DoesNotContain("traceparent", headers);
        });
        Assert.Equal(2, requests.Count);
    }

    [Fact]
    public async Task A_response_is_read_whatever_type_it_says_it_has()
    {
        await using var scene = await SinkOnFake.StartAsync();
        scene.Server.ThenStoreAnd((text, http) =>
        {
            http.Response.ContentType = "text/plain";
            return http.Response.WriteAsync(text);
        });

        Assert.Equal(3, (await scene.WriteAsync()).Stored);
        Assert.Empty(scene.Time.Waits);
    }

    private static async Task<ServerResponse> GivenUpAsync(string url, byte[] body, Task reached)
    {
        var time = new ManualTimeProvider();
        using var client = new ClusterClient(new() { Urls = [url] }, time);
        var asking = PostAsync(client, body);
        await reached;
        time.Advance(TimeSpan.FromSeconds(60));
        return await asking;
    }

    private static Task<ServerResponse> PostAsync(ClusterClient client, byte[] body) => client.PostAsync("_bulk", body, "application/x-ndjson", default);
}
