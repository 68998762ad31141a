using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>What comes after a page.</summary>
internal enum WalkStep
{
    /// <summary>Another page.</summary>
    More,

    /// <summary>Nothing: the vendor has said that this is the end.</summary>
    Tail,

    /// <summary>Not known: the page does not lead on.</summary>
    Stuck,

    /// <summary>Not known: the page is the last one, but a record beyond it is shown.</summary>
    EndsEarly,
}

/// <summary>
/// The cursors of one walk, in either order, 8 bytes each: notices a list that leads back to itself, however long the loop is.
/// </summary>
/// <param name="start">Where the walk begins; null = at the end of the list that its order begins with.</param>
/// <param name="limit">The limit that <paramref name="start"/> was given for.</param>
/// <param name="before">The mark of the last record before <paramref name="start"/>; null = it is not known.</param>
internal sealed class CursorTrail(string? start, int limit, ulong? before = null)
{
    private readonly HashSet<ulong> _seen = start is null ? [] : [HashOf(start)];

    private ulong? _first;

    /// <summary>Where the next page is asked for.</summary>
    public string? Cursor { get; private set; } = start;

    /// <summary>The limit that <see cref="Cursor"/> was given for.</summary>
    public int Limit { get; private set; } = limit;

    /// <summary>The mark of the last record before the walk's beginning; null = it is not known.</summary>
    public ulong? Before => before;

    /// <summary>The mark of the last record so far; null = there was none.</summary>
    public ulong? Last { get; private set; }

    /// <summary>How many pages in a row have no record, or begin and end with the same ones as the page before.</summary>
    public int StalledPages { get; private set; }

    /// <summary>Why the last page does not lead on.</summary>
    public string? Problem { get; private set; }

    /// <summary>Goes on to the cursor that a page gives. A page without records that gives one is not the end: the vendor filters after paging.</summary>
    /// <param name="page">The page at <see cref="Cursor"/>.</param>
    /// <param name="limit">What it was asked for with.</param>
    public WalkStep Follow(VendorPage page, int limit)
    {
        var (first, last) = (ListedRecord.AllOf(page).Select(record => (ulong?)record.Mark).FirstOrDefault(), ListedRecord.LastOf(page)?.Mark);
        var isStalled = last is null || (last == (Last ?? before) && (first == last || first == _first));
        (_first, Last) = (first ?? _first, last ?? Last);
        if (!page.HasReadablePaging) return Stuck("Sequence sent a broken page that does not say what comes after it.");

        var next = SequencePaging.After(page.Paging);
        if (next is null) return WalkStep.Tail;

        StalledPages = isStalled ? StalledPages + 1 : 0;

        if (next == Cursor)
        {
            return page.Records.Count + page.Broken.Count + page.Nulls < limit
                ? WalkStep.Tail
                : Stuck("Sequence gives for a full page the cursor that it was asked with.");
        }

        if (!_seen.Add(HashOf(next))) return Stuck("Sequence's cursors lead back to a page that was read: the list has no end.");

        (Cursor, Limit) = (next, limit);
        return WalkStep.More;
    }

    private WalkStep Stuck(string problem)
    {
        Problem = problem;
        return WalkStep.Stuck;
    }

    private static ulong HashOf(string cursor) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(cursor)));
}
