using System.Collections.Concurrent;
using System.Threading.Channels;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Admin;

/// <summary>Passes events on to those who watch, as they are committed. A watcher that is slow misses some; collection never waits.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EventFeed
{
    private const int MostOfACommit = 50;
    private const int MostWaiting = 20;

    private readonly ConcurrentDictionary<Channel<ListedEvent[]>, bool> _watchers = new();

    public EventFeed(ConnectorHost connector)
    {
        foreach (var runner in connector.Runners) runner.Collector.Committed += Publish;
    }

    /// <summary>The newest events of each commit from now on, newest first.</summary>
    public async IAsyncEnumerable<ListedEvent[]> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<ListedEvent[]>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        _watchers.TryAdd(channel, true);
        try
        {
            await foreach (var events in channel.Reader.ReadAllAsync(cancellationToken)) yield return events;
        }
        finally
        {
            _watchers.TryRemove(channel, out _);
        }
    }

    private void Publish(Checkpoint checkpoint, IReadOnlyList<EcsEvent> events)
    {
        if (_watchers.IsEmpty || events.Count == 0) return;

        ListedEvent[] listed =
        [
            .. events.TakeLast(MostOfACommit).Reverse().Select(e => EventEndpoints.Listed(
                new JournalEvent(0, checkpoint.Source, e.Id, e.Time, e.TraceId, checkpoint.CommittedAt, e.Json))),
        ];
        foreach (var watcher in _watchers.Keys) watcher.Writer.TryWrite(listed);
    }
}
