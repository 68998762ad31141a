using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>Where a walk begins.</summary>
/// <param name="First">The first page, or why it cannot be read.</param>
/// <param name="Position">Where the source stands before that page.</param>
/// <param name="IsEmptied">The list held records, and now holds none.</param>
internal sealed record WalkStart(PageReply First, CursorPosition Position, bool IsEmptied);

/// <summary>
/// Finds where a walk begins: at the stored cursor; where the vendor refuses it, at the newest older one that it accepts; at last at the
/// beginning of the list. Makes sure before anything is delivered that it is the list that the position belongs to.
/// </summary>
internal sealed class ListStart(SequencePages pages, SequenceOptions options, ILogger logger)
{
    private const string CheckCredential =
        "Check that the credential and Sources:Sequence:BaseUrl are those of the account that was read so far.";

    /// <exception cref="SourceRefusedException">It is another list, or the vendor refuses to give it.</exception>
    /// <exception cref="SourceUnavailableException">The vendor cannot be read now.</exception>
    /// <exception cref="SourceIncompleteException">The cursor is refused, and the list is empty.</exception>
    /// <param name="position">The stored one.</param>
    /// <param name="knownFrom">The time from which on the journal knows every event that was read; null = it knows them all.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    public async ValueTask<WalkStart> FindAsync(CursorPosition position, DateTimeOffset? knownFrom, CancellationToken cancellationToken)
    {
        var first = await GetAsync(position, cancellationToken);
        var isEmptied = await CheckAsync(position, first.Page, cancellationToken);
        if (!IsRefused(first, position)) return new(first, position, isEmptied);

        if (isEmptied) throw new SourceIncompleteException("Sequence refuses the stored cursor, and its list, which held records, is empty.", CheckCredential);

        var older = position.Days.SkipWhile(day => day.After == position.After).ToList();
        for (var i = 0; i < older.Count; i++)
        {
            if (older[i].After is null) SourceLog.BackToBeginning(logger, "Sequence");
            else SourceLog.CursorRefused(logger, "Sequence", DateTimeOffset.FromUnixTimeSeconds(older[i].At));
            var earlier = BackAt(position, older[i]);
            first = await GetAsync(earlier, cancellationToken);
            if (!IsRefused(first, earlier)) return new(first, earlier, isEmptied);
        }

        var beginning = Beginning(position, knownFrom);
        return new(await GetAsync(beginning, cancellationToken), beginning, isEmptied);
    }

    /// <summary>At the beginning of the list, because every stored cursor is refused.</summary>
    public CursorPosition Beginning(CursorPosition position, DateTimeOffset? knownFrom)
    {
        var skipBefore = position.SkipBefore ?? SkipBefore(position, knownFrom);
        if (skipBefore is { } skip) SourceLog.CursorsLostAndForgotten(logger, "Sequence", DateTimeOffset.FromUnixTimeSeconds(skip));
        else SourceLog.CursorsLost(logger, "Sequence");
        return BackAt(position, DayCursors.Beginning) with { Days = [], SkipBefore = skipBefore };
    }

    /// <summary>At an earlier cursor that is kept. What lies beyond it is known.</summary>
    public static CursorPosition BackAt(CursorPosition position, DayCursor day) => position with
    {
        After = day.After,
        IsGiven = false,
        Last = null,
        Floor = day.Floor ?? 0,
        Days = [.. position.Days.SkipWhile(kept => kept != day)],
        UndatedSince = null,
        UndatedTo = null,
    };

    /// <summary>
    /// The time before which everything that is dated was read and may have been forgotten by the journal: it would be published again. Null =
    /// there is nothing of the kind. It never falls while the list is read again, because what was left out once is not known.
    /// </summary>
    private long? SkipBefore(CursorPosition position, DateTimeOffset? knownFrom)
    {
        // A cursor that an operator gave has no time: what was read up to the cursor before it was read all the same.
        var reached = position.At ?? (position.Days is [var newest, ..] ? newest.At : null);
        if (knownFrom is not { } known || (reached ?? position.TailAt) is null) return null;

        var read = Math.Max(reached ?? 0, position.TailAt + 1 ?? 0) - (long)options.HoldBack.TotalSeconds;
        return read <= 0 ? null : Math.Min(read, known.ToUnixTimeSeconds());
    }

    /// <summary>Whether the list's beginning or a page at a stored cursor is of a known account: one that has just joined may fill all newer pages.</summary>
    private async ValueTask<bool> IsKnownAsync(CursorPosition position, CancellationToken cancellationToken)
    {
        foreach (var cursor in position.Days.Select(day => day.After).Prepend(null).Distinct())
        {
            var reply = await pages.GetAsync(SortOrder.OldestFirst, cursor, position.Limit, cancellationToken);
            using var page = reply.Failure is { ConcernsRange: true } or { Kind: FailureKind.Rejected } ? null : reply.OrThrow();
            if (page is not null && ListAccounts.Of(page).Any(position.Accounts.Contains)) return true;
        }

        return false;
    }

    private static bool IsRefused(PageReply reply, CursorPosition position) =>
        position.After is not null && reply.Failure is { Kind: FailureKind.Rejected };

    private async ValueTask<PageReply> GetAsync(CursorPosition position, CancellationToken cancellationToken)
    {
        var reply = await pages.GetAsync(SortOrder.OldestFirst, position.After, position.Limit, cancellationToken);
        return reply.Failure is { ConcernsRange: false } failure && !IsRefused(reply, position) ? throw failure.ToException() : reply;
    }

    /// <summary>
    /// Whether the list has become empty. A list whose newest records and whose first page after the cursor name only other accounts than those
    /// that are known is another one; records that name none say nothing.
    /// </summary>
    private async ValueTask<bool> CheckAsync(CursorPosition position, VendorPage? first, CancellationToken cancellationToken)
    {
        var known = position.Accounts;
        var isKnown = first is not null && (known.Count > 0 ? ListAccounts.Of(first).Any(known.Contains) : !first.IsEmpty);
        if (isKnown || (known.Count == 0 && position.Head is null)) return false;

        using var newest = (await pages.FirstAsync(SortOrder.NewestFirst, cancellationToken)).OrThrow();
        if (newest.IsEmpty)
        {
            // One record may be hidden from the credential.
            using var page = (await pages.GetAsync(SortOrder.NewestFirst, null, options.PageSize, cancellationToken)).OrThrow();
            return page.IsEmpty && page.HasReadablePaging && SequencePaging.After(page.Paging) is null;
        }

        if (known.Count == 0 || ListAccounts.Of(newest).FirstOrDefault() is not { } account || known.Contains(account)) return false;

        // One record may be the first of an account that has just joined.
        using var recent = (await pages.GetAsync(SortOrder.NewestFirst, null, options.PageSize, cancellationToken)).OrThrow();
        if (ListAccounts.Of(recent).Any(known.Contains) || await IsKnownAsync(position, cancellationToken)) return false;

        throw new SourceRefusedException(
            $"This is another list: its records belong to the Sequence account {account}, those read so far to {string.Join(", ", known)}.",
            "Set the credential and Sources:Sequence:BaseUrl of the former; or, to read the other one, too, give it another Sources:Sequence:Account; "
            + "or, to read only the other one, forget the position with 'checkpoint reset'.");
    }
}
