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
internal sealed class ListEnd(OtherEnd otherEnd, SortOrder order, bool hasRecords, ulong? before = null)
{
    /// <summary>So many times one page is asked for again, each time because of another record.</summary>
    private const int MostTimes = 3;

    private HashSet<ulong> _lastPage = [];
    private bool _hasMetSought;
    private (string? Cursor, int Times)? _again;

    /// <summary>The record that the walk is to meet; null = none is looked for yet.</summary>
    public ListedRecord? Sought { get; private set; }

    /// <summary>The mark of the last record so far; null = there was none.</summary>
    public ulong? Last { get; private set; }

    /// <summary>The mark of the record that showed the end; null before.</summary>
    public ulong? Found { get; private set; }

    /// <summary>Why the end is not shown.</summary>
    public string? Problem { get; private set; }

    public bool IsEmpty => Last is null;

    /// <summary>From now on every record is compared with this one.</summary>
    public void Seek(ListedRecord record)
    {
        _hasMetSought &= record.Mark == Sought?.Mark;
        Sought = record;
    }

    /// <summary>Takes note of a page of the walk, and of what comes after it.</summary>
    public void See(VendorPage page, WalkStep step)
    {
        Last = ListedRecord.LastOf(page)?.Mark ?? Last;
        if (step != WalkStep.Tail && Sought is null) return;

        _lastPage = [.. ListedRecord.AllOf(page).Select(r => r.Mark)];
        _hasMetSought |= Sought is { } sought && _lastPage.Contains(sought.Mark);
    }

    /// <summary>Decides what comes after the page that ends the walk.</summary>
    /// <param name="cursor">The cursor of that page.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    /// <returns>
    /// <see cref="WalkStep.Tail"/>: it is the end. <see cref="WalkStep.More"/>: the page is to be asked for again, unless a failure says why the vendor
    /// cannot be asked now. Otherwise <see cref="Problem"/> says what is wrong.
    /// </returns>
    public async ValueTask<(WalkStep Step, Failure? Failure)> ConfirmAsync(string? cursor, CancellationToken cancellationToken)
    {
        if (Sought is { } sought && HasMet(sought.Mark)) return (Shown(sought.Mark), null);

        var isAscending = order == SortOrder.OldestFirst;
        var (first, failure, problem) = await otherEnd.FindAsync(
            isAscending ? SortOrder.NewestFirst : SortOrder.OldestFirst, isNew: Sought is not null, cancellationToken);
        if (failure is { ConcernsRange: true } or { Kind: FailureKind.Rejected }) problem = failure.Cause;
        else if (failure is not null) return (WalkStep.More, failure);

        var edge = isAscending ? "newest" : "oldest";
        if (problem is not null) return (Ends(WalkStep.Stuck, $"The end of Sequence's list cannot be compared with its {edge} record: {problem}"), null);

        if (first is not { } record)
        {
            return (IsEmpty && !hasRecords ? WalkStep.Tail : Ends(WalkStep.Stuck, $"Sequence's list has records, but shows no {edge} one."), null);
        }

        if (HasMet(record.Mark) || record.Mark == before) return (Shown(record.Mark), null);

        var times = _again is { } again && again.Cursor == cursor ? again.Times + 1 : 0;
        if (times == MostTimes || (times > 0 && record.Mark == Sought?.Mark))
        {
            return (Ends(WalkStep.EndsEarly, $"Sequence's list ends before its {edge} record."), null);
        }

        _again = (cursor, times);
        Seek(record);
        return (WalkStep.More, null);
    }

    private bool HasMet(ulong mark) => mark == Last || _lastPage.Contains(mark) || (mark == Sought?.Mark && _hasMetSought);

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
