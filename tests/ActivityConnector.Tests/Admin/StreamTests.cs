using System.Net;

namespace ActivityConnector.Tests.Admin;

/// <summary>What readers of the stream may cost.</summary>
public sealed class StreamTests
{
    private const int Most = 20;

    [Fact]
    public async Task Readers_that_do_not_read_keep_out_neither_health_nor_for_ever_the_next_reader()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        var streams = new List<HttpResponseMessage>();
        for (var i = 0; i < Most; i++) streams.Add(await OpenAsync(scene));

        Assert.All(streams, stream => Assert.Equal(HttpStatusCode.OK, stream.StatusCode));
        using (var oneMore = await OpenAsync(scene)) Assert.Equal(HttpStatusCode.TooManyRequests, oneMore.StatusCode);

        using (var health = await scene.SendAsync(HttpMethod.Get, "/livez")) Assert.Equal(HttpStatusCode.OK, health.StatusCode);

        streams.ForEach(stream => stream.Dispose());
        Assert.Equal(HttpStatusCode.OK, await NextAsync(scene));
    }

    /// <summary>The server notices that a reader is gone when it writes to it: every two seconds.</summary>
    private static async Task<HttpStatusCode> NextAsync(AdminScene scene)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var tries = 100; ; tries--)
        {
            using var next = await OpenAsync(scene);
            if (next.IsSuccessStatusCode || tries == 0) return next.StatusCode;

            await timer.WaitForNextTickAsync();
        }
    }

    private static Task<HttpResponseMessage> OpenAsync(AdminScene scene) =>
        scene.Http.GetAsync(new Uri("/api/v1/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
}
