using System.Buffers;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

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

    /// <summary>The bytes of events that wait for their indices while others are delivered: they are in memory.</summary>
    private const int MostWaiting = 16 * 1024 * 1024;

    private readonly ElasticsearchOptions _options;
    private readonly bool _nested;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ClusterClient _client;
    private readonly Targets _targets;
    private readonly BackOff _backOff;
    private readonly ClusterPreparation _preparation;
    private readonly BulkSender _sender;
    private readonly HeldIndices _held;
    private readonly HourlyReminder _otherIds;
    private readonly IngestPipelines _pipelines;
    private DateTimeOffset _newest;

    /// <param name="nested">Whether dotted names are sent as objects.</param>
    /// <param name="setupFolder">Where templates and policies are.</param>
    /// <param name="waitAtMost">When it gives up without having settled anything; null = never.</param>
    /// <param name="random">For jitter.</param>
    public ElasticsearchSink(
        ElasticsearchOptions options, bool nested, string setupFolder, TimeSpan? waitAtMost, TimeProvider time, Random random, ILogger<ElasticsearchSink> log)
    {
        _options = options;
        _nested = nested;
        _time = time;
        _log = log;
        _client = new ClusterClient(options, time);
        _targets = new Targets(options);
        _backOff = new BackOff(waitAtMost, time, random, log);
        var months = new MonthIndices(_client, log);
        var limit = new BatchLimit(options.BatchSize, options.BatchBytes);
        _held = new HeldIndices(time, log);
        _otherIds = new HourlyReminder(time);
        _pipelines = new IngestPipelines(_client);
        _preparation = new ClusterPreparation(_client, months, _held, options, setupFolder, time, log);
        // An alert needs the first step from 0.
        Instruments.SinkBlocked.Add(0, Instruments.Tag(Instruments.Sink, ReaderName), Instruments.Tag(Instruments.Reason, RetryReason.Unavailable));
        _sender = new BulkSender(_client, _preparation, new BulkSettlement(_client, months, _held, options.Mode, limit, log), limit, _backOff, nested, time);
    }

    /// <inheritdoc/>
    public string Name => ReaderName;

    /// <inheritdoc/>
    public Trouble? Blocked => _backOff.Trouble;

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
        while (true)
        {
            if (progress.Pending.Count == 0)
            {
                if (progress.Waiting.Sum(e => (long)e.Bytes) <= MostWaiting) break;

                await _backOff.DelayAsync(progress.WaitingFor!, cancellationToken);
                progress.EndWaits();
            }

            if (await _sender.SendAsync(progress, cancellationToken) is { } reason)
            {
                if (progress.Pending.All(e => e.Failures >= PoisonEvents.MostFailures))
                {
                    // With what the journal has got since, others show whether it is the events or the server.
                    if (reason.FailedAt is null) throw new SinkUnavailableException(reason.Cause, reason.Fix);

                    Hold(progress, reason);
                    continue;
                }

                await _backOff.DelayAsync(await NamedAsync(reason, progress, cancellationToken), cancellationToken);
            }
        }

        progress.Log(_log);
        foreach (var (index, count) in progress.OtherIds.Where(other => _otherIds.IsDue(other.Key)))
        {
            ElasticsearchLog.OtherIds(_log, count, index, await _pipelines.NamesTextAsync(index, cancellationToken));
        }

        foreach (var (index, count) in progress.OtherIndices.Where(other => _otherIds.IsDue($"index {other.Key}")))
        {
            ElasticsearchLog.OtherIndex(_log, count, index, await _pipelines.NamesTextAsync(index, cancellationToken));
        }

        return progress.Result;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The server fails at every event that is left: their indices take none for now.</summary>
    private void Hold(WriteProgress progress, RetryReason reason)
    {
        foreach (var index in progress.Pending.Select(e => e.Target).Distinct()) _held.Hold(index, reason);

        while (progress.Pending.TryDequeue(out var e)) progress.Wait(e, reason);
    }

    /// <summary>With the pipeline that fails at the event, once for each write: the answer to a bulk request does not name it.</summary>
    private async Task<RetryReason> NamedAsync(RetryReason reason, WriteProgress progress, CancellationToken cancellationToken)
    {
        if (reason.FailedAt is not var (e, said) || progress.HasLookedForPipeline) return reason;

        progress.HasLookedForPipeline = true;
        if (await _pipelines.FailingAsync(e.Target, e.Event.Id, Sent(e.Event.Json), cancellationToken) is not { } pipeline) return reason;

        foreach (var failing in progress.Pending.Where(p => p.Target == e.Target && p.Failures > 0)) failing.Pipeline = $" ({pipeline})";

        return RetryReason.Failing(said, e);
    }

    private ReadOnlyMemory<byte> Sent(ReadOnlyMemory<byte> json)
    {
        if (!_nested) return json;

        var sent = new ArrayBufferWriter<byte>();
        NestedEvent.Write(json.Span, sent);
        return sent.WrittenMemory;
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
                continue;
            }

            var pending = new PendingEvent(e, _targets.Of(e));
            if (_held.Reason(pending.Target) is { } reason)
            {
                progress.Wait(pending, reason);
            }
            else
            {
                progress.Pending.Enqueue(pending);
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
