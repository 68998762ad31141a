namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The events of one bulk request.</summary>
/// <param name="TookOthers">The server had settled others when it was sent: it understands what it is sent.</param>
internal sealed record BulkRequest(List<PendingEvent> Events, bool TookOthers)
{
    public int Bytes => Events.Sum(e => e.Bytes);
}

/// <summary>Settles the events of a bulk request by its response: each is counted, refused permanently, or pending again.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BulkSettlement(ClusterClient client, MonthIndices months, ElasticsearchMode mode, BatchLimit limit, ILogger log)
{
    /// <returns>Why the pending ones must wait; null when they can be sent at once.</returns>
    public RetryReason? Settle(BulkRequest request, ServerResponse response, WriteProgress progress)
    {
        var events = request.Events;
        if (response.Status == 200 && BulkResponse.Read(response.Body.Span, events) is { } items)
        {
            return SettleItems(request, items, progress);
        }

        var verdict = BulkVerdicts.Of(response.Status, response.Error.Type);
        if (verdict == BulkVerdict.Split && events.Count == 1)
        {
            progress.Refuse(events[0], $"too large: the server takes no request of {request.Bytes} bytes");
            return null;
        }

        if (verdict == BulkVerdict.Bisect && events.Count == 1 && request.TookOthers)
        {
            progress.Refuse(events[0], response.Error.WithoutValues());
            return null;
        }

        progress.Requeue(events);
        switch (verdict)
        {
            case BulkVerdict.Split:
                ElasticsearchLog.TooLarge(log, request.Bytes);
                limit.TooLarge(events.Count, request.Bytes);
                return null;
            case BulkVerdict.Bisect when events.Count > 1:
                limit.TooMuch(events.Count, request.Bytes);
                return null;
            case BulkVerdict.SlowDown:
                limit.TooMuch(events.Count, request.Bytes);
                return RetryReason.Busy(response.ToString(), response.RetryAfter);
            case BulkVerdict.Unauthorized:
                // Rotated since it was sent: the new one is tried at once.
                return client.HasOtherCredentialsThan(response) ? null : RetryReason.Unauthorized(response.ToString());
            case BulkVerdict.Hold:
                return RetryReason.Blocked(response.ToString());
            case BulkVerdict.Again:
                return RetryReason.Outage(response);
            default:
                return RetryReason.Misconfigured(response.ToString());
        }
    }

    private RetryReason? SettleItems(BulkRequest request, BulkResponseItem[] items, WriteProgress progress)
    {
        var failed = new List<(PendingEvent Event, BulkResponseItem Item)>();
        foreach (var (e, item) in request.Events.Zip(items).Where(answered => !answered.First.IsSettled))
        {
            switch (item.Verdict)
            {
                case ItemVerdict.Stored:
                    progress.Stored++;
                    progress.PoisonEvents.Accepted(e);
                    break;
                case ItemVerdict.Known:
                    progress.Known++;
                    progress.PoisonEvents.Accepted(e);
                    break;
                case ItemVerdict.Dropped:
                    progress.Dropped++;
                    break;
                case ItemVerdict.Refused:
                    progress.Refuse(e, item.Error.WithoutValues());
                    break;
                case ItemVerdict.InFailureStore:
                    progress.Refuse(e, "in the failure store: the mapping does not take it");
                    progress.InFailureStore++;
                    break;
                default:
                    failed.Add((e, item));
                    break;
            }
        }

        if (failed.Exists(f => f.Item.Verdict == ItemVerdict.SlowDown))
        {
            limit.TooMuch(request.Events.Count, request.Bytes);
        }
        else
        {
            limit.Succeeded();
        }

        return failed.Count == 0 ? null : SettleFailed(failed, Accepting(request.Events, items), progress);
    }

    private RetryReason? SettleFailed(List<(PendingEvent Event, BulkResponseItem Item)> failed, IReadOnlySet<string> accepting, WriteProgress progress)
    {
        RetryReason? worst = null;
        var poison = progress.PoisonEvents.CountFailures(failed.Where(f => f.Item.Verdict == ItemVerdict.AgainCounted).Select(f => f.Event), accepting);
        foreach (var (e, item) in failed)
        {
            if (poison.Contains(e))
            {
                progress.Refuse(e, $"failed {e.FailuresAmongOthers} times while others were taken: {item.Error.WithoutValues()}");
                continue;
            }

            progress.Pending.Enqueue(e);
            worst = RetryReason.Worse(worst, ReasonFor(e, item));
        }

        return worst;
    }

    private static HashSet<string> Accepting(List<PendingEvent> events, BulkResponseItem[] items) =>
        [.. events.Zip(items).Where(answered => answered.Second.Verdict is ItemVerdict.Stored or ItemVerdict.Known).Select(answered => answered.First.Target)];

    private RetryReason? ReasonFor(PendingEvent e, BulkResponseItem item)
    {
        var said = $"{item.Status} {item.Error.Type}";
        switch (item.Verdict)
        {
            case ItemVerdict.MissingIndex:
                months.Forget(e.Target);
                return ++e.Missed == 1 && mode == ElasticsearchMode.Month ? null : RetryReason.Misconfigured($"{said}: {e.Target} is not there");
            case ItemVerdict.SlowDown:
                return RetryReason.Busy(said, null);
            case ItemVerdict.DiskFull:
                return RetryReason.DiskFull;
            case ItemVerdict.Unauthorized:
                return RetryReason.Unauthorized(said);
            case ItemVerdict.Hold:
                return RetryReason.Blocked($"{said}: {e.Target}");
            case ItemVerdict.Misconfigured:
                return RetryReason.Misconfigured(said);
            case ItemVerdict.AgainCounted:
                return RetryReason.Failing(said);
            default:
                return RetryReason.Outage(new ServerResponse(item.Status, default) { Failure = said });
        }
    }
}
