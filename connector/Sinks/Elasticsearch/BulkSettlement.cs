using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The events of one bulk request.</summary>
/// <param name="TookOthers">The server had settled others when it was sent: it understands what it is sent.</param>
internal sealed record BulkRequest(List<PendingEvent> Events, bool TookOthers)
{
    public int Bytes => Events.Sum(e => e.Bytes);
}

/// <summary>Settles the events of a bulk request by its response: each is counted, refused permanently, or pending again.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BulkSettlement(
    ClusterClient client, MonthIndices months, HeldIndices held, ElasticsearchMode mode, BatchLimit limit, ILogger log)
{
    /// <summary>The requests that failed as a whole, one after the other, before they are made smaller.</summary>
    private const int MostWholeFailures = 2;

    private int _wholeFailures;

    /// <returns>Why the pending ones must wait; null when they can be sent at once.</returns>
    public RetryReason? Settle(BulkRequest request, ServerResponse response, WriteProgress progress)
    {
        var (stored, known, dropped, aside, settled) = (progress.Stored, progress.Known, progress.Dropped, progress.InFailureStore, progress.Settled);
        var unsettled = request.Events.Count(e => !e.IsSettled);
        var reason = Decide(request, response, progress);
        (stored, known, dropped, aside, settled) = (
            progress.Stored - stored, progress.Known - known, progress.Dropped - dropped, progress.InFailureStore - aside, progress.Settled - settled);
        Count("created", stored);
        Count("duplicate", known);
        Count("dropped_by_pipeline", dropped);
        Count("failure_store", aside);
        Count("rejected", settled - stored - known - dropped - aside);
        Count("retried", unsettled - settled);
        return reason;

        static void Count(string result, long items) =>
            Instruments.BulkItems.Add(items, Instruments.Tag(Instruments.Sink, ElasticsearchSink.ReaderName), Instruments.Tag(Instruments.Result, result));
    }

    private RetryReason? Decide(BulkRequest request, ServerResponse response, WriteProgress progress)
    {
        var events = request.Events;
        if (response.Status == 200)
        {
            if (BulkResponse.Read(response.Body.Span, events, response.IsForOurRequest) is { } items)
            {
                _wholeFailures = 0;
                if (Accepting(events, items).Count > 0) progress.Takings++;

                return SettleItems(request, items, progress);
            }

            progress.Requeue(events);
            return RetryReason.OtherAnswer;
        }

        var verdict = BulkVerdicts.Of(response.Status, response.Error.Type);
        if (verdict == BulkVerdict.Fail) return SettleFailure(request, response, progress);

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
                    if (item.OtherId is not null) progress.OtherIds[e.Target] = progress.OtherIds.GetValueOrDefault(e.Target) + 1;

                    if (item.OtherIndex is not null && mode == ElasticsearchMode.Month)
                    {
                        progress.OtherIndices[e.Target] = progress.OtherIndices.GetValueOrDefault(e.Target) + 1;
                    }

                    Accepted(e, progress);
                    break;
                case ItemVerdict.Known:
                    progress.Known++;
                    Accepted(e, progress);
                    break;
                case ItemVerdict.Dropped:
                    progress.Dropped++;
                    held.Release(e.Target);
                    break;
                case ItemVerdict.Refused:
                    progress.Refuse(e, item.Error.WithoutValues());
                    held.Release(e.Target);
                    break;
                case ItemVerdict.InFailureStore:
                    progress.Refuse(e, "in the failure store: the mapping does not take it");
                    progress.InFailureStore++;
                    held.Release(e.Target);
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

    private void Accepted(PendingEvent e, WriteProgress progress)
    {
        progress.PoisonEvents.Accepted(e);
        held.Release(e.Target);
    }

    /// <summary>
    /// The server failed at the request as a whole. If it does so again, smaller requests show whether it fails at one event. That one is refused when
    /// it has failed ten times alone, each time with a request between that was taken.
    /// </summary>
    private RetryReason? SettleFailure(BulkRequest request, ServerResponse response, WriteProgress progress)
    {
        var unsettled = request.Events.FindAll(e => !e.IsSettled);
        if (unsettled is [var alone])
        {
            if (progress.Takings > alone.FailedAloneAt)
            {
                alone.FailuresAmongOthers++;
            }
            else
            {
                alone.Failures++;
            }

            (alone.FailedAloneAt, alone.NeedsControl) = (progress.Takings, true);
            if (alone.FailuresAmongOthers >= PoisonEvents.MostFailures)
            {
                progress.Refuse(alone, $"failed {alone.FailuresAmongOthers} times while others were taken: {response.Status} {response.Error.WithoutValues()}");
                return null;
            }
        }

        if (++_wholeFailures >= MostWholeFailures) limit.TooMuch(request.Events.Count, request.Bytes);

        progress.Requeue(request.Events);
        return RetryReason.Outage(response);
    }

    private RetryReason? SettleFailed(List<(PendingEvent Event, BulkResponseItem Item)> failed, IReadOnlySet<string> accepting, WriteProgress progress)
    {
        RetryReason? worst = null;
        var poison = progress.PoisonEvents.CountFailures(failed.Where(f => f.Item.Verdict == ItemVerdict.AgainCounted).Select(f => f.Event), accepting);
        foreach (var (e, item) in failed)
        {
            if (poison.Contains(e))
            {
                progress.Refuse(e, $"failed {e.FailuresAmongOthers} times while others were taken: {item.Error.WithoutValues()}{e.Pipeline}");
                continue;
            }

            if (HoldFor(e, item, accepting) is { } hold)
            {
                held.Hold(e.Target, hold);
                progress.Wait(e, hold);
                continue;
            }

            progress.Pending.Enqueue(e);
            worst = RetryReason.Worse(worst, ReasonFor(e, item));
        }

        return worst;
    }

    private static HashSet<string> Accepting(List<PendingEvent> events, BulkResponseItem[] items) =>
        [.. events.Zip(items).Where(answered => answered.Second.Verdict is ItemVerdict.Stored or ItemVerdict.Known).Select(answered => answered.First.Target)];

    /// <summary>Why the index takes no event at all; null when others of it may be taken, or it is to be made once more.</summary>
    private RetryReason? HoldFor(PendingEvent e, BulkResponseItem item, IReadOnlySet<string> accepting)
    {
        var said = $"{item.Status} {item.Error.WithoutValues()}: {e.Target}";
        switch (item.Verdict)
        {
            case ItemVerdict.MissingIndex:
                months.Forget(e.Target);
                return ++e.Missed == 1 && mode == ElasticsearchMode.Month ? null : RetryReason.Misconfigured($"{said} is not there");
            case ItemVerdict.Hold:
                return RetryReason.Blocked(said);
            case ItemVerdict.TakenId:
                return RetryReason.TakenId(e.Target);
            case ItemVerdict.Misconfigured:
                return RetryReason.Misconfigured(said);
            case ItemVerdict.AgainCounted when held.IsHeld(e.Target) && !accepting.Contains(e.Target):
                return RetryReason.Failing($"{item.Status} {item.Error.WithoutValues()}", e);
            default:
                return null;
        }
    }

    private static RetryReason? ReasonFor(PendingEvent e, BulkResponseItem item)
    {
        var said = $"{item.Status} {item.Error.WithoutValues()}";
        return item.Verdict switch
        {
            ItemVerdict.MissingIndex => null,
            ItemVerdict.SlowDown => RetryReason.Busy(said, null),
            ItemVerdict.DiskFull => RetryReason.DiskFull,
            ItemVerdict.Unauthorized => RetryReason.Unauthorized(said),
            ItemVerdict.AgainCounted => RetryReason.Failing(said, e),
            _ => RetryReason.Outage(new ServerResponse(item.Status, default) { Failure = said }),
        };
    }
}
