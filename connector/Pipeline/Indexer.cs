using System.Diagnostics;

namespace ActivityConnector.Pipeline;

/// <summary>
/// The loop that brings the events of the journal into one sink: read, write until every event is settled, keep what was refused permanently,
/// and only then acknowledge.
/// </summary>
/// <remarks>
/// Not thread-safe: one run at a time. Whatever fails, the acknowledged position is the truth: the reader is dropped, and the next run reads
/// from there again. Events that wait for an index of their own are written again with the next ones; nothing from the first of them on is
/// acknowledged.
/// </remarks>
public sealed partial class Indexer(IJournal journal, IEventSink sink, TimeSpan lookAgain, TimeProvider time, ILogger<Indexer> log)
{
    /// <summary>A write that takes so long was blocked, and events have come in behind it.</summary>
    private static readonly TimeSpan Blocked = TimeSpan.FromMinutes(1);

    /// <summary>Events that are delivered while others wait: a restart sends them again, and a reader keeps their places in memory.</summary>
    internal long MostAhead { get; init; } = 250_000;

    private IndexerTotals? _behind;
    private WaitingEvents? _waiting;
    private JournalEvent? _lastRead;
    private JournalEvent? _oldest;
    private long _ahead;

    /// <summary>Raised after each read of the journal that has succeeded, also one that found nothing.</summary>
    public event Action? HasRead;

    /// <summary>
    /// When the oldest event was committed that the sink does not have, as far as the journal was read; null = it has every one, or
    /// <see cref="IsCaughtUp"/> is not known yet.
    /// </summary>
    public DateTimeOffset? Oldest => _oldest?.CommittedAt;

    /// <summary>Whether the last read of the journal found nothing that the sink does not have.</summary>
    public bool IsCaughtUp { get; private set; }

    /// <summary>Events that wait for an index of their own; null when none do.</summary>
    public WaitingEvents? Waiting => _waiting;

    /// <summary>What was settled so far.</summary>
    public IndexerTotals Totals { get; private set; } = new(0, 0, 0, 0);

    /// <summary>Delivers what the journal holds until there is nothing more.</summary>
    /// <exception cref="SinkRefusedException">An operator must act.</exception>
    /// <exception cref="SinkUnavailableException">The sink cannot now.</exception>
    /// <exception cref="JournalException">The journal cannot be read, or the acknowledgement not be kept.</exception>
    public Task DrainAsync(CancellationToken cancellationToken) => RunAsync(drain: true, cancellationToken);

    /// <summary>As <see cref="DrainAsync"/>, and continues with what comes until it is cancelled.</summary>
    public Task FollowAsync(CancellationToken cancellationToken) => RunAsync(drain: false, cancellationToken);

    private async Task RunAsync(bool drain, CancellationToken cancellationToken)
    {
        // First the reader: from now on the journal keeps events until this sink has them, however long that takes.
        await using var reader = await journal.OpenReaderAsync(sink.Name, cancellationToken);
        await sink.PrepareAsync(cancellationToken);
        (_waiting, _lastRead, _oldest, _ahead) = (null, null, null, 0);
        IsCaughtUp = false;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var next = NextAsync();
        try
        {
            while (true)
            {
                if (_ahead >= MostAhead)
                {
                    // What was read next is still to be written.
                    if (!drain) await Task.Delay(lookAgain, time, cancellationToken);

                    await SettleAsync(reader, [], default, cancellationToken);
                    if (drain && _waiting is { } blocked) throw new SinkRefusedException(blocked.Cause, blocked.Fix);

                    continue;
                }

                if (await next is ({ Count: > 0 } events, var poll))
                {
                    // Read while these are on their way: the sink waits for its server alone.
                    next = NextAsync();
                    await SettleAsync(reader, events, poll, cancellationToken);
                    if (await next is ({ Count: > 0 }, _)) continue;
                }
                else
                {
                    if (_waiting is not null) await SettleAsync(reader, [], default, cancellationToken);

                    if (drain && _waiting is { } held) throw new SinkRefusedException(held.Cause, held.Fix);

                    LogOnceCaughtUp();
                    if (drain) return;

                    // Another process may be the one that writes the journal, and it does not report it.
                    await Task.Delay(lookAgain, time, cancellationToken);
                }

                next = NextAsync();
            }
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Only a read that has brought events has a span.
        async Task<(IReadOnlyList<JournalEvent> Events, ActivityContext Poll)> NextAsync()
        {
            var started = time.GetUtcNow();
            var read = await reader.ReadAsync(sink.BatchSize, stop.Token);
            using var span = Spans.StartOn(read, default, "poll", "receive", ActivityKind.Client, started);
            HasRead?.Invoke();
            return (read, span?.Context ?? default);
        }
    }

    private async Task SettleAsync(IJournalReader reader, IReadOnlyList<JournalEvent> read, ActivityContext poll, CancellationToken cancellationToken)
    {
        FailPoint.Pass("polled");
        var started = time.GetTimestamp();
        var events = _waiting is null ? read : [.. _waiting.Events, .. read];
        _oldest = events.Count > 0 ? events[0] : null;
        IsCaughtUp = false;
        using var process = Spans.StartOn(events, poll, "process", "process", ActivityKind.Consumer);
        var result = await WriteAsync(events, process, cancellationToken);
        Instruments.Settled(sink.Name, result, Math.Abs(Unaccounted(events.Count, result)), time.GetElapsedTime(started));
        FailPoint.Pass("settled");

        // Before the acknowledgement: an event whose fate is not known is sent again.
        Totals = Totals with { Read = Totals.Read + read.Count };
        if (Unaccounted(events.Count, result) is not 0 and var unaccounted)
        {
            Totals = Totals with { Unaccounted = Totals.Unaccounted + Math.Abs(unaccounted) };
            throw new SinkUnavailableException(
                $"The ledger of {sink.Name} does not balance: of {events.Count} events that were read, {events.Count - unaccounted} are accounted for.",
                "That is a defect of the connector: please report it. They are sent again.");
        }

        _lastRead = read.Count > 0 ? read[^1] : _lastRead;
        _waiting = Kept(result.Waiting);
        _oldest = _waiting?.Events[0];
        _ahead = _waiting is null ? 0 : _ahead + read.Count;
        if (_waiting is not null || time.GetElapsedTime(started) >= Blocked) _behind ??= Totals;

        if (result.Refused.Count > 0)
        {
            // Before the acknowledgement: an event is in the sink, a dead letter, or still to come.
            await journal.KeepDeadLettersAsync([.. result.Refused.Select(DeadLetterOf)], cancellationToken);
            FailPoint.Pass("kept");
            LogRefused(sink.Name, result.Refused.Count, CountText.Noun(result.Refused.Count, "event"), result.Refused[0].Reason);
        }

        var last = _waiting is null ? _lastRead : events.LastOrDefault(e => e.Position < _waiting.Events[0].Position);
        if (last is not null) await AcknowledgeAsync(reader, last, cancellationToken);

        Totals += result;
        LogSettled(sink.Name, result.Stored, result.Known, result.LeftOut, result.Refused.Count);
    }

    /// <summary>Events that are neither stored, nor there already, left out, refused or waiting: 0, but for a defect.</summary>
    private static long Unaccounted(int written, SinkResult result) =>
        written - result.Stored - result.Known - result.LeftOut - result.Refused.Count - (result.Waiting?.Events.Count ?? 0);

    private async Task<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, Activity? process, CancellationToken cancellationToken)
    {
        try
        {
            return await sink.WriteAsync(events, cancellationToken);
        }
        catch (Exception e)
        {
            process.Fail(e);
            throw;
        }
    }

