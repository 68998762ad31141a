using System.Net;
using System.Net.Sockets;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>Several nodes, of which some are down.</summary>
public sealed class NodeFailOverTests
{
    [Fact]
    public async Task The_next_node_takes_over_at_once_from_one_that_is_down_and_one_that_says_503()
    {
        await using var scene = await SinkOnFake.StartAsync();
        await using var sick = await FakeElasticsearch.StartAsync();
        sick.Instead = (_, _) => (503, "");
        scene.Options.Urls = [$"http://127.0.0.1:{Shared.Servers.ServerFolder.FreePorts(1)}", sick.Url, scene.Server.Url];

        for (var i = 0; i < 4; i++) await scene.Sink.WriteAsync(SinkOnFake.Events(i * 10, 10), default);

        Assert.Equal(40, scene.Server.Documents.Count);
        Assert.Empty(scene.Time.Waits);
    }

    [Fact]
    public async Task A_node_that_has_too_much_to_do_is_not_left_out()
    {
        await using var scene = await SinkOnFake.StartAsync();
        await using var busy = await FakeElasticsearch.StartAsync();
        scene.Options.Urls = [busy.Url, scene.Server.Url];
        busy.Then(429, """{"error":{"type":"es_rejected_execution_exception"}}""");

        for (var i = 0; i < 4; i++) await scene.Sink.WriteAsync(SinkOnFake.Events(i * 10, 10), default);

        busy.AssertDone();
        Assert.True(busy.Bulks.Count > 1);
        Assert.Equal(40, busy.Documents.Count + scene.Server.Documents.Count);
    }

    [Fact]
    public async Task A_node_that_was_down_is_asked_something_small_before_it_is_given_events()
    {
        await using var scene = await SinkOnFake.StartAsync();
        await using var sick = await FakeElasticsearch.StartAsync();
        sick.Instead = (_, _) => (503, "");
        scene.Options.Urls = [sick.Url, scene.Server.Url];
        var sink = scene.Sink;
        await sink.WriteAsync(SinkOnFake.Events(0, 10), default);

        // Hold it up until the node's time is over.
        sick.Requests.Clear();
        for (var i = 0; i < 4; i++)
        {
            scene.Server.ThenItems([.. Enumerable.Repeat(new FakeElasticsearch.Item(403, "cluster_block_exception"), 10)]);
        }

        await sink.WriteUntilSettledAsync(SinkOnFake.Events(10, 10), scene.Time);

        Assert.NotEmpty(sick.Requests);
        Assert.All(sick.Requests, r => Assert.Equal("HEAD ", r.Request));
    }

    [Fact]
    public async Task A_node_that_is_back_is_used_again_by_a_user_that_may_not_ask_it_what_it_is()
    {
        await using var scene = await SinkOnFake.StartAsync();
        await using var sick = await FakeElasticsearch.StartAsync();
        sick.Instead = (_, _) => (503, "");
        scene.Options.Urls = [sick.Url, scene.Server.Url];
        await scene.Sink.WriteAsync(SinkOnFake.Events(0, 10), default);
        sick.Instead = (method, _) => method == "HEAD" ? (403, "") : null;

        // The delays are longer than the time for which the node is left out.
        for (var i = 0; i < 4; i++)
        {
            scene.Server.ThenItems([.. Enumerable.Repeat(new FakeElasticsearch.Item(403, "cluster_block_exception"), 10)]);
        }

        await scene.Sink.WriteUntilSettledAsync(SinkOnFake.Events(10, 10), scene.Time);

        Assert.Equal(10, sick.Documents.Count);
    }

    [Fact]
    public async Task When_all_are_down_it_goes_on_with_the_first_that_is_back()
    {
        var scene = await SinkOnFake.StartAsync();
        await using var second = await FakeElasticsearch.StartAsync();
        second.Instead = (_, _) => scene.Time.Waits.Count < 8 ? (503, "") : null;
        scene.Options.Urls = [scene.Server.Url, second.Url];
        await scene.Server.DisposeAsync();

        var result = await scene.WriteAsync();

        Assert.Equal(3, result.Stored);
        Assert.Equal(3, second.Documents.Count);
        await scene.Sink.DisposeAsync();
    }

    [Fact]
    public async Task A_request_without_an_answer_is_given_up_after_a_minute_and_may_have_been_carried_out()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        var (received, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Then(async (_, _) =>
        {
            received.SetResult();
            await release.Task;
        });
        var time = new ManualTimeProvider();
        using var client = new ClusterClient(new() { Urls = [server.Url] }, time);

        var asking = client.PostAsync("_bulk", "{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{}\n"u8.ToArray(), "application/x-ndjson", default);
        await received.Task;
        time.Advance(TimeSpan.FromSeconds(60));
        var answer = await asking;
        release.SetResult();

        Assert.Equal((0, true, "no answer within 00:01:00"), (answer.Status, answer.IsAmbiguous, answer.Failure));
    }

    [Fact]
    public async Task A_node_that_accepts_no_connection_is_passed_over_for_the_next()
    {
        await using var scene = await SinkOnFake.StartAsync();
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var clients = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        var connecting = clients.Select(c => c.ConnectAsync(full.LocalEndPoint!)).ToList();
        scene.Options.Urls = [$"http://{full.LocalEndPoint}", scene.Server.Url];

        var result = await scene.WriteAsync();

        Assert.Equal(3, result.Stored);
        Assert.Empty(scene.Time.Waits);
        clients.ForEach(c => c.Dispose());
        await Task.WhenAll(connecting).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
