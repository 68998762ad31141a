using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;
using ActivityConnector.Tests.Transforms;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;

namespace ActivityConnector.Tests.Detections;

/// <summary>Records of the vendors become documents of a server by the product's own transforms and sink, and rules run on them.</summary>
internal sealed class DetectionScene : IAsyncDisposable
{
    /// <summary>How many events are in memory at once.</summary>
    private const int BatchSize = 5_000;

    private readonly SinkOnServer _server;
    private ElasticsearchSink? _sink;

    public DetectionScene(string url)
    {
        _server = new(url);
        Rules = new(_server.Client, _server.Options.Prefix);
    }

    /// <summary>Runs rules on what was delivered, by <c>@timestamp</c>.</summary>
    public ElasticRuleRun Rules { get; }

    /// <summary>What a person would ask the server.</summary>
    public SearchClient Client => _server.Client;

    /// <summary>What index names begin with, in place of <c>logs</c>.</summary>
    public string Prefix => _server.Options.Prefix;

    /// <summary>
    /// Maps the records, writes their events to the server and makes them searchable; in batches, so that a million records need no more memory
    /// than a few thousand. An event that the server refuses is an error.
    /// </summary>
    /// <param name="records">Each with its vendor: <c>intercom</c> or <c>sequence</c>. Read once.</param>
    /// <param name="delivered">Is given each event as it was written.</param>
    /// <param name="organization">The organisation of Intercom's events; Sequence's records name their own.</param>
    /// <returns>How many events were stored for the first time.</returns>
    public async Task<long> DeliverAsync(
        IEnumerable<(string Vendor, byte[] Json)> records, Action<DetectionEvent>? delivered = null, string organization = "xyz789")
    {
        var transforms = new Dictionary<string, IActivityTransform>
        {
            ["intercom"] = new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings with { OrganizationId = organization }),
            ["sequence"] = new SequenceTransform(Mapped.SequenceTable, Mapped.SequenceSettings),
        };
        if (_sink is null)
        {
            _sink = _server.NewSink();
            await _sink.PrepareAsync(default);
        }

        var stored = 0L;
        using var batch = new EventBatch();
        var events = new List<JournalEvent>();
        foreach (var (vendor, json) in records)
        {
            batch.Clear();
            transforms[vendor].Transform(new(json, Mapped.ReceivedAt), batch);
            foreach (var e in batch.Events)
            {
                events.Add(new(events.Count + 1, new(vendor, "x"), e.Id, e.Time, null, e.Time, e.Json.ToArray()));
                delivered?.Invoke(DetectionEvent.OfJson(e.Json, e.Id));
            }

            if (events.Count >= BatchSize) stored += await WriteAsync(events);
        }

        stored += await WriteAsync(events);
        await Client.SendAsync(HttpMethod.Post, _server.Indices + "/_refresh");
        return stored;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<long> WriteAsync(List<JournalEvent> events)
    {
        if (events.Count == 0) return 0;

        var result = await _sink!.WriteUntilSettledAsync(events, _server.Time);
        events.Clear();
        return result.Refused.Count == 0
            ? result.Stored
            : throw new InvalidOperationException($"The server refused {result.Refused.Count} events: {result.Refused[0]}");
    }
}
