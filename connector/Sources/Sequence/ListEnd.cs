using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// Shows that one walk has arrived at the end of the list: it has met the record that the other order begins with. Where it has not, that record may
/// have come since, or the list ended early once: the last page is asked for again, and the walk goes on from there until it has met it.
/// </summary>
/// <param name="otherEnd">Where the walk has to arrive.</param>
/// <param name="order">The walk's order.</param>
/// <param name="hasRecords">Whether the list is known to hold records.</param>
/// <param name="before">The mark of the last record before the walk's beginning; null = it is not known.</param>
/// <param name="skips">An operator gave the walk's beginning: where nothing follows, however often it is asked for, what lies before is skipped.</param>
/// <param name="sought">What an earlier walk did not meet.</param>
internal sealed class ListEnd(
    OtherEnd otherEnd, SortOrder order, bool hasRecords, ulong? before = null, bool skips = false, ListedRecord? sought = null)
{
    /// <summary>So many times one page is asked for again, each time because of another record.</summary>
    private const int MostTimes = 3;

    private HashSet<ulong> _lastPage = [];
    private bool _hasMetSought;
    private (string? Cursor, int Times)? _again;

    /// <summary>The record that the walk is to meet; null = none is looked for yet.</summary>
    public ListedRecord? Sought { get; private set; } = sought;

    /// <summary>The mark of the last record so far; null = there was none.</summary>
    public ulong? Last { get; private set; }

    /// <summary>The mark of the record that showed the end; null before.</summary>
    public ulong? Found { get; private set; }

    /// <summary>Why the end is not shown.</summary>
    public string? Problem { get; private set; }

    public bool IsEmpty => Last is null;

    /// <summary>Takes note of a page of the walk, and of what comes after it.</summary>
    public void See(VendorPage page, WalkStep step)
    {
        Last = ListedRecord.LastOf(page)?.Mark ?? Last;
        if (step != WalkStep.Tail && Sought is null) return;

        _lastPage = [.. ListedRecord.AllOf(page).Select(r => r.Mark)];
        _hasMetSought |= Sought is { } expected && _lastPage.Contains(expected.Mark);
    }

    /// <summary>Decides what comes after a page.</summary>
    /// <param name="step">What the page says.</param>
    /// <param name="trail">The walk.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    /// <returns>
    /// <see cref="WalkStep.Tail"/>: it was the end. <see cref="WalkStep.More"/>: the page at the trail's cursor is to be asked for, again where it said
    /// that it was the last one; unless a failure says why the vendor cannot be asked now. Otherwise <see cref="Problem"/> says what is wrong.
    /// </returns>
    public async ValueTask<(WalkStep Step, Failure? Failure)> ConfirmAsync(WalkStep step, CursorTrail trail, CancellationToken cancellationToken)
    {
        // A list may lead on behind its end, too, each time with another cursor.
        var leadsOn = step == WalkStep.More && trail.EmptyPages is 3 or 30 or 300;
        if (step != WalkStep.Tail && !leadsOn) return (step, null);

        if (Sought is { } expected && IsLast(expected.Mark)) return (Shown(expected.Mark), null);

        var isAscending = order == SortOrder.OldestFirst;
        var first = await otherEnd.FindAsync(isAscending ? SortOrder.NewestFirst : SortOrder.OldestFirst, isNew: Sought is not null, cancellationToken);
        if (first.Record is { } met && (HasMet(met.Mark) || met.Mark == before)) return (Shown(met.Mark), null);

        if (leadsOn) return (step, null);

        var (edge, problem) = (isAscending ? "newest" : "oldest", first.Problem);
        if (first.Failure is { ConcernsRange: true } or { Kind: FailureKind.Rejected }) problem = first.Failure.Cause;
        else if (first.Failure is not null) return (WalkStep.More, first.Failure);

        if (problem is not null) return (Ends(WalkStep.Stuck, $"The end of Sequence's list cannot be compared with its {edge} record: {problem}"), null);

        if (first.IsHidden) return (WalkStep.Tail, null);

        if (first.Record is not { } record)
        {
            return (IsEmpty && !hasRecords ? WalkStep.Tail : Ends(WalkStep.Stuck, $"Sequence's list has records, but shows no {edge} one."), null);
        }

        var times = _again is { } again && again.Cursor == trail.Cursor ? again.Times + 1 : 0;
        var isSkipped = skips && IsEmpty;
        if (isSkipped && times == MostTimes) return (Shown(record.Mark), null);

        if (times == MostTimes || (times > 0 && record.Mark == Sought?.Mark && !isSkipped))
        {
            return (Ends(WalkStep.EndsEarly, $"Sequence's list ends before its {edge} record."), null);
        }

        _again = (trail.Cursor, times);
        _hasMetSought &= record.Mark == Sought?.Mark;
        Sought = record;
        return (WalkStep.More, null);
    }

    private bool HasMet(ulong mark) => IsLast(mark) || (mark == Sought?.Mark && _hasMetSought);

    private bool IsLast(ulong mark) => mark == Last || _lastPage.Contains(mark);

    private WalkStep Shown(ulong mark)
    {
        Found = mark;
        return WalkStep.Tail;
    }

    private WalkStep Ends(WalkStep step, string problem)
    {
        Problem = problem;
        return step;
    }
}
