using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// Shows that one walk has arrived at the end of the list: it has met the record that the other order begins with. Where it has not, that record may
/// have come since, or the list ended early once: the last page is asked for again, and the walk continues from there until it has met it. A list that goes
/// on with pages that show nothing new has ended, too, if that record was met.
/// </summary>
/// <param name="otherEnd">Where the walk has to arrive.</param>
/// <param name="order">The walk's order.</param>
/// <param name="hasRecords">Whether the list is known to hold records.</param>
/// <param name="expected">What an earlier walk did not meet.</param>
internal sealed class ListEnd(OtherEnd otherEnd, SortOrder order, bool hasRecords, ListedRecord? expected = null)
{
    /// <summary>More pages in a row that show nothing new than a filter leaves.</summary>
    public const int GiveUpAfter = 300;

    /// <summary>So many times one page is asked for again, as long as another record comes each time.</summary>
    private const int MostRepeats = 3;

    /// <summary>After so many pages in a row that show nothing new it is looked whether the list leads on behind its end.</summary>
    private const int LookAfter = 30;

    private readonly bool _isAscending = order == SortOrder.OldestFirst;
    private HashSet<ulong> _lastPage = [];
    private bool _hasMetExpected;
    private (string? Cursor, int Count)? _repeats;

    /// <summary>An operator gave the walk's beginning: where nothing follows, however often it is asked for, what lies before is skipped.</summary>
    public bool MaySkip { get; init; }

    /// <summary>The record that the walk is to meet; null = none is looked for yet.</summary>
    public ListedRecord? Expected { get; private set; } = expected;

    /// <summary>The mark of the record that showed the end; null before.</summary>
    public ulong? Found { get; private set; }

    /// <summary>Why the end is not shown.</summary>
    public string? Problem { get; private set; }

    /// <summary>Takes note of a page of the walk, and of what comes after it.</summary>
    public void See(VendorPage page, WalkStep step)
    {
        if (step != WalkStep.Tail && Expected is null) return;

        _lastPage = [.. ListedRecord.AllOf(page).Select(record => record.Mark)];
        _hasMetExpected |= Expected is { } record && _lastPage.Contains(record.Mark);
    }

    /// <summary>Decides what comes after a page.</summary>
    /// <param name="step">What the page says.</param>
    /// <param name="trail">The walk.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    /// <returns>
    /// <see cref="WalkStep.Tail"/>: the end is shown. <see cref="WalkStep.More"/> without a failure: the page at the trail's cursor is to be asked for;
    /// after a page that said that it is the last one, this is the same page again. With a failure: the vendor cannot be asked now. Anything else: the end
    /// is not shown, and <see cref="Problem"/> says why.
    /// </returns>
    public async ValueTask<(WalkStep Step, Failure? Failure)> ConfirmAsync(WalkStep step, CursorTrail trail, CancellationToken cancellationToken)
    {
        var isStalled = step == WalkStep.More && trail.StalledPages is LookAfter or GiveUpAfter;
        if (step != WalkStep.Tail && !isStalled) return (step, null);

        if (Expected is { } awaited && IsOnLastPage(awaited.Mark, trail)) return (Shown(awaited.Mark), null);

        var other = await otherEnd.FindAsync(_isAscending ? SortOrder.NewestFirst : SortOrder.OldestFirst, isNew: Expected is not null, cancellationToken);
        if (other.Record is { } met && HasMet(met.Mark, trail)) return (Shown(met.Mark), null);

        if (isStalled && trail.StalledPages < GiveUpAfter) return (step, null);

        if (other.Failure is { ConcernsRange: false, Kind: not FailureKind.Rejected } failure) return (WalkStep.More, failure);

        if ((other.Problem ?? other.Failure?.Cause) is { } problem)
        {
            return (Ends(WalkStep.Stuck, $"The end of Sequence's list cannot be compared with its {Edge} record: {problem}"), null);
        }

        if (other.IsHidden && (!isStalled || (trail.Last is null && !hasRecords))) return (WalkStep.Tail, null);
        if (other.IsHidden) return (Ends(WalkStep.Stuck, "Sequence gives one page without new records after another: the list has no end."), null);

        if (other.Record is { } record) return (isStalled ? EndsEarly(record) : await ExpectAsync(record, trail, cancellationToken), null);

        return (trail.Last is null && !hasRecords ? WalkStep.Tail : Ends(WalkStep.Stuck, $"Sequence's list has records, but shows no {Edge} one."), null);
    }

    private string Edge => _isAscending ? "newest" : "oldest";

    /// <summary>The list has a record that the walk has not met: the last page is asked for again, or was often enough.</summary>
    private async ValueTask<WalkStep> ExpectAsync(ListedRecord record, CursorTrail trail, CancellationToken cancellationToken)
    {
        var repeats = _repeats is { } asked && asked.Cursor == trail.Cursor ? asked.Count + 1 : 0;
        var isSkipped = MaySkip && trail.Last is null;
        if (isSkipped && repeats == MostRepeats) return Shown(record.Mark);

        if (repeats == MostRepeats || (repeats > 0 && record.Mark == Expected?.Mark && !isSkipped)) return EndsEarly(record);

        // The page may have been answered by a server that is a little behind the other one.
        await otherEnd.PauseAsync(cancellationToken);

        _repeats = (trail.Cursor, repeats);
        _hasMetExpected &= record.Mark == Expected?.Mark;
        Expected = record;
        return WalkStep.More;
    }

    private bool HasMet(ulong mark, CursorTrail trail) =>
        IsOnLastPage(mark, trail) || (mark == Expected?.Mark && _hasMetExpected) || (mark == trail.Before && trail.Last is null);

    private bool IsOnLastPage(ulong mark, CursorTrail trail) => mark == trail.Last || _lastPage.Contains(mark);

    private WalkStep Shown(ulong mark)
    {
        Found = mark;
        return WalkStep.Tail;
    }

    private WalkStep EndsEarly(ListedRecord record)
    {
        Expected = record;
        return Ends(WalkStep.EndsEarly, $"Sequence's list ends before its {Edge} record.");
    }

    private WalkStep Ends(WalkStep step, string problem)
    {
        Problem = problem;
        return step;
    }
}
