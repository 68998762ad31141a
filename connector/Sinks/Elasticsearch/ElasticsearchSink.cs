using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Brings events into Elasticsearch or OpenSearch: sent at least once, stored once, because the same event always goes to the same index
/// under the same id and is never written over. Waits for as long as the cluster is away, unless it is told not to.
/// </summary>
/// <remarks>Not thread-safe. Two requests are under way at once; whatever they answer is looked at one after the other.</remarks>
public sealed class ElasticsearchSink : IEventSink
{
    /// <summary>Under which the journal keeps where it is.</summary>
    public const string ReaderName = "elasticsearch";

    private const int AtOnce = 2;

    /// <summary>A server that fails at one event so often, and not at others, will not take it.</summary>
    private const int MostFailures = 10;

    /// <summary>The same for an event that came alone: more than ten minutes.</summary>
    private const int MostFailuresAlone = 20;

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
    public int BatchSize => _options.BatchSize * AtOnce;

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
                _waiting.Progressed();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken)
    {
        var tally = new Tally();
        var pending = new Queue<PendingEvent>(events.Count);
        foreach (var e in events)
        {
            if (_targets.IsExpired(e, _time.GetUtcNow()))
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

    /// <summary>One round: makes sure of the indices, sends up to two requests, settles what they answer. What is not settled is pending again.</summary>
    private async Task<Trouble?> WriteSomeAsync(Queue<PendingEvent> pending, Tally tally, CancellationToken cancellationToken)
    {
        List<List<PendingEvent>> requests = [.. Enumerable.Range(0, AtOnce).Select(_ => Take(pending)).Where(r => r.Count > 0)];
        if (await EnsureTargetsAsync(requests, tally, cancellationToken) is { } trouble)
        {
            Enqueue(pending, requests.SelectMany(r => r));
            return trouble;
        }

        var answers = await Task.WhenAll(requests.Select((request, n) => SendAsync(request, _bodies[n], cancellationToken)));
        var settled = tally.Settled;
        Trouble? worst = null;
        foreach (var (request, answer) in requests.Zip(answers))
        {
            worst = Worse(worst, Settle(request, answer, pending, tally));
        }

        if (tally.Settled > settled)
        {
            _waiting.Progressed();
        }

        return worst;
    }

    private List<PendingEvent> Take(Queue<PendingEvent> pending)
    {
        var (taken, bytes) = (new List<PendingEvent>(), 0);
        while (taken.Count < _limit.Events && pending.TryPeek(out var next) && (taken.Count == 0 || bytes + next.Bytes <= _limit.Bytes))
        {
            taken.Add(pending.Dequeue());
            bytes += next.Bytes;
        }

        return taken;
    }

    private async Task<Trouble?> EnsureTargetsAsync(List<List<PendingEvent>> requests, Tally tally, CancellationToken cancellationToken)
    {
        if (_options.Mode == ElasticsearchMode.Month)
        {
            return await _months.EnsureAsync(requests.SelectMany(r => r).Select(e => e.Target).Distinct(), cancellationToken);
        }

        var (stored, failed) = await _older.FindAsync([.. requests.SelectMany(r => r)], cancellationToken);
        if (failed is not null)
        {
            return OfSetup(failed);
        }

        if (stored.Count > 0)
        {
            ElasticsearchLog.FoundInOlder(_log, stored.Count);
            tally.Known += stored.Count;
            requests.ForEach(request => request.RemoveAll(stored.Contains));
            requests.RemoveAll(request => request.Count == 0);
        }

        return null;
    }

    private Task<Answer> SendAsync(List<PendingEvent> request, BulkBody body, CancellationToken cancellationToken) =>
        _client.PostAsync("_bulk?" + BulkAnswer.Filter, body.Of(request, _time.GetUtcNow()), "application/x-ndjson", cancellationToken);

    private Trouble? Settle(List<PendingEvent> request, Answer answer, Queue<PendingEvent> pending, Tally tally)
    {
        var items = answer.Status == 200 ? BulkAnswer.Read(answer.Body.Span, request) : null;
        var verdict = BulkVerdicts.Of(answer.Status, answer.Error.Type, items is not null);
        if (verdict == BulkVerdict.Items)
        {
            return SettleItems(request, items!, pending, tally);
        }

        var bytes = request.Sum(e => e.Bytes);
        if (verdict == BulkVerdict.Split && request.Count == 1)
        {
            tally.Refuse(request[0], $"too large: the server takes no request of {bytes} bytes");
            return null;
        }

        if (verdict == BulkVerdict.Bisect && request.Count == 1 && tally.Settled > 0)
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
        foreach (var (e, item) in request.Zip(items))
        {
            switch (item.Verdict)
            {
                case ItemVerdict.Stored:
                    tally.Stored++;
                    break;
                case ItemVerdict.Known:
                    tally.Known++;
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

        foreach (var (e, item) in failed)
        {
            if (item.Verdict == ItemVerdict.AgainCounted && ++e.Failures >= (tally.Settled > 0 ? MostFailures : MostFailuresAlone))
            {
                tally.Refuse(e, $"failed {e.Failures} times: {item.Error.WithoutValues()}");
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
            default:
                return Trouble.Outage(new Answer(item.Status, default) { Trouble = said });
        }
    }

    // What needs somebody is said rather than what will pass; of two that pass, the longer wait.
    private static Trouble? Worse(Trouble? a, Trouble? b) =>
        a is null ? b : b is null ? a : (b.NeedsSomebody, b.AtLeast).CompareTo((a.NeedsSomebody, a.AtLeast)) > 0 ? b : a;

    private static void Enqueue(Queue<PendingEvent> pending, IEnumerable<PendingEvent> events)
    {
        foreach (var e in events)
        {
            pending.Enqueue(e);
        }
    }

    /// <summary>What became of one write.</summary>
    private sealed class Tally
    {
        private readonly List<RefusedEvent> _refused = [];

        public long Stored { get; set; }

        public long Known { get; set; }

        public long Dropped { get; set; }

        public long Expired { get; set; }

        public long InFailureStore { get; set; }

        /// <summary>What the server has settled.</summary>
        public long Settled => Stored + Known + Dropped + _refused.Count;

        public SinkResult Result => new(Stored, Known, Dropped + Expired, _refused);

        public void Refuse(PendingEvent e, string reason) => _refused.Add(new(e.Event, reason));

        public void Say(ILogger log)
        {
            if (Expired > 0)
            {
                ElasticsearchLog.Expired(log, Expired);
            }

            if (Dropped > 0)
            {
                ElasticsearchLog.Dropped(log, Dropped);
            }

            if (InFailureStore > 0)
            {
                ElasticsearchLog.InFailureStore(log, InFailureStore);
            }
        }
    }
}
