using System.Numerics;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// Committed events in the order of their commits, found by key, the oldest let go first. A place takes 36 bytes; a dictionary beside lists
/// would take three times that, which is what a busy source's two days are made of.
/// </summary>
/// <remarks>Of a key that was added twice the later content is found. Not thread-safe.</remarks>
internal sealed class SeenRing
{
    private const int FewestPlaces = 1024;

    // A power of two long, both. Links and heads are a place plus one, so that zero is none.
    private Entry[] _entries = new Entry[FewestPlaces];
    private int[] _heads = new int[FewestPlaces];
    private int _first;

    public int Count { get; private set; }

    /// <summary>The event that so many are older than.</summary>
    public SeenEvent this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            ref readonly var entry = ref _entries[PlaceOf(index)];
            return new(new(new(entry.High, entry.Low), entry.Hour), entry.Content);
        }
    }

    /// <summary>The content under which the event is known, or null.</summary>
    public ulong? Find(EventKey key)
    {
        var (high, low) = ((ulong)(key.Key >> 64), (ulong)key.Key);
        for (var link = HeadOf(low); link != 0; link = _entries[link - 1].Next)
        {
            ref readonly var entry = ref _entries[link - 1];
            if (entry.Low == low && entry.High == high && entry.Hour == key.Hour)
            {
                return entry.Content;
            }
        }

        return null;
    }

    public void Add(SeenEvent seen)
    {
        if (Count == _entries.Length)
        {
            Resize(Count * 2);
        }

        var key = seen.Key.Key;
        Put(PlaceOf(Count++), new((ulong)(key >> 64), (ulong)key, seen.Content, seen.Key.Hour));
    }

    /// <summary>Lets the oldest go.</summary>
    public void RemoveFirst(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        for (var left = count; left > 0; left--)
        {
            ref var link = ref HeadOf(_entries[_first].Low);
            while (link != _first + 1)
            {
                link = ref _entries[link - 1].Next;
            }

            link = _entries[_first].Next;
            _first = PlaceOf(1);
            Count--;
        }

        if (Count <= _entries.Length / 4 && _entries.Length > FewestPlaces)
        {
            Resize(Math.Max(FewestPlaces, (int)BitOperations.RoundUpToPowerOf2((uint)(Count * 2))));
        }
    }

    private int PlaceOf(int index) => (_first + index) & (_entries.Length - 1);

    // A key is part of a digest: any of its bits will do.
    private ref int HeadOf(ulong low) => ref _heads[(int)low & (_heads.Length - 1)];

    private void Put(int place, Entry entry)
    {
        ref var head = ref HeadOf(entry.Low);
        entry.Next = head;
        _entries[place] = entry;
        head = place + 1;
    }

    private void Resize(int places)
    {
        var (from, first) = (_entries, _first);
        (_entries, _heads, _first) = (new Entry[places], new int[places], 0);
        for (var i = 0; i < Count; i++)
        {
            Put(i, from[(first + i) & (from.Length - 1)]);
        }
    }

    private struct Entry(ulong high, ulong low, ulong content, uint hour)
    {
        public readonly ulong High = high, Low = low, Content = content;
        public readonly uint Hour = hour;
        public int Next;
    }
}
