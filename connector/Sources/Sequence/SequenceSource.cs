using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// The activity logs that one Sequence credential sees, read from the oldest with opaque cursors. The position moves past a page only
/// when everything up to its end was older than the hold-back at the moment it was asked for; what is younger is delivered at once and
/// read again.
/// </summary>
/// <remarks>
/// A poll loses nothing that becomes visible within the hold-back of its creation, a sweep nothing that becomes visible within SweepRange.
/// Cursors are never logged. Not thread-safe.
/// </remarks>
public sealed class SequenceSource : IActivitySource, IDisposable
{
    private const string IncompleteFix = "It is tried again with every run; if it stays so, report it to Sequence.";

    /// <summary>Where a walk begins again that did not meet the newest record.</summary>
    private const int EarlierStarts = 4;

    /// <summary>A start that is given relative to the present moves a little with the clocks.</summary>
    private static readonly TimeSpan StartTolerance = TimeSpan.FromMinutes(10);

    private readonly SequenceOptions _options;
    private readonly VendorClient _client;
    private readonly SequencePages _pages;
    private readonly ListStart _start;
    private readonly OtherEnd _otherEnd;
    private readonly ILogger _logger;
    private readonly BatchBuilder _batch = new("sequence");
    private bool _loggedTimes;
    private bool _loggedStart;

