using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Brings events into Elasticsearch or OpenSearch: sent at least once, stored once, because the same event always goes to the same index
/// under the same id and is never written over. Waits for as long as the cluster is unavailable, unless it is set not to.
/// </summary>
/// <remarks>
/// Not thread-safe. <see cref="ClusterPreparation"/> prepares the cluster, <see cref="BulkSender"/> sends, and <see cref="BulkSettlement"/>
/// settles; the sink decides what is sent, and waits between two tries.
/// </remarks>
public sealed class ElasticsearchSink : IEventSink
{
    /// <summary>Under which the journal keeps where it is.</summary>
    public const string ReaderName = "elasticsearch";

    /// <summary>Requests made of one write: the fewer the writes, the less often nothing is under way.</summary>
    private const int Requests = 6;

    private readonly ElasticsearchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ClusterClient _client;
    private readonly Targets _targets;
    private readonly BackOff _backOff;
    private readonly ClusterPreparation _preparation;
    private readonly BulkSender _sender;
    private DateTimeOffset _newest;

    /// <param name="nested">Whether dotted names are sent as objects.</param>
    /// <param name="setupFolder">Where templates and policies are.</param>
    /// <param name="waitAtMost">When it gives up without having settled anything; null = never.</param>
    /// <param name="random">For jitter.</param>
    public ElasticsearchSink(
        ElasticsearchOptions options, bool nested, string setupFolder, TimeSpan? waitAtMost, TimeProvider time, Random random, ILogger<ElasticsearchSink> log)
    {
        _options = options;
        _time = time;
        _log = log;
        _client = new ClusterClient(options, time);
        _targets = new Targets(options);
        _backOff = new BackOff(waitAtMost, time, random, log);
        var months = new MonthIndices(_client, log);
        var limit = new BatchLimit(options.BatchSize, options.BatchBytes);
        _preparation = new ClusterPreparation(_client, months, options, setupFolder, log);
        _sender = new BulkSender(_client, _preparation, new BulkSettlement(_client, months, options.Mode, limit, log), limit, _backOff, nested, time);
    }

    /// <inheritdoc/>
    public string Name => ReaderName;

    /// <inheritdoc/>
    public int BatchSize => _options.BatchSize * Requests;

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        while (!_preparation.IsDone)
        {
            if (await _preparation.PrepareAsync(cancellationToken) is { } reason)
            {
                await _backOff.DelayAsync(reason, cancellationToken);
            }
            else
            {
                _backOff.Reset(isWell: true);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken)
    {
        var progress = Sort(events);
        while (progress.Pending.Count > 0)
        {
            if (await _sender.SendAsync(progress, cancellationToken) is { } reason)
            {
                if (progress.Pending.All(e => e.Failures >= PoisonEvents.MostFailures))
                {
                    // Read again, they come with what the journal has got since: others that show whether it is the events or the server.
                    throw new SinkUnavailableException(reason.Cause, reason.Fix);
                }

                await _backOff.DelayAsync(reason, cancellationToken);
            }
        }

        progress.Log(_log);
        return progress.Result;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Each event is pending for its index, or left out because its index would be deleted at once.</summary>
    private WriteProgress Sort(IReadOnlyList<JournalEvent> events)
    {
        var present = Present(events);
        var progress = new WriteProgress();
        progress.Pending.EnsureCapacity(events.Count);
        foreach (var e in events)
        {
            if (_targets.IsExpired(e, present))
            {
                progress.Expired++;
            }
            else
            {
                progress.Pending.Enqueue(new PendingEvent(e, _targets.Of(e)));
            }
        }

        return progress;
    }

    /// <summary>What an event's age is measured against: the newest commit seen, because a host's clock that is ahead of it may be wrong.</summary>
    private DateTimeOffset Present(IReadOnlyList<JournalEvent> events)
    {
        foreach (var e in events) _newest = e.CommittedAt > _newest ? e.CommittedAt : _newest;

        var now = _time.GetUtcNow();
        return now < _newest ? now : _newest;
    }
}
