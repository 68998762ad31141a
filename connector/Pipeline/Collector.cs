using ActivityConnector.Transforms;

namespace ActivityConnector.Pipeline;

/// <summary>
/// The loop that brings one source into the journal: read a unit, map it, leave out what is known, commit it with its checkpoint,
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
    private SourceIdentity? _account;
    private IActivityTransform? _transform;
    private IJournalWriter? _writer;
    private UnitOfWork? _unit;

    /// <summary>The last checkpoint this collector has seen committed; null before the first poll and of a new source.</summary>
    public Checkpoint? Checkpoint { get; private set; }

    /// <summary>Reads and commits unit after unit up to the present.</summary>
    /// <exception cref="SourceRefusedException">An operator must act.</exception>
    /// <exception cref="SourceUnavailableException">The next firing tries again.</exception>
    /// <exception cref="JournalException">The journal could not take the unit; nothing is lost.</exception>
    public Task<PollResult> PollAsync(CancellationToken cancellationToken) =>
        RunAsync(writer => source.ReadAsync(writer.Checkpoint, cancellationToken), sweepTo: null, cancellationToken);

    /// <summary>Reads a past range again and commits what is missing from the journal, counted as late. Does nothing before the first poll has committed.</summary>
    public Task<PollResult> SweepAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        RunAsync(
            writer => writer.Checkpoint is { } current ? source.SweepAsync(current, from, to, cancellationToken) : AsyncEnumerable.Empty<ActivityBatch>(),
            to,
            cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await DropWriterAsync();
        _unit?.Dispose();
        _unit = null;
    }

    private async Task<PollResult> RunAsync(
        Func<IJournalWriter, IAsyncEnumerable<ActivityBatch>> units, DateTimeOffset? sweepTo, CancellationToken cancellationToken)
    {
        var done = false;
        try
        {
            var writer = await OwnAsync(cancellationToken);
            var result = new PollResult();
            await foreach (var batch in units(writer).WithCancellation(cancellationToken))
            {
                using (batch)
                {
                    result += await CommitAsync(writer, batch, sweep: sweepTo is not null, cancellationToken);
                }
            }

            if (sweepTo is { } to && writer.Checkpoint is { } current)
            {
                var sweep = current.Sweep with { CompletedTo = to.ToUnixTimeSeconds() };
                await CommitAsync(writer, new JournalCommit([], [], Next(current, current.Position) with { Sweep = sweep }), cancellationToken);
            }

            done = true;
            return result;
        }
        finally
        {
            if (!done)
            {
                await DropWriterAsync();
            }
        }
    }

    /// <summary>Learns the account once, then owns the source: fence, recover, go on from what is committed.</summary>
    private async ValueTask<IJournalWriter> OwnAsync(CancellationToken cancellationToken)
    {
        if (_account is null)
        {
            _account = await source.IdentifyAsync(cancellationToken);
            _transform = transforms(_account);
            _unit = new UnitOfWork(_transform, journal.MaxEventBytes, time);
        }

        if (_writer is null)
        {
            _writer = await journal.OpenWriterAsync(new SourceKey(source.Name, _account.Account), cancellationToken);
            Checkpoint = _writer.Checkpoint;
            LogOwned(_writer.Source, Checkpoint?.Sequence ?? 0);
        }

        return _writer;
    }

    private async ValueTask<PollResult> CommitAsync(IJournalWriter writer, ActivityBatch batch, bool sweep, CancellationToken cancellationToken)
    {
        FailPoint.Pass("fetched");
        var unit = _unit!;
        await unit.PrepareAsync(writer, batch, cancellationToken);
        FailPoint.Pass("mapped");
        var counts = unit.Counts with { Late = sweep ? unit.Counts.Published - unit.Counts.Mutated : 0 };
        if (unit.Events.Count == 0 && unit.DeadLetters.Count == 0 && (sweep || !batch.MovesFar))
        {
            return counts;
        }

        var last = unit.Events.Count > 0 ? unit.Events[^1] : null;
        var next = Next(writer.Checkpoint, batch.Position);
        await CommitAsync(
            writer,
            new JournalCommit(unit.Events, unit.DeadLetters, next with
            {
                Totals = Add(next.Totals, counts),
                Sweep = next.Sweep with { LateTotal = next.Sweep.LateTotal + counts.Late },
                Last = last is null ? next.Last : new LastEvent(last.EventId, last.Time, last.TraceId),
            }),
            cancellationToken);
        unit.Committed();
        LogCommitted(writer.Source, counts.Published, counts.Duplicates, counts.Grown, counts.Late, counts.DeadLetters, next.Sequence);
        return counts with { Commits = 1 };
    }

    private async ValueTask CommitAsync(IJournalWriter writer, JournalCommit commit, CancellationToken cancellationToken)
    {
        await writer.CommitAsync(commit, cancellationToken);
        Checkpoint = writer.Checkpoint;
    }

    private Checkpoint Next(Checkpoint? current, SourcePosition position) => new()
    {
        Source = new CheckpointSource(source.Name, _account!.Account, _account.ApiVersion, _account.ConfigHash),
        Sequence = (current?.Sequence ?? 0) + 1,
        CommittedAt = time.GetUtcNow(),
        Writer = identity,
        Window = position as WindowPosition,
        Cursor = position as CursorPosition,
        Sweep = current?.Sweep ?? new SweepProgress(),
        Totals = current?.Totals ?? new CheckpointTotals(),
        Last = current?.Last,
        Unknown = current?.Unknown,
    };

    private static CheckpointTotals Add(CheckpointTotals totals, PollResult counts) => new()
    {
        Published = totals.Published + counts.Published,
        Duplicates = totals.Duplicates + counts.Duplicates,
        Grown = totals.Grown + counts.Grown,
        Late = totals.Late + counts.Late,
        Mutated = totals.Mutated + counts.Mutated,
        DeadLetters = totals.DeadLetters + counts.DeadLetters,
        Invalid = totals.Invalid + counts.Invalid,
    };

    private async ValueTask DropWriterAsync()
    {
        if (Interlocked.Exchange(ref _writer, null) is { } writer)
        {
            await writer.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Own {Source}; the last commit was number {Sequence}.")]
    private partial void LogOwned(SourceKey source, long sequence);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Committed {Published} events of {Source} ({Duplicates} known, {Grown} grown, {Late} late, {DeadLetters} dead letters) as number {Sequence}.")]
    private partial void LogCommitted(SourceKey source, long published, long duplicates, long grown, long late, long deadLetters, long sequence);
}
