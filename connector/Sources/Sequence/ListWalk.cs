using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>One walk along the list: asks for one page after the other until the end of the list is shown, or it is known why it is not.</summary>
/// <param name="pages">Where pages come from.</param>
/// <param name="order">The walk's order.</param>
/// <param name="trail">Where it begins.</param>
/// <param name="end">Shows that it has arrived at the end of the list.</param>
/// <param name="first">The page at its beginning, where it was asked for already.</param>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ListWalk(SequencePages pages, SortOrder order, CursorTrail trail, ListEnd end, PageReply? first = null)
{
    private PageReply? _next = first;
    private int _limit;

    /// <summary>Where the next page is asked for.</summary>
    public CursorTrail Trail => trail;

    /// <summary>How it ended; <see cref="WalkStep.More"/> = not yet.</summary>
    public WalkStep Step { get; private set; }

    /// <summary>Why the next page cannot be had; null when that is not how it ended.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>Why it does not lead on, or its end is not shown.</summary>
    public string? Problem => end.Problem ?? trail.Problem ?? Failure?.Cause;

    public bool IsOver => Step != WalkStep.More || Failure is not null;

    /// <summary>False before the first page.</summary>
    public bool HasRead { get; private set; }

    /// <summary>False as long as no page had a record.</summary>
    public bool HasRecords => trail.Last is not null;

    /// <inheritdoc cref="ListEnd.Expected"/>
    public ListedRecord? Expected => end.Expected;

    /// <inheritdoc cref="ListEnd.Found"/>
    public ulong? Found => end.Found;

    /// <summary>The next page; null = it cannot be had, and the walk is over.</summary>
    public async ValueTask<VendorPage?> NextAsync(CancellationToken cancellationToken)
    {
        (var page, Failure, _limit) = _next ?? await pages.GetAsync(order, trail.Cursor, trail.Limit, cancellationToken);
        _next = null;
        HasRead |= page is not null;
        return page;
    }

    /// <summary>Continues behind the page; what it says of the end of the list is not checked yet.</summary>
    public void Follow(VendorPage page)
    {
        Step = trail.Follow(page, _limit);
        end.See(page, Step);
    }

    /// <summary>Checks whether the page that was followed is the last one of the list.</summary>
    public async ValueTask ConfirmAsync(CancellationToken cancellationToken) =>
        (Step, Failure) = await end.ConfirmAsync(Step, trail, cancellationToken);

    /// <summary>What lies beyond is not needed.</summary>
    public void Stop() => Step = WalkStep.Tail;
}
