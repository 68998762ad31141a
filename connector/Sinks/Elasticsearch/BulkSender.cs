using System.Diagnostics;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>Sends the pending events of a write in bulk requests, several of them under way at once.</summary>
/// <remarks>Not thread-safe. The responses are settled one after the other.</remarks>
internal sealed class BulkSender(
    ClusterClient client, ClusterPreparation preparation, BulkSettlement settlement, BatchLimit limit, BackOff backOff, bool nested, TimeProvider time)
{
    /// <summary>One more than keep a small server busy: it need not wait for the next while one is answered.</summary>
    private const int AtOnce = 3;

    /// <summary>Events that a request has unless no more are pending.</summary>
    private const int WorthARequest = 200;

    private readonly BulkBody[] _bodies = [.. Enumerable.Range(0, AtOnce).Select(_ => new BulkBody(nested))];

    /// <summary>
    /// Sends the next request as soon as one of those under way is answered, until nothing is pending or there is a reason to wait. Returns when
    /// no request is under way; the events that are not settled are pending again.
    /// </summary>
    /// <returns>Null when nothing is pending.</returns>
    public async Task<RetryReason?> SendAsync(WriteProgress progress, CancellationToken cancellationToken)
    {
        RetryReason? worst = null;
        var underWay = new List<UnderWay>(AtOnce);
        try
        {
            while (true)
            {
                while (worst is null && underWay.Count < AtOnce && progress.Pending.Count > 0)
                {
                    var events = Take(progress.Pending);
                    if (events is [{ NeedsControl: true } suspect] && progress.PoisonEvents.ControlFor(suspect) is { } control)
                    {
                        suspect.NeedsControl = false;
                        progress.Requeue(events);
                        events = [control];
                    }

                    progress.PoisonEvents.AddControls(events, limit);
                    worst = await preparation.PrepareTargetsAsync(events, progress, cancellationToken);
                    if (worst is not null)
                    {
                        progress.Requeue(events);
                    }
                    else if (events.Count > 0)
                    {
                        var body = Array.Find(_bodies, b => !underWay.Exists(r => r.Body == b))!;
                        underWay.Add(new(new BulkRequest(events, progress.Settled > 0), body, PostAsync(events, body, cancellationToken)));
                    }
                }

                if (underWay.Count == 0) return worst;

                await Task.WhenAny(underWay.Select(r => r.Response));
                var answered = underWay.Find(r => r.Response.IsCompleted)!;
                underWay.Remove(answered);
                var settled = progress.Settled;
                worst = RetryReason.Worse(worst, settlement.Settle(answered.Request, await answered.Response, progress));
                if (progress.Settled > settled) backOff.Reset(isWell: worst is null);
            }
        }
        finally
        {
            // The bodies are still being sent.
            await Task.WhenAll(underWay.Select(Task (r) => r.Response)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The last requests of a write are the smaller ones, so that they end together.</summary>
    private List<PendingEvent> Take(Queue<PendingEvent> pending)
    {
        var (taken, bytes) = (new List<PendingEvent>(), 0);
        var most = Math.Min(limit.Events, Math.Max(WorthARequest, pending.Count / AtOnce));
        while (taken.Count < most && pending.TryPeek(out var next) && (taken.Count == 0 || bytes + next.Bytes <= limit.Bytes))
        {
            taken.Add(pending.Dequeue());
            bytes += next.Bytes;
        }

        return taken;
    }

    private async Task<ServerResponse> PostAsync(List<PendingEvent> events, BulkBody body, CancellationToken cancellationToken)
    {
        var index = Spans.IsOn && events.TrueForAll(e => e.Target == events[0].Target) ? events[0].Target : null;
        using var span = Spans.Start(index is null ? "bulk" : $"bulk {index}", ActivityKind.Client);
        span?.SetTag(Spans.DatabaseSystem, "elasticsearch");
        span?.SetTag(Spans.DatabaseOperation, "bulk");
        span?.SetTag(Spans.DatabaseBatchSize, events.Count);
        if (index is not null) span?.SetTag(Spans.DatabaseCollection, index);

        var bytes = body.Of(events, time.GetUtcNow());
        var started = time.GetTimestamp();
        var response = await client.PostAsync("_bulk?" + BulkResponse.Filter, bytes, "application/x-ndjson", cancellationToken);
        Instruments.BulkSize.Record(bytes.Length, Instruments.Tag(Instruments.Sink, ElasticsearchSink.ReaderName));
        Instruments.DatabaseOperation.Record(
            time.GetElapsedTime(started).TotalSeconds,
            Instruments.Tag(Spans.DatabaseSystem, "elasticsearch"),
            Instruments.Tag(Spans.DatabaseOperation, "bulk"),
            Instruments.Tag(Spans.DatabaseStatus, $"{response.Status}"));
        if (response.Status > 0) span?.SetTag(Spans.DatabaseStatus, $"{response.Status}");
        span?.SetTag(Spans.ServerAddress, response.SentTo?.Host);
        span?.SetTag(Spans.ServerPort, response.SentTo?.Port);
        if (!response.IsSuccess) span?.SetStatus(ActivityStatusCode.Error, response.ToString());

        return response;
    }

    /// <summary>A request that is not answered yet; its body is in use until it is.</summary>
    private sealed record UnderWay(BulkRequest Request, BulkBody Body, Task<ServerResponse> Response);
}
