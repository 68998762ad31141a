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
internal sealed class CursorTrail(string? start, int limit)
{
    /// <summary>More pages without records in a row than a filter leaves.</summary>
    private const int MostEmptyPages = 1_000;

    private readonly HashSet<ulong> _seen = start is null ? [] : [HashOf(start)];

    /// <summary>Where the next page is asked for.</summary>
    public string? Cursor { get; private set; } = start;

    /// <summary>The limit that <see cref="Cursor"/> was given for.</summary>
    public int Limit { get; private set; } = limit;

    /// <summary>How many pages without records come one after the other.</summary>
    public int EmptyPages { get; private set; }

    /// <summary>Why the last page does not lead on.</summary>
    public string? Problem { get; private set; }

    /// <summary>Goes on to the cursor that a page gives. A page without records that gives one is not the end: the vendor filters after paging.</summary>
    /// <param name="page">The page at <see cref="Cursor"/>.</param>
    /// <param name="limit">What it was asked for with.</param>
    public WalkStep Follow(VendorPage page, int limit)
    {
        if (!page.HasReadablePaging) return Stuck("Sequence sent a broken page that does not say what comes after it.");

        var next = SequencePaging.After(page.Paging);
        if (next is null) return WalkStep.Tail;

        EmptyPages = page.IsEmpty ? EmptyPages + 1 : 0;
        if (EmptyPages > MostEmptyPages) return Stuck("Sequence gives one page without records after another: the list has no end.");

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
