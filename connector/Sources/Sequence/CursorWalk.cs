using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// One walk along the list from the position to its end, oldest record first. Decides how far the position may move: past a page only if in
/// this walk every page up to it was older than the hold-back when it was asked for, because a record that becomes visible late sorts
/// before younger ones.
/// </summary>
/// <remarks>Asks for no page itself. Not thread-safe.</remarks>
/// <param name="start">Where it begins.</param>
/// <param name="holdBack">At least as long as a record may take to become visible.</param>
/// <param name="keepDaysFrom">As for <see cref="DayCursors.With"/>.</param>
/// <param name="end">Shows that the walk has arrived at the end of the list.</param>
internal sealed class CursorWalk(CursorPosition start, TimeSpan holdBack, long keepDaysFrom, ListEnd end)
{
    private bool _skips = start.SkipBefore is not null;
    private int _notOlder;
    private bool _leftOutBeyond;
    private (DateTimeOffset Since, string To)? _undated;

    /// <summary>Where the source stands once everything taken so far is committed.</summary>
    public CursorPosition Position { get; private set; } = start;

    /// <summary>Where the next page is asked for.</summary>
    public CursorTrail Trail { get; } = new(start.After, start.Limit);

    /// <summary>How it ended; <see cref="WalkStep.More"/> = not yet.</summary>
    public WalkStep Step { get; private set; }

    /// <summary>Why the next page cannot be had; null when that is not how it ended.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>Why it does not lead on, or its end is not shown.</summary>
    public string? Problem => end.Problem ?? Trail.Problem ?? Failure?.Cause;

    public bool IsOver => Step != WalkStep.More || Failure is not null;

    /// <summary>False before the first page.</summary>
    public bool HasRead { get; private set; }

    /// <inheritdoc cref="ListEnd.IsEmpty"/>
    public bool IsEmpty => end.IsEmpty;

    /// <inheritdoc cref="ListEnd.Sought"/>
    public ListedRecord? Sought => end.Sought;

    /// <summary>False once a page was too young: the position stays for the rest of the walk.</summary>
    public bool MayMove { get; private set; } = true;

    /// <summary>The records of the present batch that lie before <see cref="Position"/>.</summary>
    public int BeforePosition { get; private set; }

    /// <summary>A new batch begins.</summary>
    public void BeginBatch() => BeforePosition = 0;

    /// <summary>
    /// Dated records of the next page that are earlier than this (Unix milliseconds) are left out: they are before the configured start, or the
    /// list is read again and they were read the first time. To be called once for each page, before <see cref="Take"/>.
    /// </summary>
    public long LeavesOutBefore(VendorPage page, PageTimes times)
    {
        var first = Position.BackfillFrom * 1000 ?? long.MinValue;
        if (!_skips || Position.SkipBefore * 1000 is not { } skip) return first;

        // Also on the first pages that are not older: their early records were left out while they were the last ones and shorter.
        _leftOutBeyond |= page.Records.Exists(r => r.Time != RecordTime.Unknown && r.Time < skip);
        if (times.IsDated) _notOlder = times.Median < skip ? 0 : _notOlder + times.Count;
        _skips = _notOlder < PageTimes.Proof;
        return Math.Max(first, skip);
    }

    /// <summary>Goes past a page whose records are in the batch. Where it ends the list, that is shown before its batch is committed.</summary>
    /// <param name="page">The page at the trail's cursor.</param>
    /// <param name="times">Its times.</param>
    /// <param name="limit">What it was asked for with.</param>
    /// <param name="batchRecords">How many records the batch has with it.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    public async ValueTask TakeAsync(VendorPage page, PageTimes times, int limit, int batchRecords, CancellationToken cancellationToken)
    {
        HasRead = true;
        Position = Position with { Head = times.Later(Position.Head), Accounts = ListAccounts.With(Position.Accounts, page) };
        Step = Trail.Follow(page, limit);
        end.See(page, Step);
        if (Step == WalkStep.More) Pass(page, times, batchRecords);

        // The page may come again and must not count twice.
        else _notOlder = 0;

        (Step, Failure) = await end.ConfirmAsync(Step, Trail, cancellationToken);
        if (Step == WalkStep.Tail) ConfirmEnd(page.AsOf);
    }

    /// <summary>There is no next page.</summary>
    public void Fail(Failure failure) => Failure = failure;

    /// <summary>No walk has met the newest record, from however early a cursor.</summary>
    public void GiveUp() => Position = Position with { NotMet = end.Sought?.Mark };

    /// <summary>The walk is over, for whatever reason: notes when the pages without a time that it has met were read.</summary>
    public void End()
    {
        if (_undated is { } undated && (Position.UndatedSince is null || IsReadLongAgo(undated.Since)))
        {
            Position = Position with { UndatedSince = undated.Since.ToUnixTimeSeconds(), UndatedTo = undated.To };
        }
    }

    private void ConfirmEnd(DateTimeOffset asOf) => Position = Position with
    {
        // The newest record lies before the walk's beginning.
        Last = end.IsEmpty ? end.Found ?? Position.Last : Position.Last,
        IsGiven = false,
        NotMet = null,

        // What is older by the hold-back was read, unless an operator skipped it.
        TailAt = Position.IsGiven ? Position.TailAt : asOf.ToUnixTimeSeconds(),

        // What was left out beyond the position must be left out again.
        SkipBefore = _leftOutBeyond ? Position.SkipBefore : null,
    };

    private void Pass(VendorPage page, PageTimes times, int batchRecords)
    {
        if (!MayMove) return;

        // A broken record without a readable time may be the youngest one.
        var isAgeKnown = times.IsDated && page.Broken.TrueForAll(b => b.Time != RecordTime.Unknown);
        if (times.IsDated) MayMove = times.Newest <= (page.AsOf - holdBack).ToUnixTimeMilliseconds();
        if (!MayMove || times.EndsUnclear) return;

        if (isAgeKnown)
        {
            Move(times, batchRecords);
        }
        else if (Trail.Cursor == Position.UndatedTo && IsReadLongAgo(page.AsOf))
        {
            Move(times, batchRecords);
        }
        else
        {
            // A later page may show that this one is old, too.
            _undated = (_undated?.Since ?? page.AsOf, Trail.Cursor!);
        }
    }

    private bool IsReadLongAgo(DateTimeOffset asOf) =>
        Position.UndatedSince is { } since && asOf - DateTimeOffset.FromUnixTimeSeconds(since) > holdBack;

    private void Move(PageTimes times, int batchRecords)
    {
        var after = Trail.Cursor!;
        var at = times.IsDated ? Math.Max(times.Median / 1000, Position.At ?? long.MinValue) : Position.At;
        Position = Position with
        {
            After = after,
            IsGiven = false,
            Last = end.Last ?? Position.Last,
            At = at,
            Limit = Trail.Limit,

            // Beyond a cursor that is kept nothing was left out.
            Days = at is { } time && !_skips ? DayCursors.With(Position.Days, after, time, keepDaysFrom) : Position.Days,
            SkipBefore = _skips ? Position.SkipBefore : null,
            UndatedSince = null,
            UndatedTo = null,
        };
        (BeforePosition, _leftOutBeyond, _undated) = (batchRecords, false, null);
    }
}
