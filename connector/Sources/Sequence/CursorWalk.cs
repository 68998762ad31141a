using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// The walk from the position to the end of the list, oldest record first. Decides how far the position may move: past a page only if in
/// this walk every page up to it was older than the hold-back when it was asked for, because a record that becomes visible late sorts
/// before younger ones.
/// </summary>
/// <param name="list">The walk.</param>
/// <param name="start">Where it begins.</param>
/// <param name="holdBack">At least as long as a record may take to become visible.</param>
/// <param name="keepDaysFrom">As for <see cref="DayCursors.With"/>.</param>
internal sealed class CursorWalk(ListWalk list, CursorPosition start, TimeSpan holdBack, long keepDaysFrom)
{
    private bool _skips = start.SkipBefore is not null;
    private int _notOlder;
    private bool _leftOutBeyond;
    private (DateTimeOffset Since, string To)? _undated;
    private bool _mayMove = true;

    public ListWalk List => list;

    /// <summary>Where the source stands once everything read so far is committed.</summary>
    public CursorPosition Position { get; private set; } = start;

    /// <summary>Whether all that is known beyond the position is met: not beyond a cursor that an operator gave.</summary>
    public bool MeetsAll { get; } = !start.IsGiven;

    /// <summary>The records of the present batch that lie before <see cref="Position"/>.</summary>
    public int BeforePosition { get; private set; }

    /// <summary>Whether there was a page with records of which none has a readable time.</summary>
    public bool HasUndatedPage { get; private set; }

    /// <summary>Fills a batch. Where a page ends the list, that is shown before its batch is committed.</summary>
    public async ValueTask FillAsync(BatchBuilder batch, CancellationToken cancellationToken)
    {
        batch.Clear();
        BeforePosition = 0;
        while (!list.IsOver && !IsFull(batch) && await list.NextAsync(cancellationToken) is { } page)
        {
            var times = PageTimes.Of(page);
            HasUndatedPage |= !times.IsDated && !page.IsEmpty;
            batch.Take(page, LeavesOutBefore(page, times));
            Position = Position with { Head = times.Later(Position.Head), Accounts = ListAccounts.With(Position.Accounts, page) };
            list.Follow(page);
            if (list.Step == WalkStep.More) Pass(page, times, batch.Records);

            // The page may come again and must not count twice.
            else _notOlder = 0;

            await list.ConfirmAsync(cancellationToken);
            if (list.Step == WalkStep.Tail) ConfirmEnd(page.AsOf);
        }

        if (list.IsOver) KeepUndated();
    }

    /// <summary>No walk has met the newest record, from however early a cursor.</summary>
    public void GiveUp() => Position = Position with { NotMet = list.Expected?.Mark };

    private bool IsFull(BatchBuilder batch) =>
        SequenceBatches.IsFull(batch, _mayMove ? SequenceBatches.MovingPages : SequenceBatches.StandingPages);

    /// <summary>
    /// Dated records of the page that are earlier than this (Unix milliseconds) are left out: they are before the configured start, or the
    /// list is read again and they were read the first time.
    /// </summary>
    private long LeavesOutBefore(VendorPage page, PageTimes times)
    {
        var first = Position.BackfillFrom * 1000 ?? long.MinValue;
        if (!_skips || Position.SkipBefore * 1000 is not { } skip) return first;

        // Old records are left out of the first pages that are not old, too: such a page may have been the last one of the list at first, shorter and
        // old, so that its old records were left out then.
        _leftOutBeyond |= page.Records.Exists(r => r.Time != RecordTime.Unknown && r.Time < skip);
        if (times.IsDated) _notOlder = times.Median < skip ? 0 : _notOlder + times.Count;
        _skips = _notOlder < PageTimes.Proof;
        return Math.Max(first, skip);
    }

    /// <summary>The walk is over, for whatever reason: notes when the pages without a time that it has met were read.</summary>
    private void KeepUndated()
    {
        if (_undated is { } undated && (Position.UndatedSince is null || IsReadLongAgo(undated.Since)))
        {
            Position = Position with { UndatedSince = undated.Since.ToUnixTimeSeconds(), UndatedTo = undated.To };
        }
    }

    private void ConfirmEnd(DateTimeOffset asOf) => Position = Position with
    {
        // The newest record lies before the walk's beginning.
        Last = list.HasRecords ? Position.Last : list.Found ?? Position.Last,
        IsGiven = false,
        NotMet = null,

        // What is older by the hold-back was read, unless an operator skipped it.
        TailAt = Position.IsGiven ? Position.TailAt : asOf.ToUnixTimeSeconds(),

        // What was left out beyond the position must be left out again.
        SkipBefore = _leftOutBeyond ? Position.SkipBefore : null,
    };

    private void Pass(VendorPage page, PageTimes times, int batchRecords)
    {
        if (!_mayMove) return;

        // A broken record without a readable time may be the youngest one.
        var isAgeKnown = times.IsDated && page.Broken.TrueForAll(b => b.Time != RecordTime.Unknown);
        if (times.IsDated) _mayMove = times.Newest <= (page.AsOf - holdBack).ToUnixTimeMilliseconds();
        if (!_mayMove || times.EndsUnclear) return;

        // A page that shows nothing new may come again behind its own cursor: the position would move with every read.
        if (!page.IsEmpty && list.Trail.StalledPages > 0) return;

        if (isAgeKnown)
        {
            Move(times, batchRecords);
        }
        else if (list.Trail.Cursor == Position.UndatedTo && IsReadLongAgo(page.AsOf))
        {
            Move(times, batchRecords);
        }
        else
        {
            // A later page may show that this one is old, too.
            _undated = (_undated?.Since ?? page.AsOf, list.Trail.Cursor!);
        }
    }

    private bool IsReadLongAgo(DateTimeOffset asOf) =>
        Position.UndatedSince is { } since && asOf - DateTimeOffset.FromUnixTimeSeconds(since) > holdBack;

    private void Move(PageTimes times, int batchRecords)
    {
        var after = list.Trail.Cursor!;
        var at = times.IsDated ? Math.Max(times.Median / 1000, Position.At ?? long.MinValue) : Position.At;
        Position = Position with
        {
            After = after,
            IsGiven = false,
            Last = list.Trail.Last ?? Position.Last,
            At = at,
            Limit = list.Trail.Limit,

            // Beyond a cursor that is kept nothing was left out.
            Days = at is { } time && !_skips ? DayCursors.With(Position.Days, after, time, keepDaysFrom) : Position.Days,
            SkipBefore = _skips ? Position.SkipBefore : null,
            UndatedSince = null,
            UndatedTo = null,
        };
        (BeforePosition, _leftOutBeyond, _undated) = (batchRecords, false, null);
    }
}
