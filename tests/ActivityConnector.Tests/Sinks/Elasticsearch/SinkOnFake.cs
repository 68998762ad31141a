using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>The real sink before a fake server, on a clock that waits for nothing.</summary>
internal sealed class SinkOnFake : IAsyncDisposable
{
    private SinkOnFake(FakeElasticsearch server) => Server = server;

    public FakeElasticsearch Server { get; }

    public JumpingTime Time { get; } = new();

    public CollectingLogger<ElasticsearchSink> Log { get; } = new();

    public ElasticsearchOptions Options { get; } = new();

    public TimeSpan? WaitAtMost { get; set; }

    public bool Nested { get; set; }

    private ElasticsearchSink? _sink;

    public ElasticsearchSink Sink => _sink ??= new ElasticsearchSink(
        Options, Nested, SetupFolder, WaitAtMost, Time, new Random(1), Log);

    public static string SetupFolder { get; } = Path.Combine(DeliveredFiles.Root, "config", "elasticsearch");

    public static async Task<SinkOnFake> StartAsync()
    {
        var fake = await FakeElasticsearch.StartAsync();
        var fixture = new SinkOnFake(fake);
        fixture.Options.Urls = [fake.Url];
        return fixture;
    }

    /// <summary>Events as the journal gives them.</summary>
    public static IReadOnlyList<JournalEvent> Events(int first, int count, int bytes = 0) =>
        [.. Some.Events(first, count, bytes).Select((e, n) => new JournalEvent(first + n + 1, Some.Intercom, e.Id, e.Time, null, e.Time, e.Json))];

    public Task<SinkResult> WriteAsync(int count = 3, int bytes = 0) => Sink.WriteUntilSettledAsync(Events(0, count, bytes), Time);

    public async ValueTask DisposeAsync()
    {
        if (_sink is not null) await _sink.DisposeAsync();

        await Server.DisposeAsync();
    }
}
