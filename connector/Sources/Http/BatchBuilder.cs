using System.Buffers;
using System.Collections;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Sources.Http;

/// <summary>Collects the pages of one batch, each record once, and makes an <see cref="ActivityBatch"/> of them.</summary>
/// <remarks>Owns the pages until <see cref="Build"/> gives them to the batch.</remarks>
internal sealed class BatchBuilder(string source)
{
    /// <summary>
    /// Bytes of pages that one batch should hold: 32 MB, or less where the process may have less than 384 MB. The batch, its events and what it
    /// takes to make them are in memory at once.
    /// </summary>
    public static readonly long MostBytes = Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 12, 8 * 1024 * 1024, 32 * 1024 * 1024);

    private readonly List<IDisposable> _pages = [];
    private readonly List<PageRecord> _records = new(512);
    private readonly HashSet<PageRecord> _seen = new(512, SameRecord.Instance);
    private readonly OrderedDictionary<string, DeadLetter> _deadLetters = [];
    private int _empty;
    private int _received;
    private int _skipped;
    private int _broken;
    private long _first = long.MaxValue;
    private long _last = long.MinValue;

    public int Pages => _pages.Count;

    public int Records => _records.Count;

    /// <summary>Bytes of the pages.</summary>
    public long Bytes { get; private set; }

    /// <summary>Elements that are no records.</summary>
    public int Broken => _deadLetters.Count;

    /// <summary>Takes over a page. Of its records come those that pass, and of equal ones (id and content) the first; a dead letter comes once.</summary>
    public void Add(VendorPage page, string origin, Predicate<PageRecord> filter)
    {
        _pages.Add(page);
        Bytes += page.Bytes.Length;
        _received += ElementsOf(page);
        _empty += page.Nulls;
        _broken += page.Broken.Count;
        foreach (var record in page.Records)
        {
            var isAsked = filter(record);
            if (isAsked && record.Time != RecordTime.Unknown) (_first, _last) = (Math.Min(_first, record.Time), Math.Max(_last, record.Time));

            if (isAsked && _seen.Add(record)) _records.Add(record);
            else _skipped++;
        }

        foreach (var letter in page.Broken.SelectMany(b => DeadLettersOf(b, origin, page.ReceivedAt)))
        {
            _deadLetters.TryAdd(letter.Id, letter);
        }
    }

    /// <summary>As <see cref="Add"/>, for a page that may be one that was read before: without a new record it goes back at once.</summary>
    public void AddAgain(VendorPage page, string origin, Predicate<PageRecord> filter)
    {
        var before = Records;
        Add(page, origin, filter);
        if (Records > before) return;

        _pages.RemoveAt(_pages.Count - 1);
        Bytes -= page.Bytes.Length;
        _empty -= page.Nulls;

        // Its dead letters stay, and what they are of.
        _received -= page.Nulls + page.Records.Count;
        _skipped -= page.Records.Count;
        page.Dispose(); // Dead letters are copies.
    }

    private static int ElementsOf(VendorPage page) => page.Records.Count + page.Nulls + page.Broken.Count;

    /// <summary>By time, then id. What comes newest first is mostly in order once it is turned round.</summary>
    public void Sort()
    {
        _records.Reverse();
        for (var i = 1; i < _records.Count; i++)
        {
            if (Compare(_records[i - 1], _records[i]) > 0)
            {
                _records.Sort(Compare);
                return;
            }
        }
    }

    /// <summary>From the vendor's newest first to oldest first, ties kept as the reverse of the vendor's order.</summary>
    public void Reverse() => _records.Reverse();

    /// <summary>The batch, which now owns the pages; the builder is empty again.</summary>
    public ActivityBatch Build(SourcePosition position, bool needsCommit, int beforePosition = 0, bool isTail = false, SweepRun? sweep = null)
    {
        var records = new RentedRecords(_records);
        var batch = new ActivityBatch(records, [.. _pages, records])
        {
            Position = position,
            NeedsCommit = needsCommit,
            BeforePosition = beforePosition,
            IsTail = isTail,
            Sweep = sweep,
            Received = _received,
            Times = _first <= _last ? (DateTimeOffset.FromUnixTimeMilliseconds(_first), DateTimeOffset.FromUnixTimeMilliseconds(_last)) : null,
            Skipped = _skipped,
            Broken = _broken,
            Empty = _empty,
            DeadLetters = [.. _deadLetters.Values],
        };
        _pages.Clear();
        Clear();
        return batch;
    }

    /// <summary>Gives up what was collected.</summary>
    public void Clear()
    {
        foreach (var page in _pages) page.Dispose();

        _pages.Clear();
        _records.Clear();
        _seen.Clear();
        _deadLetters.Clear();
        (_empty, _received, _skipped, _broken) = (0, 0, 0, 0);
        (_first, _last) = (long.MaxValue, long.MinValue);
        Bytes = 0;
    }

    private static int Compare(PageRecord a, PageRecord b) =>
        a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Id.Span.SequenceCompareTo(b.Id.Span);

    /// <summary>As many dead letters as it takes to hold all the bytes that the page has: intact records without an id may be among them.</summary>
    private IEnumerable<DeadLetter> DeadLettersOf(BrokenElement broken, string origin, DateTimeOffset receivedAt)
    {
        var parts = (broken.Bytes.Length + DeadLetter.MaxBodyBytes - 1) / DeadLetter.MaxBodyBytes;
        if (parts <= 1) return [DeadLetterOf(broken, origin, receivedAt)];

        return Enumerable.Range(0, parts).Select(i => (Part: i + 1, Start: i * DeadLetter.MaxBodyBytes)).Select(p => DeadLetterOf(
            broken with
            {
                Bytes = broken.Bytes[p.Start..Math.Min(p.Start + DeadLetter.MaxBodyBytes, broken.Bytes.Length)],
                Length = broken.Length - p.Start,
                Reason = $"Part {p.Part} of {parts}. {broken.Reason}",
            },
            origin,
            receivedAt));
    }

    private DeadLetter DeadLetterOf(BrokenElement broken, string origin, DateTimeOffset at) => new()
    {
        Id = broken.Id.IsEmpty
            ? DeadLetter.IdOf($"page\n{source}\n{broken.Length}\n", broken.Bytes.Span)
            : DeadLetter.IdOf($"page\n{source}\nid\n", broken.Id.Span),
        Stage = DeadLetterStage.Page,
        Reason = broken.Reason,
        Origin = origin,
        At = at,
        Body = broken.Bytes.ToArray(),
        OriginalLength = broken.Length,
    };

    /// <summary>Equal id and equal content: the same record read twice. The same id with other content is a change and stays.</summary>
    private sealed class SameRecord : IEqualityComparer<PageRecord>
    {
        public static readonly SameRecord Instance = new();

        public bool Equals(PageRecord x, PageRecord y) => x.Json.Span.SequenceEqual(y.Json.Span);

        public int GetHashCode(PageRecord record)
        {
            var hash = default(HashCode);
            hash.AddBytes(record.Id.IsEmpty ? record.Json.Span : record.Id.Span);
            return hash.ToHashCode();
        }
    }

    /// <summary>The records in a rented array: thousands a batch would go to the large object heap each time.</summary>
    private sealed class RentedRecords : IReadOnlyList<RawActivity>, IDisposable
    {
        private RawActivity[] _items;

        public RentedRecords(List<PageRecord> records)
        {
            _items = ArrayPool<RawActivity>.Shared.Rent(records.Count);
            Count = records.Count;
            for (var i = 0; i < records.Count; i++) _items[i] = new RawActivity(records[i].Json, records[i].ReceivedAt, records[i].IsSalvaged);
        }

        public int Count { get; private set; }

        public RawActivity this[int index] => index < Count ? _items[index] : throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<RawActivity> GetEnumerator()
        {
            for (var i = 0; i < Count; i++) yield return _items[i];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose()
        {
            var items = _items;
            Count = 0;
            _items = [];
            ArrayPool<RawActivity>.Shared.Return(items, clearArray: true);
        }
    }
}