    private static async Task AcknowledgeAsync(IJournalReader reader, JournalEvent last, CancellationToken cancellationToken)
    {
        using var settle = Spans.Start(last.Trace is { Topic: var topic } ? $"commit {topic}" : "commit position", ActivityKind.Client);
        if (last.Trace is not null) settle.SetMessaging(last.Trace.Topic, "commit", "settle");

        await reader.AcknowledgeAsync(last, cancellationToken);
    }

    /// <summary>With copies of the events that are new among them: an event of the journal may be a small part of what it was read in.</summary>
    private WaitingEvents? Kept(WaitingEvents? waiting)
    {
        if (waiting is null) return null;

        var kept = new HashSet<JournalEvent>(_waiting?.Events ?? [], ReferenceEqualityComparer.Instance);
        return waiting with { Events = [.. waiting.Events.Select(e => kept.Contains(e) ? e : e with { Json = e.Json.ToArray() })] };
    }

    private void LogOnceCaughtUp()
    {
        IsCaughtUp = _waiting is null;
        if (_waiting is null && _behind is { } before)
        {
            LogCaughtUp(sink.Name, Totals.Stored - before.Stored, Totals.Known - before.Known, Totals.Refused - before.Refused);
            _behind = null;
        }
    }

    private DeadLetter DeadLetterOf(RefusedEvent refused) => DeadLetter.OfEvent(
        DeadLetterStage.Index, refused.Event.Id, refused.Event.Source, refused.Event.Json, refused.Reason, time.GetUtcNow());

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Sink} refused {Count} {Events} permanently, which dlq list shows from now on. The first: {Reason}.")]
    private partial void LogRefused(string sink, int count, string events, string reason);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Sink}: it has everything again; "
            + "{Stored} events that had waited are stored, {Known} were there already, {Refused} refused.")]
    private partial void LogCaughtUp(string sink, long stored, long known, long refused);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Sink}: {Stored} stored, {Known} there already, {LeftOut} left out, {Refused} refused.")]
    private partial void LogSettled(string sink, long stored, long known, long leftOut, int refused);
}

/// <summary>What a sink has settled, counted: <c>read = stored + known + left out + refused + waiting</c>, each time that it was written to.</summary>
public sealed record IndexerTotals(long Stored, long Known, long LeftOut, long Refused)
{
    /// <summary>All of them.</summary>
    public long Settled => Stored + Known + LeftOut + Refused;

    /// <summary>Events that were read from the journal; those that are read again after a failure count again.</summary>
    public long Read { get; init; }

    /// <summary>Events of which the sink did not say what became of them: they were not acknowledged, and were sent again.</summary>
    public long Unaccounted { get; init; }

    public static IndexerTotals operator +(IndexerTotals totals, SinkResult result) => totals with
    {
        Stored = totals.Stored + result.Stored,
        Known = totals.Known + result.Known,
        LeftOut = totals.LeftOut + result.LeftOut,
        Refused = totals.Refused + result.Refused.Count,
    };
}
