using ActivityConnector.Transforms;

namespace ActivityConnector.Pipeline;

/// <summary>
/// The loop that brings one source into the journal: read a batch, map it, leave out what is known, commit it with its checkpoint,
/// and only then read on.
/// </summary>
/// <remarks>
/// Not thread-safe: one poll or sweep at a time. Whatever fails, the checkpoint in the journal is the truth: the writer is dropped
/// and the next call opens another, which fences this one, and reads the checkpoint back.
/// </remarks>
public sealed partial class Collector(
    IActivitySource source,
    IJournal journal,
    Func<SourceIdentity, IActivityTransform> transforms,
    CheckpointWriter identity,
    TimeProvider time,
    ILogger<Collector> log) : IAsyncDisposable
{
    private const long NoPoll = long.MinValue;

    /// <summary>Of the last event's id in the checkpoint.</summary>
    private const int MaxIdLength = 256;

    private SourceIdentity? _account;
    private IActivityTransform? _transform;
    private IJournalWriter? _writer;
    private PreparedBatch? _prepared;
    private bool _loggedChanges;
    private bool _loggedUnaccounted;
    private bool _loggedOwned;
    private long _silentSince = NoPoll;

    /// <summary>
    /// The last checkpoint this collector has seen committed; null before the first poll, of a new source, and while another instance collects it.
    /// </summary>
    public Checkpoint? Checkpoint { get; private set; }

    /// <summary>The vendor's account; null until it is known.</summary>
    public string? Account => _account?.Account;

    /// <summary>Whether the source is owned and has no checkpoint yet. For any thread.</summary>
    public bool IsNew => _writer is { Checkpoint: null };

    /// <summary>Raised after each commit with its checkpoint and events; their JSON is valid only during the call.</summary>
    public event Action<Checkpoint, IReadOnlyList<EcsEvent>>? Committed;

    /// <summary>Since when, as a timestamp, the poll that is under way has received nothing; null while there is none. Thread-safe.</summary>
    public long? SilentSince => Volatile.Read(ref _silentSince) is var since && since == NoPoll ? null : since;

    /// <summary>What the last run has committed, or the present one so far.</summary>
    public PollResult Result { get; private set; } = PollResult.None;

    /// <summary>What became of everything that this process received and committed.</summary>
    public Ledger Ledger { get; private set; } = new();

    /// <summary>How far back every poll reads again; nothing is measured of how late records become visible when it is not given.</summary>
    public TimeSpan Overlap { get; init; }

    /// <summary>The option that makes <see cref="Overlap"/> longer.</summary>
    public string OverlapOption { get; init; } = "";

    /// <summary>Events that were committed since this collector was made.</summary>
    public long Published { get; private set; }

    /// <summary>The source's present.</summary>
    public DateTimeOffset Present => source.Present;

    private VisibilityDelay Delay => field ??= new VisibilityDelay(source.Name, Overlap, time);

    /// <summary>Reads and commits batch after batch up to the present.</summary>
    /// <exception cref="SourceException">The source was not read up to the present, or that could not be shown.</exception>
    /// <exception cref="JournalException">The journal could not take the batch; nothing is lost.</exception>
    public Task<PollResult> PollAsync(CancellationToken cancellationToken) =>
        RunAsync("poll", writer => PollAsync(writer, cancellationToken), cancellationToken);

    /// <summary>
    /// The completeness check: continues with the sweep that is under way, or begins one over everything since the last and at least
    /// <paramref name="range"/>, up to where the overlap begins; commits what is missing from the journal and counts it as late. Does nothing
    /// before the first poll has committed.
    /// </summary>
    /// <param name="range">How far back a record is looked at again.</param>
    /// <param name="overlap">How far back every poll reads again.</param>
    /// <param name="until">Asked after each batch: true = stop here, the next call resumes.</param>
    /// <exception cref="SourceException">As for a poll; the next call resumes where this one stood.</exception>
    /// <exception cref="JournalException">The journal could not take the batch; nothing is lost.</exception>
    public Task<PollResult> SweepAsync(TimeSpan range, TimeSpan overlap, Func<bool> until, CancellationToken cancellationToken) =>
        RunAsync("sweep", writer => SweepAsync(writer, range, overlap, until, cancellationToken), cancellationToken);

    /// <summary>
    /// Reads the ranges that operators have asked for, one after the other, and commits what the journal does not know of them with their progress.
    /// </summary>
    /// <param name="until">Asked after each batch: true = stop here, the next call resumes.</param>
    /// <exception cref="SourceException">As for a poll; the next call resumes where this one stood.</exception>
    /// <exception cref="JournalException">The journal could not take the batch; nothing is lost.</exception>
    public Task<PollResult> ReadRangesAsync(Func<bool> until, CancellationToken cancellationToken) =>
        RunAsync("range", writer => ReadRangesAsync(writer, until, cancellationToken), cancellationToken);

    /// <summary>
    /// Commits a change that an operator wants, with the events that tell of it, as one. The position stays, unless the change moves it.
    /// </summary>
    /// <param name="change">Gives null when it is so already: then nothing is committed.</param>
    /// <param name="events">Tell of the change, given the checkpoint before it and the one after it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The checkpoint before the change and the one after it.</returns>
    /// <exception cref="SourceException">The source's account cannot be learned.</exception>
    /// <exception cref="JournalException">The journal could not take it: nothing was changed.</exception>
    /// <exception cref="ChangeRefusedException">The source has no checkpoint yet.</exception>
    public async Task<(Checkpoint Before, Checkpoint After)> ChangeAsync(
        Func<Checkpoint, Checkpoint?> change, Func<Checkpoint, Checkpoint, IReadOnlyList<EcsEvent>> events, CancellationToken cancellationToken)
    {
        var keepsWriter = false;
        try
        {
            var writer = await OwnAsync(cancellationToken);
            var before = writer.Checkpoint
                ?? throw new ChangeRefusedException($"{writer.Source} has not been read yet: it has no checkpoint.", "Wait for its first commit.");
            var after = change(Next(before, before.Position));
            if (after is not null) await CommitAsync(writer, new JournalCommit(events(before, after), [], after), cancellationToken);

            keepsWriter = true;
            return (before, after ?? before);
        }
        catch (ChangeRefusedException)
        {
            keepsWriter = true;
            throw;
        }
        catch (JournalStandbyException)
        {
            Checkpoint = null;
            throw;
        }
        finally
        {
            if (!keepsWriter) await DropWriterAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropWriterAsync();
        _prepared?.Dispose();
        _prepared = null;
    }

    private async Task<PollResult> RunAsync(string name, Func<IJournalWriter, Task> run, CancellationToken cancellationToken)
    {
        using var span = Spans.StartUnder(default, $"{name} {source.Name}");
        var from = Checkpoint?.Position;
        Result = PollResult.None;
        try
        {
            while (!await TryAsync(run, cancellationToken))
            {
                // What was committed so far stays; the rest is read again from the checkpoint.
            }

            return Result;
        }
        catch (Exception e)
        {
            span.Fail(e);
            throw;
        }
        finally
        {
            span.SetRun(new SourceKey(source.Name, Account ?? ""), from, Checkpoint?.Position, Result);
        }
    }

    /// <returns>False when the journal takes only smaller events than it said, and the run has to begin again.</returns>
    private async Task<bool> TryAsync(Func<IJournalWriter, Task> run, CancellationToken cancellationToken)
    {
        var keepsWriter = false;
        try
        {
            var writer = await OwnAsync(cancellationToken);
            HostClock.Check(time.GetUtcNow(), writer.Checkpoint);
            if (writer.Checkpoint?.Paused is { } pause) throw new SourcePausedException(pause);

            await run(writer);
            keepsWriter = true;
            return true;
        }
        catch (JournalLimitException)
        {
            return false;
        }
        catch (Exception e) when (e is JournalFencedException or JournalStandbyException)
        {
            // Another instance has it: taking it again will be news, and what it commits is not seen here.
            _loggedOwned = false;
            if (e is JournalStandbyException) Checkpoint = null;

            throw;
        }
        catch (Exception e) when (e is SourceIncompleteException or SourceClockException or SourcePausedException)
        {
            // The read ended in order, or did not begin: what it gave is committed, and the writer is good.
            keepsWriter = true;
            throw;
        }
        finally
        {
            if (!keepsWriter) await DropWriterAsync();
        }
    }

    private async Task PollAsync(IJournalWriter writer, CancellationToken cancellationToken)
    {
        var reachable = new ReachableCommits(writer.Checkpoint?.Position, writer.WasReset);
        Delay.Begin();
        Volatile.Write(ref _silentSince, time.GetTimestamp());
        try
        {
            await foreach (var batch in source.ReadAsync(writer.Checkpoint, cancellationToken).WithCancellation(cancellationToken))
            {
                using (batch)
                {
                    var present = source.Present;
                    Result += await CommitAsync(writer, batch, reachable, range: null, cancellationToken);
                    foreach (var e in _prepared!.New.Where(e => e.HasSourceTime)) Delay.Found(e.Time, present);
                }

                Volatile.Write(ref _silentSince, time.GetTimestamp());
            }
        }
        finally
        {
            Volatile.Write(ref _silentSince, NoPoll);
        }

        if (Delay.End() is { } late) LogNearOverlap(writer.Source, late, Overlap, OverlapOption);
    }

    private async Task SweepAsync(
        IJournalWriter writer, TimeSpan range, TimeSpan overlap, Func<bool> until, CancellationToken cancellationToken)
    {
        if (writer.Checkpoint is not { } current) return;

        if (current.Sweep.Run is not { } run)
        {
            run = NewRun(current, range, overlap);
            await CommitAsync(writer, current.Sweep with { Run = run, BeganAt = source.Present }, cancellationToken);
        }

        await foreach (var batch in source.SweepAsync(writer.Checkpoint!, run, cancellationToken).WithCancellation(cancellationToken))
        {
            using (batch)
            {
                run = batch.Sweep!;
                Result += await CommitAsync(writer, batch, reachable: null, range: null, cancellationToken);
            }

            if (until())
            {
                if (writer.Checkpoint!.Sweep.Run != run)
                {
                    await CommitAsync(writer, writer.Checkpoint.Sweep with { Run = run }, cancellationToken);
                }

                return;
            }
        }

        await CommitAsync(writer, writer.Checkpoint!.Sweep with { CompletedTo = run.To, Run = null }, cancellationToken);
        LogUnaccounted(writer);
    }

    /// <summary>Says once that something is unaccounted for, and once that it has been read again.</summary>
    private void LogUnaccounted(IJournalWriter writer)
    {
        var ledger = writer.Checkpoint?.Ledger;
        if (ledger?.Lost is not null == _loggedUnaccounted) return;

        _loggedUnaccounted = ledger?.Lost is not null;
        if (ledger?.Lost is { } lost) LogUnbalanced(writer.Source, ledger.Open, lost);
        else LogBalanced(writer.Source);
    }

    private async Task ReadRangesAsync(IJournalWriter writer, Func<bool> until, CancellationToken cancellationToken)
    {
        while (writer.Checkpoint?.OpenRanges.FirstOrDefault() is { } range)
        {
            if (range.BeganAt is null) await CommitAsync(writer, range = range with { BeganAt = source.Present }, cancellationToken);

            var (since, isStopped) = (time.GetTimestamp(), false);
            var batches = source.ReadRangeAsync(writer.Checkpoint, range.Run, canWait: () => !until(), cancellationToken);
            await foreach (var batch in batches.WithCancellation(cancellationToken))
            {
                using (batch)
                {
                    range = range with
                    {
                        Run = batch.Sweep!,
                        WorkedMilliseconds = range.WorkedMilliseconds + (long)time.GetElapsedTime(since).TotalMilliseconds,
                    };
                    since = time.GetTimestamp();
                    var result = await CommitAsync(writer, batch, reachable: null, range, cancellationToken);
                    range = range with { Counts = range.Counts + result.Counts };
                    Result += result;
                }

                isStopped = until();
                if (isStopped) break;
            }

            var next = isStopped ? range : range with { State = RangeState.Done, EndedAt = source.Present };
            if (!writer.Checkpoint!.OpenRanges.Contains(next)) await CommitAsync(writer, next, cancellationToken);
            if (isStopped) return;

            LogUnaccounted(writer);
        }
    }

    private SweepRun NewRun(Checkpoint current, TimeSpan range, TimeSpan overlap)
    {
        var present = source.Present;
        var from = (present - range).ToUnixTimeSeconds();
        from = Math.Min(from, current.Sweep.CompletedTo ?? from);

        // What the last sweep could not see yet, because it became visible after that had begun, is looked at for the whole range, too.
        from = Math.Min(from, (current.Sweep.BeganAt - range)?.ToUnixTimeSeconds() ?? from);
        if (current.KnownFrom is { } known && from < known.ToUnixTimeSeconds())
        {
            // What is older would be published again.
            from = known.ToUnixTimeSeconds();
            LogKnownFrom(current.Source, known);
        }

        return new SweepRun { From = from, To = Math.Max(from, (present - overlap).ToUnixTimeSeconds()) };
    }

    /// <summary>Learns the account once, then owns the source: fence, recover, resume from what is committed.</summary>
    private async ValueTask<IJournalWriter> OwnAsync(CancellationToken cancellationToken)
    {
        if (_account is null)
        {
            var account = await source.IdentifyAsync(cancellationToken);
            if (!new SourceKey(source.Name, account.Account).IsValid)
            {
                // It would be a part of keys that cannot be read back.
                throw new SourceRefusedException(
                    $"The account behind {source.Name} has a name that cannot be the name of an account: at most 64 letters, digits, '.', '-' and '_'.",
                    "Check that the configured BaseUrl is the vendor's own address, and set Account where the vendor has that option.");
            }

            _account = account;
            _transform = transforms(_account);
            _prepared = new PreparedBatch(_transform, () => journal.MaxEventBytes, time);
        }

        if (_writer is null)
        {
            _writer = await journal.OpenWriterAsync(new SourceKey(source.Name, _account.Account), cancellationToken);
            var sequence = _writer.Checkpoint?.Sequence ?? 0;

            // After a failure it is taken again: that is news only if another process has committed meanwhile.
            if (!_loggedOwned || (Checkpoint?.Sequence ?? 0) != sequence) LogOwned(_writer.Source, sequence);

            (Checkpoint, _loggedOwned) = (_writer.Checkpoint, true);
        }

        _writer.RequireOwned();
        return _writer;
    }

    /// <param name="writer">Takes the batch.</param>
    /// <param name="batch">What was read.</param>
    /// <param name="reachable">Of a poll.</param>
    /// <param name="range">The requested range that the batch is of, without what the batch itself brings; null = it is of a poll or a sweep.</param>
    /// <param name="cancellationToken">Ends it; the outcome of the commit is unknown then.</param>
    private async ValueTask<PollResult> CommitAsync(
        IJournalWriter writer, ActivityBatch batch, ReachableCommits? reachable, RequestedRange? range, CancellationToken cancellationToken)
    {
        FailPoint.Pass("fetched");
        var prepared = _prepared!;
        using (var transform = Spans.Start($"transform {source.Name}"))
        {
            await prepared.PrepareAsync(writer, batch, source.Present, cancellationToken);
            transform?.SetTag("activity_connector.records", batch.Records.Count);
            transform?.SetTag("activity_connector.published", prepared.Events.Count);
        }

        FailPoint.Pass("mapped");
        if (prepared.Ledger.Held > 0 && !_loggedChanges)
        {
            _loggedChanges = true;
            LogChanges(writer.Source, ChangesOfDay.Most);
        }

        var current = writer.Checkpoint;
        var counts = prepared.Counts with
        {
            Late = batch.Sweep is { } run && range is not { Kind: RangeKind.Backfill } ? prepared.CountNew(upTo: run.To) : 0,
        };
        var number = (current?.Sequence ?? 0) + 1;
        var position = reachable?.After(batch, prepared.EarliestBeyond(number), number) ?? batch.Position;
        var isWorthIt = prepared.Events.Count > 0 || prepared.DeadLetters.Count > 0 || prepared.Ledger.Unaccounted > 0
            || (batch.Sweep is null ? batch.NeedsCommit : batch.Records.Count > 0 || !Equals(position, current!.Position));
        if (!isWorthIt)
        {
            Instruments.Collected(writer.Source, prepared, counts);
            return new PollResult(counts, Commits: 0);
        }

        var last = prepared.Events.Count > 0 ? prepared.Events[^1] : null;
        var next = Next(current, position);
        await CommitAsync(
            writer,
            new JournalCommit(prepared.Events, prepared.DeadLetters, WithProgress(range, counts, next with
            {
                Totals = next.Totals + counts,
                Ledger = (next.Ledger ?? new()) + prepared.Ledger,
                NewestEvent = Newest(next.NewestEvent, prepared.Events),
                Sweep = next.Sweep with
                {
                    Run = (range is null ? batch.Sweep : null) ?? next.Sweep.Run,
                    BeganAt = next.Sweep.BeganAt ?? next.CommittedAt,
                    LateTotal = next.Sweep.LateTotal + counts.Late,
                },
                Last = last is null ? next.Last : new LastEvent(Shortened(last.EventId), last.Time, last.TraceId),
            })),
            cancellationToken);
        prepared.Committed();
        Ledger += prepared.Ledger;
        LogUnaccounted(writer);
        Instruments.Collected(writer.Source, prepared, counts);
        Published += counts.Published;
        LogCommitted(writer.Source, counts.Published, counts.Known, counts.Grown, counts.Late, counts.DeadLetters, next.Sequence);
        return new PollResult(counts, Commits: 1);
    }

    private ValueTask CommitAsync(IJournalWriter writer, SweepProgress sweep, CancellationToken cancellationToken)
    {
        var current = writer.Checkpoint!;
        var next = Next(current, current.Position) with { Sweep = sweep };

        if (current.Sweep.Run is { } run && sweep is { Run: null, BeganAt: { } began })
        {
            // What was backfilled from before the source's own beginning is no part of a sweep.
            var from = Math.Max(run.From, current.Window?.BackfillFrom ?? current.Cursor?.BackfillFrom ?? run.From);
            next = WithReadAgain(next, run with { From = from }, began);
        }

        return CommitAsync(writer, new JournalCommit([], [], next), cancellationToken);
    }

    /// <summary>A time in the future would hide for as long that nothing comes.</summary>
    private DateTimeOffset? Newest(DateTimeOffset? before, IReadOnlyList<EcsEvent> events)
    {
        var newest = before;
        foreach (var e in events)
        {
            if (e.HasSourceTime && e.Time <= source.Present && !(e.Time <= newest)) newest = e.Time;
        }

        return newest;
    }

    private ValueTask CommitAsync(IJournalWriter writer, RequestedRange range, CancellationToken cancellationToken)
    {
        var current = writer.Checkpoint!;
        var next = range.In(Next(current, current.Position));
        if (range is { State: RangeState.Done, BeganAt: { } began }) next = WithReadAgain(next, range.Run, began);

        return CommitAsync(writer, new JournalCommit([], [], next), cancellationToken);
    }

    private static Checkpoint WithReadAgain(Checkpoint checkpoint, SweepRun run, DateTimeOffset began) => checkpoint with
    {
        Ledger = checkpoint.Ledger?.WithReadAgain(
            DateTimeOffset.FromUnixTimeSeconds(run.From), DateTimeOffset.FromUnixTimeSeconds(run.To + 1).AddTicks(-1), began),
    };

    private static Checkpoint WithProgress(RequestedRange? range, CollectedCounts counts, Checkpoint next) =>
        range is null ? next : (range with { Counts = range.Counts + counts }).In(next);

    private async ValueTask CommitAsync(IJournalWriter writer, JournalCommit commit, CancellationToken cancellationToken)
    {
        await writer.CommitAsync(commit, cancellationToken);
        Checkpoint = writer.Checkpoint;
        Committed?.Invoke(commit.Checkpoint, commit.Events);
    }

    private Checkpoint Next(Checkpoint? current, SourcePosition position) => new()
    {
        Source = new SourceKey(source.Name, _account!.Account),
        Sequence = (current?.Sequence ?? 0) + 1,
        // A vendor's clock that falls back does not make events older than those before them.
        CommittedAt = current?.CommittedAt > source.Present ? current.CommittedAt : source.Present,
        Writer = identity,
        Window = position as WindowPosition,
        Cursor = position as CursorPosition,
        KnownFrom = current?.KnownFrom,
        Sweep = current?.Sweep ?? new SweepProgress(),
        Ranges = current?.Ranges,
        WasCollectedEarlier = current?.WasCollectedEarlier ?? _writer!.WasReset,
        Totals = current?.Totals ?? new CollectedCounts(),
        Ledger = current?.Ledger,
        NewestEvent = current?.NewestEvent,
        Paused = current?.Paused,
        Last = current?.Last,
        Unknown = current?.Unknown,
    };

    /// <summary>An id is whatever the vendor sends, and a checkpoint must stay small.</summary>
    private static string Shortened(string id) =>
        id.Length <= MaxIdLength ? id : id[..(char.IsHighSurrogate(id[MaxIdLength - 1]) ? MaxIdLength - 1 : MaxIdLength)];

    private async ValueTask DropWriterAsync()
    {
        if (Interlocked.Exchange(ref _writer, null) is { } writer) await writer.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source} is owned by this process; its last commit has number {Sequence}.")]
    private partial void LogOwned(SourceKey source, long sequence);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Source}: events are known from {KnownFrom:u} on; the sweep begins there, because older ones would be published again.")]
    private partial void LogKnownFrom(SourceKey source, DateTimeOffset knownFrom);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Source}: records change more than {Most} times a day; further changes of them are left to the next sweep.")]
    private partial void LogChanges(SourceKey source, int most);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Source}: the ledger does not balance: it is not known what became of {Count} of the records and events that were received. "
            + "That is a defect of the connector: please report it. A sweep over all of {Lost} reads them again: the next one, if SweepRange reaches so "
            + "far back, else the command sweep. The command verify names what is missing.")]
    private partial void LogUnbalanced(SourceKey source, long count, LostTime lost);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source}: the ledger balances: a sweep has read again what was unaccounted for.")]
    private partial void LogBalanced(SourceKey source);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Source}: a record became visible {Delay} after its own time. Every poll reads the last {Overlap} again; a record that becomes visible "
            + "later than that is only found by the next sweep. Raise {Option} well above {Delay}.")]
    private partial void LogNearOverlap(SourceKey source, TimeSpan delay, TimeSpan overlap, string option);

    [LoggerMessage(
        Level = LogLevel.Debug,
        Message = "Committed {Published} events of {Source} "
            + "({Known} known, {Grown} grown, {Late} late, {DeadLetters} dead letters) as number {Sequence}.")]
    private partial void LogCommitted(SourceKey source, long published, long known, long grown, long late, long deadLetters, long sequence);
}