    /// <param name="options">Validated.</param>
    /// <param name="handler">What sends the requests; disposed with the source.</param>
    /// <param name="time">For delays and the host's part of the present.</param>
    /// <param name="random">For jitter.</param>
    /// <param name="logger">Sees no credential and no cursor.</param>
    public SequenceSource(SequenceOptions options, HttpMessageHandler handler, TimeProvider time, Random random, ILogger logger)
    {
        var (id, key) = (options.Id, options.Key);
        _options = options;
        _logger = logger;
        _client = new VendorClient(
            new VendorApi
            {
                Name = "Sequence",
                Section = "Sources:Sequence",
                BaseUrl = VendorAddress.Parse(options.BaseUrl),
                Authorization = () => new AuthenticationHeaderValue(
                    "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id.Current()}:{key.Current()}"))),
                VersionHeader = "Sequence-Version",
                Version = options.ApiVersion,
                RequestsPerMinute = options.RequestsPerMinute,
                ErrorCode = SequenceErrors.Code,
                MoveOn = SequenceErrors.MoveOn,
                Explain = (status, code) => SequenceErrors.Explain(status, code, id, key),
            },
            handler,
            time,
            random,
            logger);
        _pages = new SequencePages(_client, options.PageSize);
        _start = new ListStart(_pages, options, logger);
        _otherEnd = new OtherEnd(_pages, time);
    }

    public string Name => "sequence";

    /// <inheritdoc/>
    public Quota? Quota => _client.Quota;

    /// <inheritdoc/>
    public bool HasNewCredential => _client.HasNewCredential;

    /// <inheritdoc/>
    public DateTimeOffset Present => _client.Clock.Now;

    public SourceClockException? ClockContradiction => _client.Clock.ContradictionOf("Sequence");

    /// <summary>The source on the real network.</summary>
    public static SequenceSource Create(SequenceOptions options, TimeProvider time, Random random, ILoggerFactory loggers) =>
        new(options, VendorClient.NewHandler(time), time, random, loggers.CreateLogger<SequenceSource>());

    public async ValueTask<SourceIdentity> IdentifyAsync(CancellationToken cancellationToken)
    {
        var reply = await _pages.FirstAsync(SortOrder.OldestFirst, cancellationToken);

        // One record alone may be what cannot be read: the other end of the list decides.
        if (reply.Failure is { ConcernsRange: true, TooLarge: false }) reply = await _pages.FirstAsync(SortOrder.NewestFirst, cancellationToken);
        if (reply.Failure is { Kind: FailureKind.Unreadable, TooLarge: false } failure)
        {
            throw new SourceRefusedException(
                "The address in Sources:Sequence:BaseUrl answers, but not with activity logs (JSON with items and pagination).",
                "Set Sources:Sequence:BaseUrl to the API's address, which ends in /api, such as https://eu.sequencehq.com/api.",
                failure.ToException());
        }

        if (reply.Failure is not { TooLarge: true }) reply.OrThrow().Dispose();
        return new SourceIdentity
        {
            Account = string.IsNullOrWhiteSpace(_options.Account) ? SequenceOptions.DefaultAccount : _options.Account.Trim(),
            ClockAhead = _client.Clock.Ahead,
        };
    }

    public async ValueTask<int> ProbeAsync(CancellationToken cancellationToken)
    {
        using var page = (await _pages.GetAsync(SortOrder.NewestFirst, null, _options.PageSize, cancellationToken)).OrThrow();
        return page.Records.Count;
    }

    public async IAsyncEnumerable<ActivityBatch> ReadAsync(Checkpoint? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _client.Clock.Begin();
        var committed = PositionOf(from);
        LogOnceEarlierStart(committed);
        var (first, position, isEmptied) = await _start.FindAsync(committed, from?.KnownFrom, cancellationToken);
        var hasRecords = position.Head is not null && !isEmptied;
        var walk = NewWalk(position, expected: null, first);
        await foreach (var batch in WalkAsync(walk, committed, from is null, cancellationToken)) yield return batch;

        // The newest record was not met: it may lie further back, where later ones were removed or are hidden. A page of the first walk may have had it.
        var (firstWalk, isRefused, hasReadEarlier) = (walk, false, false);
        HashSet<string?> starts = walk.List.HasRecords ? [] : [position.After];
        var attempts = walk.List.Step == WalkStep.EndsEarly && MayLieBefore(walk) ? EarlierStarts : 0;
        for (var attempt = 0; attempt < attempts && walk.List.Step == WalkStep.EndsEarly; attempt++)
        {
            if (EarlierStart(walk, attempt, isRefused && !hasReadEarlier, from?.KnownFrom) is not { } start || !starts.Add(start.After)) continue;

            var again = NewWalk(start, walk.List.Expected, first: null);
            await foreach (var batch in WalkAsync(again, walk.Position, isNew: false, cancellationToken)) yield return batch;

            // A cursor that is refused, or a page there that cannot be read, says nothing.
            hasReadEarlier |= again.List.HasRead && attempt > 0;
            isRefused |= again.List is { HasRead: false, Failure.Kind: FailureKind.Rejected };
            if (again.List.HasRead || again.List.Failure is { ConcernsRange: false, Kind: not FailureKind.Rejected }) walk = again;
        }

        if (walk.List.Failure is { ConcernsRange: false } failure) throw Retryable(failure).ToException();

        if (walk.List.Step != WalkStep.Tail)
        {
            if (walk != firstWalk && walk.List.Step == WalkStep.EndsEarly && (hasReadEarlier || !isRefused))
            {
                walk.GiveUp();
                _batch.Clear();
                yield return _batch.Build(walk.Position, needsCommit: true);
            }

            await foreach (var batch in ReadHeadAsync(walk.Position, from?.KnownFrom, walk.List.Failure, cancellationToken)) yield return batch;

            throw new SourceIncompleteException(
                $"{walk.List.Problem} What lies beyond that page was read from the newest record down, as far as it can be read.", IncompleteFix);
        }

        if (walk.Position.HeadReadTo is not null)
        {
            _batch.Clear();
            yield return _batch.Build(walk.Position with { HeadReadTo = null }, needsCommit: true, isTail: walk.MeetsAll);
        }

        if (isEmptied)
        {
            throw new SourceIncompleteException(
                "Sequence's list is empty, but it held records before.",
                "Check that the credential and Sources:Sequence:BaseUrl are those of the account that was read so far.");
        }

        if (ClockContradiction is { } contradiction) throw contradiction;

        CursorWalk NewWalk(CursorPosition at, ListedRecord? expected, PageReply? first)
        {
            var end = new ListEnd(_otherEnd, SortOrder.OldestFirst, hasRecords, expected) { MaySkip = at.IsGiven };
            var list = new ListWalk(_pages, SortOrder.OldestFirst, new CursorTrail(at.After, at.Limit, at.Last), end, first);
            return new CursorWalk(list, at, _options.HoldBack, KeepDaysFrom(from));
        }
    }

    public async IAsyncEnumerable<ActivityBatch> SweepAsync(
        Checkpoint current, SweepRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = PositionOf(current);
        var isUp = run.At is null && position is { HeadReadTo: null, SkipBefore: null };
        var start = isUp ? await SweepStartAsync(position, run, cancellationToken) : null;

        // What lies beyond the position is read by every poll.
        if (start?.Cursor is { } cursor && cursor == position.After) yield break;

        if (start is { } found)
        {
            var list = NewList(SortOrder.OldestFirst, found.Cursor, position, found.First);
            var walk = new AscendingWalk(list, position.After, NotBefore(position));
            while (!list.IsOver)
            {
                await walk.FillAsync(_batch, cancellationToken);
                if (_batch.Pages > 0) yield return _batch.Build(position, needsCommit: false, sweep: run with { After = list.Trail.Cursor });
            }

            if (list.Step != WalkStep.EndsEarly)
            {
                ThrowUnlessDone(list);
                yield break;
            }

            // The newest record may lie before the cursor, where later ones were removed: the other order shows it.
        }

        await foreach (var batch in SweepDownAsync(position, run, current.KnownFrom, cancellationToken)) yield return batch;
    }

    public async IAsyncEnumerable<ActivityBatch> ReadRangeAsync(
        Checkpoint current, SweepRun run, Func<bool> canWait, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _client.CanWait = canWait;
        try
        {
            var position = PositionOf(current);
            var start = await RangeStartAsync(position, run, current.KnownFrom, cancellationToken);

            // What lies beyond the position is read by every poll.
            if (start.Cursor is { } cursor && cursor == position.After) yield break;

            var list = NewList(SortOrder.OldestFirst, start.Cursor, position, start.First);
            var walk = new AscendingWalk(list, position.After, InMilliseconds(run.From))
            {
                NotAfter = InMilliseconds(run.To + 1) - 1,
                StopAfter = InMilliseconds(run.To + 1 + (long)_options.HoldBack.TotalSeconds),
            };
            while (!list.IsOver)
            {
                await walk.FillAsync(_batch, cancellationToken);
                if (_batch.Pages == 0) continue;

                var reached = walk.Reached == RecordTime.Unknown ? run.Reached : walk.Reached / 1000;
                yield return _batch.Build(position, needsCommit: false, sweep: run with { After = list.Trail.Cursor, Reached = reached });
            }

            ThrowUnlessDone(list);
        }
        finally
        {
            _client.CanWait = null;
        }
    }

    public void Dispose() => _client.Dispose();

    private CursorPosition PositionOf(Checkpoint? from) => from is null
        ? (CursorPosition)_options.FirstPosition(Present)
        : from.Cursor ?? throw new SourceRefusedException(
            "The checkpoint of this Sequence account is not one of cursors.",
            "Reset it with 'checkpoint reset', or import the right one.");

    /// <summary>No sweep looks at records before this time (Unix seconds).</summary>
    private long KeepDaysFrom(Checkpoint? from)
    {
        // A sweep under way stands beyond one of them; without it the journal may forget what the sweep is yet to read.
        if (from?.Sweep.Run is not null) return long.MinValue;

        var range = (Present - _options.SweepRange - TimeSpan.FromDays(1)).ToUnixTimeSeconds();
        var last = (from?.Sweep.BeganAt - _options.SweepRange)?.ToUnixTimeSeconds() ?? range;
        return Math.Min(range, Math.Min(from?.Sweep.CompletedTo ?? range, last));
    }

    /// <summary>The batches of a walk along the list. What comes before a failure is published: a walk with errors gets on, too.</summary>
    /// <param name="walk">The walk.</param>
    /// <param name="committed">The position as it is stored.</param>
    /// <param name="isNew">No position is stored.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    private async IAsyncEnumerable<ActivityBatch> WalkAsync(
        CursorWalk walk, CursorPosition committed, bool isNew, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!walk.List.IsOver)
        {
            var accounts = walk.Position.Accounts;
            await walk.FillAsync(_batch, cancellationToken);
            if (walk.HasUndatedPage) LogOnceTimes();
            LogNewAccounts(accounts, walk.Position.Accounts);

            // An earlier beginning is not stored before a page was read there.
            var isMoved = walk.List.HasRead && IsMoved(committed, walk.Position);
            var isTail = walk.List.Step == WalkStep.Tail && walk.MeetsAll;
            if (_batch.Pages > 0 || isMoved) yield return _batch.Build(walk.Position, isNew || isMoved, walk.BeforePosition, isTail);

            (committed, isNew) = (walk.Position, false);
        }
    }

    /// <summary>
    /// Whether the newest record, which the walk has not met, may lie before the walk's beginning. One that is newer than everything that was read is
    /// probably just not listed yet, unless the walk has met nothing and the record is older than the hold-back. One that was looked for before is not again.
    /// </summary>
    private bool MayLieBefore(CursorWalk walk)
    {
        var newest = walk.List.Expected!.Value;
        var isLater = newest.Time > walk.Position.Head?.ToUnixTimeMilliseconds();
        var isYoung = newest.Time > (Present - _options.HoldBack).ToUnixTimeMilliseconds();
        return newest.Mark != walk.Position.NotMet && !(isLater && (isYoung || walk.List.HasRecords));
    }

    /// <summary>
    /// Where a walk begins again that did not meet the newest record: first in the same place, because records of one time may stand in another order;
    /// then at a cursor from before that record; then at the oldest stored cursor. Only at cursors that the position keeps: what lies beyond them is known.
    /// Where the vendor refuses these, at the beginning of the list.
    /// </summary>
    private CursorPosition? EarlierStart(CursorWalk walk, int attempt, bool areCursorsRefused, DateTimeOffset? knownFrom)
    {
        var position = walk.Position;
        if (attempt == 0) return walk.List.HasRecords ? position : null;

        if (position.After is null) return null;
        if (attempt == EarlierStarts - 1) return areCursorsRefused ? _start.Beginning(position, knownFrom) : null;

        var older = attempt == 1 ? DayCursors.Before(position.Days, walk.List.Expected!.Value.Time / 1000) : position.Days.TakeLast(1);
        return older.FirstOrDefault() is { } day ? ListStart.BackAt(position, day) : null;
    }

    /// <summary>
    /// What lies beyond a page that cannot be read, from the newest record down to what was read so before. The position stays: there is no way
    /// past that page.
    /// </summary>
    private async IAsyncEnumerable<ActivityBatch> ReadHeadAsync(
        CursorPosition position, DateTimeOffset? knownFrom, Failure? unreadable, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var holdBack = (long)_options.HoldBack.TotalSeconds;

        // What lies before a cursor that an operator gave is skipped; the newest record is the only time that is known of it.
        var reached = position.At ?? (position.IsGiven ? position.Head?.ToUnixTimeSeconds() : null);
        var stop = (position.HeadReadTo ?? reached - holdBack) * 1000 ?? long.MinValue;

        // A page holds more than what lies beyond the stop: records older than the known ids would be published again, and a journal that forgets
        // may have forgotten more since this read began.
        var notBefore = Math.Max(position.BackfillFrom ?? long.MinValue, position.SkipBefore ?? long.MinValue);
        if (knownFrom is { } known) notBefore = Math.Max(notBefore, Math.Max(known.ToUnixTimeSeconds(), stop / 1000));
        var list = NewList(SortOrder.NewestFirst, null, position);
        var walk = new DescendingWalk(list, stop, InMilliseconds(notBefore));
        while (!list.IsOver)
        {
            await walk.FillAsync(_batch, cancellationToken);

            // The vendor answers nothing: it is not this page.
            if (!list.HasRead) throw (unreadable ?? list.Failure!).ToException();

            var before = position;
            if ((list.Step == WalkStep.Tail || list.Failure is { ConcernsRange: true }) && walk.Times.Past != RecordTime.Unknown)
            {
                var newest = (walk.Times.Past / 1000) - holdBack;
                position = position with { HeadReadTo = Math.Max(newest, position.HeadReadTo ?? newest) };
            }

            yield return _batch.Build(position, IsMoved(before, position));
        }

        if (list.Failure is { ConcernsRange: false } failure) throw Retryable(failure).ToException();
    }

    /// <summary>Where the sweep continues or begins, with the first page there; null = no cursor that the vendor takes is old enough.</summary>
    private async ValueTask<(string? Cursor, PageReply First)?> SweepStartAsync(CursorPosition position, SweepRun run, CancellationToken cancellationToken)
    {
        List<string?> starts = [.. DayCursors.Before(position.Days, run.From).Select(day => day.After)];
        if (run.After is not null) starts.Insert(0, run.After);
        if (starts.Count == 0 && position.After is null) starts.Add(null);
        foreach (var start in starts)
        {
            if (start is not null && start == position.After) return (start, default);

            var first = await _pages.GetAsync(SortOrder.OldestFirst, start, position.Limit, cancellationToken);
            if (start is null || first.Failure is not { Kind: FailureKind.Rejected }) return (start, first);
        }

        return null;
    }

    /// <summary>Where the reading of a range continues or begins, with the first page there: at the beginning of the list where no cursor is taken.</summary>
    private async ValueTask<(string? Cursor, PageReply First)> RangeStartAsync(
        CursorPosition position, SweepRun run, DateTimeOffset? knownFrom, CancellationToken cancellationToken)
    {
        foreach (var start in DayCursors.Before(position.Days, run.From).Select(day => day.After).Prepend(run.After).OfType<string>())
        {
            if (start == position.After) return (start, default);

            var first = await _pages.GetAsync(SortOrder.OldestFirst, start, position.Limit, cancellationToken);
            if (first.Failure is not { Kind: FailureKind.Rejected }) return (start, first);

            if (start == run.After && run.From < knownFrom?.ToUnixTimeSeconds())
            {
                throw new SourceIncompleteException(
                    "Sequence refuses the cursor at which the reading of a requested range stood, and the journal may have forgotten what was read of it.",
                    "Cancel it ('backfill cancel'), and ask for what is left of it.");
            }
        }

        return (null, await _pages.GetAsync(SortOrder.OldestFirst, null, position.Limit, cancellationToken));
    }

    private async IAsyncEnumerable<ActivityBatch> SweepDownAsync(
        CursorPosition position, SweepRun run, DateTimeOffset? knownFrom, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stop = run.From - (long)_options.HoldBack.TotalSeconds;

        // What is older was perhaps forgotten, and would be published again.
        var notBefore = Math.Max(position.BackfillFrom ?? long.MinValue, knownFrom?.ToUnixTimeSeconds() ?? long.MinValue);
        var cursor = run.At is null ? null : run.After;
        var walk = Down(cursor);
        while (!walk.List.IsOver)
        {
            await walk.FillAsync(_batch, cancellationToken);
            var isRefused = !walk.List.HasRead && walk.List.Failure is { Kind: FailureKind.Rejected };
            var isBehindLast = walk.List is { Step: WalkStep.EndsEarly, Trail.StalledPages: < ListEnd.GiveUpAfter } && _batch.Records == 0;
            if (cursor is not null && (isRefused || isBehindLast))
            {
                (cursor, walk) = (null, Down(null));
                continue;
            }

            if (_batch.Pages == 0) break;

            var at = walk.Times.IsDated ? walk.Times.Median / 1000 : run.At ?? run.To;
            yield return _batch.Build(position, needsCommit: false, sweep: run with { After = walk.List.Trail.Cursor, At = at });
        }

        ThrowUnlessDone(walk.List);

        DescendingWalk Down(string? from) =>
            new(NewList(SortOrder.NewestFirst, from, position), stop * 1000, InMilliseconds(notBefore));
    }

    private ListWalk NewList(SortOrder order, string? cursor, CursorPosition position, PageReply? first = null)
    {
        var end = new ListEnd(_otherEnd, order, hasRecords: position.Head is not null);
        return new ListWalk(_pages, order, new CursorTrail(cursor, position.Limit), end, first);
    }

    private static void ThrowUnlessDone(ListWalk list)
    {
        if (list.Failure is { ConcernsRange: false } failure) throw Retryable(failure).ToException();

        if (list.Step != WalkStep.Tail) throw new SourceIncompleteException($"{list.Problem} The sweep cannot go past that page.", IncompleteFix);
    }

    /// <summary>What comes with new records anyway is not worth a commit of its own.</summary>
    private static bool IsMoved(CursorPosition from, CursorPosition to) =>
        from != to with { Head = from.Head, TailAt = from.TailAt, Accounts = from.Accounts } || from.Accounts.Count != to.Accounts.Count;

    /// <summary>Records before the configured start are left out, in Unix milliseconds.</summary>
    private static long NotBefore(CursorPosition position) => InMilliseconds(position.BackfillFrom ?? long.MinValue);

    private static long InMilliseconds(long seconds) => seconds == long.MinValue ? seconds : seconds * 1000;

    private void LogOnceTimes()
    {
        if (_loggedTimes) return;

        _loggedTimes = true;
        SourceLog.NoTimes(_logger, "Sequence", _options.HoldBack);
    }

    private void LogNewAccounts(IReadOnlyList<string> before, IReadOnlyList<string> now)
    {
        // More than are kept come and go.
        if (before.Count is 0 or ListAccounts.Most) return;

        foreach (var account in now.Except(before)) SourceLog.AccountJoined(_logger, "Sequence", account);
    }

    private void LogOnceEarlierStart(CursorPosition position)
    {
        if (_loggedStart || position.BackfillFrom is not { } fixedAt) return;

        var first = DateTimeOffset.FromUnixTimeSeconds(fixedAt);
        var start = StartAt.Parse(_options.StartAt, Present, "Sources:Sequence") ?? DateTimeOffset.UnixEpoch;
        if (start >= first - StartTolerance) return;

        _loggedStart = true;
        SourceLog.EarlierStart(_logger, "Sequence", start, first, "To read what is older, use 'backfill start --source sequence'.");
    }

    /// <summary>A cursor that was given a moment ago and is refused: the next read starts at the stored one and goes back from there.</summary>
    private static Failure Retryable(Failure failure) => failure.Kind == FailureKind.Rejected
        ? failure with
        {
            Kind = FailureKind.Unavailable,
            Cause = "Sequence refused a cursor that it gave a moment ago.",
            Fix = "The next run resumes from the stored one.",
        }
        : failure;
}
