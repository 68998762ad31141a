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
/// The cursors of one walk, in either order, 8 bytes each: notices a list that leads back to itself, however long the loop is. Knows the records
/// at which the walk has arrived.
/// </summary>
/// <param name="start">Where the walk begins; null = at the end of the list that its order begins with.</param>
/// <param name="limit">The limit that <paramref name="start"/> was given for.</param>
internal sealed class CursorTrail(string? start, int limit)
{
    /// <summary>More pages without records in a row than a filter leaves.</summary>
    private const int MostEmptyPages = 1_000;

    private int _empty;
    private HashSet<ulong> _endPage = [];
    private bool _hasMetSought;
    private readonly HashSet<ulong> _seen = start is null ? [] : [HashOf(Encoding.UTF8.GetBytes(start))];

    /// <summary>Where the next page is asked for.</summary>
    public string? Cursor { get; private set; } = start;

    /// <summary>The limit that <see cref="Cursor"/> was given for.</summary>
    public int Limit { get; private set; } = limit;

    /// <summary>Why the last page does not lead on.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether no page had a record.</summary>
    public bool IsEmpty => Last is null;

    /// <summary>What stands for the last record so far; null = there was none.</summary>
    public ulong? Last { get; private set; }

    /// <summary>The record that the walk is to meet; null = none is looked for yet.</summary>
    public ulong? Sought { get; private set; }

    /// <summary>How many records were sought.</summary>
    public int TimesSought { get; private set; }

    /// <summary>From now on every record is compared with this one.</summary>
    public void Seek(ulong record) => (Sought, TimesSought, _hasMetSought) = (record, TimesSought + 1, false);

    /// <summary>Whether the record is the last one of the walk, on the page that ends it, or the one that is sought and was met since.</summary>
    public bool HasMet(ulong record) => record == Last || _endPage.Contains(record) || (record == Sought && _hasMetSought);

    /// <summary>Goes on to the cursor that a page gives. A page without records that gives one is not the end: the vendor filters after paging.</summary>
    /// <param name="page">The page at <see cref="Cursor"/>.</param>
    /// <param name="limit">What it was asked for with.</param>
    public WalkStep Follow(VendorPage page, int limit)
    {
        var step = StepAfter(page, limit);
        if (step == WalkStep.Tail || Sought is not null) Meet([.. MarksOf(page)]);
        Last = MarkOfLast(page) ?? Last;
        return step;
    }

    /// <summary>The walk ends without having arrived at the end of the list.</summary>
    public WalkStep Stuck(string problem)
    {
        Problem = problem;
        return WalkStep.Stuck;
    }

    /// <summary>What stands for each record of a page: a hash of its id, or of its text where it has none. Then for what is broken and has an id.</summary>
    public static IEnumerable<ulong> MarksOf(VendorPage page) =>
        page.Records.Select(MarkOf).Concat(page.Broken.Where(b => !b.Id.IsEmpty).Select(b => HashOf(b.Id.Span)));

    private static ulong? MarkOfLast(VendorPage page) =>
        page.Records.Count > 0 ? MarkOf(page.Records[^1]) : MarksOf(page).Select(mark => (ulong?)mark).LastOrDefault();

    private static ulong MarkOf(PageRecord record) => HashOf((record.Id.IsEmpty ? record.Json : record.Id).Span);

    private static ulong HashOf(ReadOnlySpan<byte> text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(text));

    private void Meet(HashSet<ulong> page)
    {
        _hasMetSought |= Sought is { } sought && page.Contains(sought);
        _endPage = page;
    }

    private WalkStep StepAfter(VendorPage page, int limit)
    {
        if (!page.HasReadablePaging) return Stuck("Sequence sent a broken page that does not say what comes after it.");

        var next = SequencePaging.After(page.Paging);
        if (next is null) return WalkStep.Tail;

        _empty = page.IsEmpty ? _empty + 1 : 0;
        if (_empty > MostEmptyPages) return Stuck("Sequence gives one page without records after another: the list has no end.");

        if (next == Cursor)
        {
            return page.Records.Count + page.Broken.Count + page.Nulls < limit
                ? WalkStep.Tail
                : Stuck("Sequence gives for a full page the cursor that it was asked with.");
        }

        if (!_seen.Add(HashOf(Encoding.UTF8.GetBytes(next)))) return Stuck("Sequence's cursors lead back to a page that was read: the list has no end.");

        (Cursor, Limit) = (next, limit);
        return WalkStep.More;
    }
}
