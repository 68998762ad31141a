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

    /// <summary>A start that is given relative to the present moves a little with the clocks.</summary>
    private static readonly TimeSpan StartTolerance = TimeSpan.FromMinutes(10);

    private readonly SequenceOptions _options;
    private readonly VendorClient _client;
    private readonly SequencePages _pages;
    private readonly ListStart _start;
    private readonly OtherEnd _otherEnd;
    private readonly ILogger _logger;
    private readonly BatchBuilder _batch = new("sequence");
    private bool _toldOfTimes;
    private bool _toldOfStart;

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
                Explain = SequenceErrors.Explain,
            },
            handler,
            time,
            random,
            logger);
        _pages = new SequencePages(_client, options.PageSize);
        _start = new ListStart(_pages, options, logger);
        _otherEnd = new OtherEnd(_pages);
    }

    public string Name => "sequence";

    public DateTimeOffset Present => _client.Clock.Now;

    /// <summary>The source on the real network.</summary>
    public static SequenceSource Create(SequenceOptions options, TimeProvider time, Random random, ILoggerFactory loggers) =>
        new(options, VendorClient.NewHandler(), time, random, loggers.CreateLogger<SequenceSource>());

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
            Account = string.IsNullOrWhiteSpace(_options.Account) ? "default" : _options.Account.Trim(),
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
        TellOfEarlierStart(committed);
        var (first, position, isEmptied) = await _start.FindAsync(committed, from?.KnownFrom, cancellationToken);
        var hasRecords = position.Head is not null && !isEmptied;
        var walk = NewWalk(position, sought: null);
        await foreach (var batch in WalkAsync(walk, first, committed, from is null, cancellationToken)) yield return batch;

        var hasLookedBack = false;
        foreach (var start in walk.Step == WalkStep.EndsEarly ? EarlierStarts(() => walk) : [])
        {
            hasLookedBack = true;
            var again = NewWalk(start, walk.Sought);
            await foreach (var batch in WalkAsync(again, null, walk.Position, isNew: false, cancellationToken)) yield return batch;

            // Its cursor may be refused.
            if (again.HasRead || again.Failure is not { Kind: FailureKind.Rejected }) walk = again;
            if (walk.Step != WalkStep.EndsEarly) break;
        }

        if (walk.Failure is { ConcernsRange: false } failure) throw Retryable(failure).ToException();

        if (walk.Step != WalkStep.Tail)
        {
            if (hasLookedBack && walk.Step == WalkStep.EndsEarly)
            {
                walk.GiveUp();
                _batch.Clear();
                yield return _batch.Build(walk.Position, needsCommit: true);
            }

            await foreach (var batch in ReadHeadAsync(walk.Position, from?.KnownFrom, walk.Failure, cancellationToken)) yield return batch;

            throw new SourceIncompleteException(
                $"{walk.Problem} What lies beyond that page was read from the newest record down, as far as it can be read.", IncompleteFix);
        }

        if (walk.Position.HeadReadTo is not null)
        {
            _batch.Clear();
            yield return _batch.Build(walk.Position with { HeadReadTo = null }, needsCommit: true, isTail: true);
        }

        if (isEmptied)
        {
            throw new SourceIncompleteException(
                "Sequence's list is empty, but it held records before.",
                "Check that the credential and Sources:Sequence:BaseUrl are those of the account that was read so far.");
        }

        if (_client.Clock.Contradiction is { } contradiction) throw ServerClock.ExceptionOf("Sequence", contradiction);

        CursorWalk NewWalk(CursorPosition at, ListedRecord? sought) => new(
            at,
            _options.HoldBack,
            KeepDaysFrom(from),
            new ListEnd(_otherEnd, SortOrder.OldestFirst, hasRecords, at.Last, skips: at.IsGiven, sought));
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
            var end = new ListEnd(_otherEnd, SortOrder.OldestFirst, position.Head is not null);
            var walk = new AscendingWalk(_pages, end, found.Cursor, position.Limit, found.First, position.After, NotBefore(position), _logger);
            while (!walk.IsOver)
            {
                await walk.FillAsync(_batch, cancellationToken);
                if (_batch.Pages > 0) yield return _batch.Build(position, needsCommit: false, sweep: run with { After = walk.Cursor });
            }

            if (walk.Step != WalkStep.EndsEarly)
            {
                ThrowUnlessDone(walk.Step, walk.Problem, walk.Failure);
                yield break;
            }

            // The newest record may lie before the cursor, where later ones were removed: the other order shows it.
        }

        await foreach (var batch in SweepDownAsync(position, run, current.KnownFrom, cancellationToken)) yield return batch;
    }

    public void Dispose() => _client.Dispose();

    private CursorPosition PositionOf(Checkpoint? from) => from is null
        ? new CursorPosition
        {
            After = null,
            Days = [DayCursors.Beginning],
            Limit = _options.PageSize,
            BackfillFrom = StartAt.Parse(_options.StartAt, Present, "Sources:Sequence")?.ToUnixTimeSeconds(),
        }
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
    /// <param name="first">Its first page; null = it was not asked for yet.</param>
    /// <param name="committed">The position as it is stored.</param>
    /// <param name="isNew">No position is stored.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    private async IAsyncEnumerable<ActivityBatch> WalkAsync(
        CursorWalk walk, PageReply? first, CursorPosition committed, bool isNew, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // What is known beyond a cursor that an operator gave is met in a later walk.
        var meetsAll = !walk.Position.IsGiven;
        while (!walk.IsOver)
        {
            _batch.Clear();
            walk.BeginBatch();
            for (; !walk.IsOver && !IsFull(walk); first = null)
            {
                var (page, failure, limit) = first ?? await _pages.GetAsync(SortOrder.OldestFirst, walk.Trail.Cursor, walk.Trail.Limit, cancellationToken);
                if (page is null) walk.Fail(failure!);
                else await TakeAsync(walk, page, limit, cancellationToken);
            }

            if (walk.IsOver) walk.End();

            var isMoved = IsMoved(committed, walk.Position);
            var isTail = walk.Step == WalkStep.Tail && meetsAll;
            if (_batch.Pages > 0 || isMoved) yield return _batch.Build(walk.Position, isNew || isMoved, walk.BeforePosition, isTail);

            (committed, isNew) = (walk.Position, false);
        }
    }

    /// <summary>
    /// Where a walk begins again that did not meet the newest record: in the same place, as records of one time may stand in another order; then where the
    /// record can lie, if later ones were removed or are hidden. Nowhere if it lies beyond all that was met, or may just not be shown yet.
    /// </summary>
    /// <param name="current">The last walk: the journal knows what lies beyond the cursors that its position keeps, and may forget the rest.</param>
    private IEnumerable<CursorPosition> EarlierStarts(Func<CursorWalk> current)
    {
        var (walk, newest) = (current(), current().Sought!.Value);
        var isLater = newest.Time > walk.Position.Head?.ToUnixTimeMilliseconds();
        var isYoung = newest.Time > (Present - _options.HoldBack).ToUnixTimeMilliseconds();
        if ((isLater && (isYoung || !walk.IsEmpty)) || newest.Mark == walk.Position.NotMet) yield break;

        if (!walk.IsEmpty) yield return walk.Position;

        var position = current().Position;
        foreach (var day in DayCursors.Before(position.Days, newest.Time / 1000).Take(1))
        {
            if (position.After is not null && day.After != position.After) yield return ListStart.BackAt(position, day);
        }

        position = current().Position;
        if (position.After is not null && position.Days is [.., var oldest] && oldest.After != position.After) yield return ListStart.BackAt(position, oldest);
    }

    private async ValueTask TakeAsync(CursorWalk walk, VendorPage page, int limit, CancellationToken cancellationToken)
    {
        var times = PageTimes.Of(page);
        if (!times.IsDated && !page.IsEmpty) TellOfTimes();
        var known = walk.Position.Accounts;
        _batch.Take(page, walk.LeavesOutBefore(page, times), _logger);
        await walk.TakeAsync(page, times, limit, _batch.Records, cancellationToken);
        TellOfAccounts(known, walk.Position.Accounts);
    }

    /// <summary>
    /// What lies beyond a page that cannot be read, from the newest record down to what was read so before. The position stays: there is no way
    /// past that page.
    /// </summary>
    private async IAsyncEnumerable<ActivityBatch> ReadHeadAsync(
        CursorPosition position, DateTimeOffset? knownFrom, Failure? unreadable, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var holdBack = (long)_options.HoldBack.TotalSeconds;
        var stop = (position.HeadReadTo ?? position.At - holdBack) * 1000 ?? long.MinValue;

        // A page holds more than what lies beyond the stop: records older than the known ids would be published again, and a journal that forgets
        // may have forgotten more since this read began.
        var notBefore = Math.Max(position.BackfillFrom ?? long.MinValue, position.SkipBefore ?? long.MinValue);
        if (knownFrom is { } known) notBefore = Math.Max(notBefore, Math.Max(known.ToUnixTimeSeconds(), stop / 1000));
        var end = new ListEnd(_otherEnd, SortOrder.NewestFirst, position.Head is not null);
        var walk = new DescendingWalk(_pages, null, _options.PageSize, stop, end, InMilliseconds(notBefore), _logger);
        while (!walk.IsOver)
        {
            await walk.FillAsync(_batch, cancellationToken);

            // The vendor answers nothing: it is not this page.
            if (!walk.HasRead) throw (unreadable ?? walk.Failure!).ToException();

            var before = position;
            if ((walk.Step == WalkStep.Tail || walk.Failure is { ConcernsRange: true }) && walk.Times.Past != RecordTime.Unknown)
            {
                var newest = (walk.Times.Past / 1000) - holdBack;
                position = position with { HeadReadTo = Math.Max(newest, position.HeadReadTo ?? newest) };
            }

            yield return _batch.Build(position, IsMoved(before, position));
        }

        if (walk.Failure is { ConcernsRange: false } failure) throw Retryable(failure).ToException();
    }

    /// <summary>Where the sweep goes on or begins, with the first page there; null = no cursor that the vendor takes is old enough.</summary>
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

    private async IAsyncEnumerable<ActivityBatch> SweepDownAsync(
        CursorPosition position, SweepRun run, DateTimeOffset? knownFrom, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stop = run.From - (long)_options.HoldBack.TotalSeconds;

        // What is older was perhaps forgotten, and would be published again.
        var notBefore = Math.Max(position.BackfillFrom ?? long.MinValue, knownFrom?.ToUnixTimeSeconds() ?? long.MinValue);
        var cursor = run.At is null ? null : run.After;
        var walk = Down(cursor);
        while (!walk.IsOver)
        {
            await walk.FillAsync(_batch, cancellationToken);
            var isRefused = !walk.HasRead && walk.Failure is { Kind: FailureKind.Rejected };
            var isBehindLast = walk.Step == WalkStep.EndsEarly && _batch.Records == 0;
            if (cursor is not null && (isRefused || isBehindLast))
            {
                (cursor, walk) = (null, Down(null));
                continue;
            }

            if (_batch.Pages == 0) break;

            var at = walk.Times.IsDated ? walk.Times.Median / 1000 : run.At ?? run.To;
            yield return _batch.Build(position, needsCommit: false, sweep: run with { After = walk.Cursor, At = at });
        }

        ThrowUnlessDone(walk.Step, walk.Problem, walk.Failure);

        DescendingWalk Down(string? from) => new(
            _pages,
            from,
            position.Limit,
            stop * 1000,
            new ListEnd(_otherEnd, SortOrder.NewestFirst, position.Head is not null),
            InMilliseconds(notBefore),
            _logger);
    }

    private static void ThrowUnlessDone(WalkStep step, string? problem, Failure? failure)
    {
        if (failure is { ConcernsRange: false }) throw Retryable(failure).ToException();

        if (step != WalkStep.Tail) throw new SourceIncompleteException($"{problem ?? failure!.Cause} The sweep cannot go past that page.", IncompleteFix);
    }

    private bool IsFull(CursorWalk walk) =>
        SequenceBatches.IsFull(_batch, walk.MayMove ? SequenceBatches.MovingPages : SequenceBatches.StandingPages);

    /// <summary>What comes with new records anyway is not worth a commit of its own.</summary>
    private static bool IsMoved(CursorPosition from, CursorPosition to) =>
        from != to with { Head = from.Head, TailAt = from.TailAt, Accounts = from.Accounts } || from.Accounts.Count != to.Accounts.Count;

    /// <summary>Records before the configured start are left out, in Unix milliseconds.</summary>
    private static long NotBefore(CursorPosition position) => InMilliseconds(position.BackfillFrom ?? long.MinValue);

    private static long InMilliseconds(long seconds) => seconds == long.MinValue ? seconds : seconds * 1000;

    private void TellOfTimes()
    {
        if (_toldOfTimes) return;

        _toldOfTimes = true;
        SourceLog.NoTimes(_logger, "Sequence", _options.HoldBack);
    }

    private void TellOfAccounts(IReadOnlyList<string> before, IReadOnlyList<string> now)
    {
        // More than are kept come and go.
        if (before.Count is 0 or ListAccounts.Most) return;

        foreach (var account in now.Except(before)) SourceLog.AccountJoined(_logger, "Sequence", account);
    }

    private void TellOfEarlierStart(CursorPosition position)
    {
        if (_toldOfStart || position.BackfillFrom is not { } fixedAt) return;

        var first = DateTimeOffset.FromUnixTimeSeconds(fixedAt);
        var start = StartAt.Parse(_options.StartAt, Present, "Sources:Sequence") ?? DateTimeOffset.UnixEpoch;
        if (start >= first - StartTolerance) return;

        _toldOfStart = true;
        SourceLog.EarlierStart(_logger, "Sequence", start, first, "To read what is older, use 'checkpoint reset sequence'.");
    }

    /// <summary>A cursor that was given a moment ago and is refused: the next read starts at the stored one and goes back from there.</summary>
    private static Failure Retryable(Failure failure) => failure.Kind == FailureKind.Rejected
        ? failure with
        {
            Kind = FailureKind.Unavailable,
            Cause = "Sequence refused a cursor that it gave a moment ago.",
            Fix = "The next run goes on from the stored one.",
        }
        : failure;
}
