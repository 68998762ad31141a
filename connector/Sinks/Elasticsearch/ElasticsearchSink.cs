using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Brings events into Elasticsearch or OpenSearch: sent at least once, stored once, because the same event always goes to the same index
/// under the same id and is never written over. Waits for as long as the cluster is away, unless it is told not to.
/// </summary>
/// <remarks>Not thread-safe. Up to three requests are under way at once; whatever they answer is looked at one after the other.</remarks>
public sealed class ElasticsearchSink : IEventSink
{
    /// <summary>Under which the journal keeps where it is.</summary>
    public const string ReaderName = "elasticsearch";

    /// <summary>One more than keep a small server busy: it need not wait for the next while one is answered.</summary>
    private const int AtOnce = 3;

    /// <summary>Requests made of one write: the fewer the writes, the less often nothing is under way.</summary>
    private const int Requests = 6;

    /// <summary>Events that a request has unless no more are pending.</summary>
    private const int WorthARequest = 200;

    private readonly ElasticsearchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _setupFolder;
    private readonly ElasticsearchClient _client;
    private readonly Targets _targets;
    private readonly MonthIndices _months;
    private readonly OlderIndices _older;
    private readonly BatchLimit _limit;
    private readonly Waiting _waiting;
    private readonly BulkBody[] _bodies;
    private bool _prepared;
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
        _setupFolder = setupFolder;
        _client = new ElasticsearchClient(options, time);
        _targets = new Targets(options);
        _months = new MonthIndices(_client, log);
        _older = new OlderIndices(_client);
        _limit = new BatchLimit(options.BatchSize, options.BatchBytes);
        _waiting = new Waiting(waitAtMost, time, random, log);
        _bodies = [.. Enumerable.Range(0, AtOnce).Select(_ => new BulkBody(nested))];
    }

    /// <inheritdoc/>
    public string Name => ReaderName;

    /// <inheritdoc/>
    public int BatchSize => _options.BatchSize * Requests;

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        while (!_prepared)
        {
            if (await PrepareOnceAsync(cancellationToken) is { } trouble)
            {
                await _waiting.AgainAsync(trouble, cancellationToken);
            }
            else
            {
                _prepared = true;
                _waiting.Progressed(isWell: true);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken)
    {
        var present = Present(events);
        var tally = new Tally();
        var pending = new Queue<PendingEvent>(events.Count);
        foreach (var e in events)
        {
            if (_targets.IsExpired(e, present))
            {
                tally.Expired++;
            }
            else
            {
                pending.Enqueue(new PendingEvent(e, _targets.Of(e)));
            }
        }

        while (pending.Count > 0)
        {
            if (await WriteSomeAsync(pending, tally, cancellationToken) is { } trouble)
            {
                if (pending.All(e => e.Failures >= Witnesses.MostFailures))
                {
                    // Read again, they come with what the journal has got since: others that tell whether it is the events or the server.
                    throw new SinkUnavailableException(trouble.Cause, trouble.Fix);
                }

                await _waiting.AgainAsync(trouble, cancellationToken);
            }
        }

        tally.Say(_log);
        return tally.Result;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>What an event's age is measured against: the newest commit seen, because a host's clock that is ahead of it may be wrong.</summary>
    private DateTimeOffset Present(IReadOnlyList<JournalEvent> events)
    {
        foreach (var e in events)
        {
            _newest = e.CommittedAt > _newest ? e.CommittedAt : _newest;
        }

        var now = _time.GetUtcNow();
        return now < _newest ? now : _newest;
    }

    private async Task<Trouble?> PrepareOnceAsync(CancellationToken cancellationToken)
    {
        var root = await _client.GetAsync("", cancellationToken);
        if (root.Status is not (200 or 403))
        {
            return OfSetup(root);
        }

        var server = ServerInfo.Of(root);
        var results = await ClusterSetup.RunAsync(_client, SetupPlan.Of(_setupFolder, _options, server), _options.Setup, cancellationToken);
        foreach (var (step, outcome, said) in results)
        {
            switch (outcome)
            {
                case SetupOutcome.Installed:
                    ElasticsearchLog.Installed(_log, step.Kind, step.Name);
                    break;
                case SetupOutcome.Denied when !_options.Setup:
                    ElasticsearchLog.NotSeen(_log, step.Kind, step.Name, said.ToString());
                    break;
                case SetupOutcome.Denied:
                    ElasticsearchLog.Denied(_log, step.Kind, step.Name, said.ToString());
                    break;
                case SetupOutcome.Unsupported:
                    ElasticsearchLog.Unsupported(_log, step.Kind, said.ToString());
                    break;
                case SetupOutcome.Missing:
                    return new Trouble(
                        $"Elasticsearch has no {step.Kind} {step.Name}, and without it fields would have the wrong types.",
                        "Run setup elasticsearch with a user that has manage_index_templates and manage_ilm.", NeedsSomebody: true);
                case SetupOutcome.Failed:
                    return OfSetup(said, $"{step.Kind} {step.Name}: ");
            }
        }

        ElasticsearchLog.Connected(_log, server.ToString(), _options.Mode == ElasticsearchMode.Month ? "an index a month" : "a data stream");
        return null;
    }

    // What is said of a template quotes no event.
    private static Trouble OfSetup(Answer answer, string what = "") => BulkVerdicts.Of(answer.Status, answer.Error.Type, isReadable: false) switch
    {
        BulkVerdict.Unauthorized => Trouble.Unauthorized(answer.ToString()),
        BulkVerdict.Hold => Trouble.Blocked(answer.ToString()),
        BulkVerdict.Misconfigured or BulkVerdict.Bisect or BulkVerdict.Split => Trouble.Misconfigured($"{what}{answer} {answer.Error.Reason}".TrimEnd()),
        _ => Trouble.Outage(answer),
    };

    /// <summary>
    /// Sends what is pending, the next request as soon as one of those under way is answered, until nothing is left or there is trouble.
    /// Returns when none is under way; what is not settled is pending again.
    /// </summary>
    private async Task<Trouble?> WriteSomeAsync(Queue<PendingEvent> pending, Tally tally, CancellationToken cancellationToken)
    {
        Trouble? worst = null;
        var underWay = new List<Request>(AtOnce);
        try
        {
            while (true)
            {
                while (worst is null && underWay.Count < AtOnce && pending.Count > 0)
                {
                    var events = Take(pending);
                    tally.Witnesses.Join(events, _limit);
                    worst = await EnsureTargetsAsync(events, tally, cancellationToken);
                    if (worst is not null)
                    {
                        Enqueue(pending, events);
                    }
                    else if (events.Count > 0)
                    {
                        var body = Array.Find(_bodies, b => !underWay.Exists(r => r.Body == b))!;
                        underWay.Add(new(events, body, tally.Settled > 0, SendAsync(events, body, cancellationToken)));
                    }
                }

                if (underWay.Count == 0)
                {
                    return worst;
                }

                await Task.WhenAny(underWay.Select(r => r.Answer));
                var answered = underWay.Find(r => r.Answer.IsCompleted)!;
                underWay.Remove(answered);
                var settled = tally.Settled;
                worst = Worse(worst, Settle(answered.Events, answered.TookOthers, await answered.Answer, pending, tally));
                if (tally.Settled > settled)
                {
                    _waiting.Progressed(isWell: worst is null);
                }
            }
        }
        finally
        {
            // The bodies are still being sent.
            await Task.WhenAll(underWay.Select(Task (r) => r.Answer)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The last requests of a write are the smaller ones, so that they end together.</summary>
    private List<PendingEvent> Take(Queue<PendingEvent> pending)
    {
        var (taken, bytes) = (new List<PendingEvent>(), 0);
        var most = Math.Min(_limit.Events, Math.Max(WorthARequest, pending.Count / AtOnce));
        while (taken.Count < most && pending.TryPeek(out var next) && (taken.Count == 0 || bytes + next.Bytes <= _limit.Bytes))
        {
            taken.Add(pending.Dequeue());
            bytes += next.Bytes;
        }

        return taken;
    }

    /// <summary>Makes sure of the indices, or takes out what an older one of a data stream holds already.</summary>
    private async Task<Trouble?> EnsureTargetsAsync(List<PendingEvent> events, Tally tally, CancellationToken cancellationToken)
    {
        if (_options.Mode == ElasticsearchMode.Month)
        {
            return await _months.EnsureAsync(events.Select(e => e.Target).Distinct(), cancellationToken);
        }

        var (stored, failed) = await _older.FindAsync(events, cancellationToken);
        if (failed is not null)
        {
            return OfSetup(failed);
        }

        if (stored.Count > 0)
        {
            var known = stored.Count(e => !e.IsSettled);
            ElasticsearchLog.FoundInOlder(_log, known);
            tally.Known += known;
            events.RemoveAll(stored.Contains);
        }

        return null;
    }

    private Task<Answer> SendAsync(List<PendingEvent> request, BulkBody body, CancellationToken cancellationToken) =>
        _client.PostAsync("_bulk?" + BulkAnswer.Filter, body.Of(request, _time.GetUtcNow()), "application/x-ndjson", cancellationToken);

    private Trouble? Settle(List<PendingEvent> request, bool tookOthers, Answer answer, Queue<PendingEvent> pending, Tally tally)
    {
        if (answer.Status == 200 && BulkAnswer.Read(answer.Body.Span, request) is { } items)
        {
            return SettleItems(request, items, pending, tally);
        }

        var verdict = BulkVerdicts.Of(answer.Status, answer.Error.Type, isReadable: false);
        var bytes = request.Sum(e => e.Bytes);
        if (verdict == BulkVerdict.Split && request.Count == 1)
        {
            tally.Refuse(request[0], $"too large: the server takes no request of {bytes} bytes");
            return null;
        }

        if (verdict == BulkVerdict.Bisect && request.Count == 1 && tookOthers)
        {
            tally.Refuse(request[0], answer.Error.WithoutValues());
            return null;
        }

        Enqueue(pending, request);
        switch (verdict)
        {
            case BulkVerdict.Split:
                ElasticsearchLog.TooLarge(_log, bytes);
                _limit.TooLarge(request.Count, bytes);
                return null;
            case BulkVerdict.Bisect when request.Count > 1:
                _limit.TooMuch(request.Count, bytes);
                return null;
            case BulkVerdict.SlowDown:
                _limit.TooMuch(request.Count, bytes);
                return Trouble.Busy(answer.ToString(), answer.RetryAfter);
            case BulkVerdict.Unauthorized:
                // Rotated since it was sent: the new one is tried at once.
                return _client.HasOtherCredentialsThan(answer) ? null : Trouble.Unauthorized(answer.ToString());
            case BulkVerdict.Hold:
                return Trouble.Blocked(answer.ToString());
            case BulkVerdict.Again:
                return Trouble.Outage(answer);
            default:
                return Trouble.Misconfigured(answer.ToString());
        }
    }

    private Trouble? SettleItems(List<PendingEvent> request, ItemAnswer[] items, Queue<PendingEvent> pending, Tally tally)
    {
        Trouble? worst = null;
        var failed = new List<(PendingEvent Event, ItemAnswer Item)>();
        foreach (var (e, item) in request.Zip(items).Where(answered => !answered.First.IsSettled))
        {
            switch (item.Verdict)
            {
                case ItemVerdict.Stored:
                    tally.Stored++;
                    tally.Witnesses.Took(e);
                    break;
                case ItemVerdict.Known:
                    tally.Known++;
                    tally.Witnesses.Took(e);
                    break;
                case ItemVerdict.Dropped:
                    tally.Dropped++;
                    break;
                case ItemVerdict.Refused:
                    tally.Refuse(e, item.Error.WithoutValues());
                    break;
                case ItemVerdict.InFailureStore:
                    tally.Refuse(e, "in the failure store: the mapping does not take it");
                    tally.InFailureStore++;
                    break;
                default:
                    failed.Add((e, item));
                    break;
            }
        }

        var vouched = failed.Count == 0
            ? []
            : request.Zip(items).Where(answered => answered.Second.Verdict is ItemVerdict.Stored or ItemVerdict.Known).Select(answered => answered.First.Target).ToHashSet();
        var hopeless = tally.Witnesses.Hopeless(failed.Where(f => f.Item.Verdict == ItemVerdict.AgainCounted).Select(f => f.Event), vouched);
        foreach (var (e, item) in failed)
        {
            if (hopeless.Contains(e))
            {
                tally.Refuse(e, $"failed {e.FailuresAmongOthers} times while others were taken: {item.Error.WithoutValues()}");
                continue;
            }

            pending.Enqueue(e);
            worst = Worse(worst, TroubleOf(e, item));
        }

        if (failed.Exists(f => f.Item.Verdict == ItemVerdict.SlowDown))
        {
            _limit.TooMuch(request.Count, request.Sum(e => e.Bytes));
        }
        else
        {
            _limit.Succeeded();
        }

        return worst;
    }

    private Trouble? TroubleOf(PendingEvent e, ItemAnswer item)
    {
        var said = $"{item.Status} {item.Error.Type}";
        switch (item.Verdict)
        {
            case ItemVerdict.MissingIndex:
                _months.Forget(e.Target);
                return ++e.Missed == 1 && _options.Mode == ElasticsearchMode.Month ? null : Trouble.Misconfigured($"{said}: {e.Target} is not there");
            case ItemVerdict.SlowDown:
                return Trouble.Busy(said, null);
            case ItemVerdict.DiskFull:
                return Trouble.DiskFull;
            case ItemVerdict.Unauthorized:
                return Trouble.Unauthorized(said);
            case ItemVerdict.Hold:
                return Trouble.Blocked($"{said}: {e.Target}");
            case ItemVerdict.Misconfigured:
                return Trouble.Misconfigured(said);
            case ItemVerdict.AgainCounted:
                return Trouble.Failing(said);
            default:
                return Trouble.Outage(new Answer(item.Status, default) { Trouble = said });
        }
    }

    // What needs somebody is said rather than what will pass; of two that pass, the longer wait.
    private static Trouble? Worse(Trouble? a, Trouble? b) =>
        a is null ? b : b is null ? a : (b.NeedsSomebody, b.AtLeast).CompareTo((a.NeedsSomebody, a.AtLeast)) > 0 ? b : a;

    private static void Enqueue(Queue<PendingEvent> pending, IEnumerable<PendingEvent> events)
    {
        foreach (var e in events.Where(e => !e.IsSettled))
        {
            pending.Enqueue(e);
        }
    }

    /// <summary>A request under way; its body is in use until there is an answer.</summary>
    /// <param name="TookOthers">The server had settled others when it was sent: it understands what it is sent.</param>
    private sealed record Request(List<PendingEvent> Events, BulkBody Body, bool TookOthers, Task<Answer> Answer);
}
