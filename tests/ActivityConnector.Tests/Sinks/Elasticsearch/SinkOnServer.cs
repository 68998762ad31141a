using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>The real sink before a real server, in a prefix of its own, on a clock that waits for nothing.</summary>
internal sealed class SinkOnServer : IAsyncDisposable
{
    private readonly List<ElasticsearchSink> _sinks = [];

    public SinkOnServer(string url, string? prefix = null, string? authorization = null)
    {
        Client = new SearchClient(url, authorization);
        Options = new ElasticsearchOptions
        {
            Urls = [url],
            Prefix = prefix ?? SharedSearchServer.NewPrefix(),
            Retention = null,
            SetupFolder = SinkOnFake.SetupFolder,
        };
    }

    public ElasticsearchOptions Options { get; }

    public SearchClient Client { get; }

    public JumpingTime Time { get; } = new();

    public CollectingLogger<ElasticsearchSink> Log { get; } = new();

    public string Indices => Options.Prefix + "-*";

    public string Month => $"{Options.Prefix}-intercom.audit.2026.11";

    /// <summary>As a process that has just started would have it.</summary>
    public ElasticsearchSink NewSink(bool nested = false, TimeSpan? waitAtMost = null)
    {
        var sink = new ElasticsearchSink(Options, nested, SinkOnFake.SetupFolder, waitAtMost, Time, new Random(1), Log);
        _sinks.Add(sink);
        return sink;
    }

    public async Task<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, bool nested = false)
    {
        var sink = NewSink(nested);
        await sink.PrepareAsync(default);
        return await sink.WriteUntilSettledAsync(events, Time);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sink in _sinks) await sink.DisposeAsync();

        Client.Dispose();
    }
}
