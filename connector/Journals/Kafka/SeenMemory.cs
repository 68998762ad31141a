using System.Buffers.Binary;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The ids of one source that may be read again. They are kept in segments in the order of their commits, each a record of the checkpoints
/// topic: a commit rewrites or adds the youngest and deletes the oldest ones that no overlap and no sweep reaches any more.
/// </summary>
/// <remarks>
/// A segment is let go when every event in it is older than what the source can read again by time, and <see cref="KeptAnyway"/> younger
/// ones are kept: a source that is read by cursor reads its last page again however old that is. Not thread-safe.
/// </remarks>
internal sealed class SeenMemory
{
    /// <summary>Pages of at most 250 records each are read again; this is several of them.</summary>
    public const int KeptAnyway = 2_000;

    /// <summary>A segment is rewritten until it has so many: what a busy source writes beside its events stays small.</summary>
    private const int Rewritten = 256;

    /// <summary>And never has more than these, which are far below the size of a message.</summary>
    private const int Longest = 8_192;

    private const byte Format = 1;
    private const int EntryBytes = sizeof(uint) + 16 + sizeof(ulong);

    private readonly SeenRing _known = new();
    private readonly LinkedList<Extent> _segments = [];

    public int Count => _known.Count;

    /// <summary>The content under which the event is known, or null.</summary>
    public ulong? Find(EventKey key) => _known.Find(key);

    /// <summary>In the order of their commits.</summary>
    public IEnumerable<SeenEvent> All() => Last(Count);

    /// <summary>Takes a stored segment in; to be called in the order of their numbers.</summary>
    /// <param name="stored">When it was written: an event without a time of its own counts as of then.</param>
    /// <exception cref="FormatException">It is damaged.</exception>
    public void Load(long number, ReadOnlySpan<byte> value, DateTimeOffset stored)
    {
        if (value.Length < 1 || value[0] != Format || (value.Length - 1) % EntryBytes != 0)
        {
            throw new FormatException($"The segment {number} of known events is damaged.");
        }

        var events = new List<SeenEvent>((value.Length - 1) / EntryBytes);
        for (var rest = value[1..]; rest.Length > 0; rest = rest[EntryBytes..])
        {
            events.Add(new(
                new(BinaryPrimitives.ReadUInt128BigEndian(rest[sizeof(uint)..]), BinaryPrimitives.ReadUInt32BigEndian(rest)),
                BinaryPrimitives.ReadUInt64BigEndian(rest[(EntryBytes - sizeof(ulong))..])));
        }

        Keep(new Segment(number, events, NewestHour(events, EventKey.HourOf(stored))), known: 0);
    }

    /// <summary>What a commit of these events changes; nothing is changed before <see cref="Apply"/>.</summary>
    /// <param name="rereadFrom">Events of this time or later may be read again.</param>
    public SeenChange Plan(IEnumerable<SeenEvent> events, DateTimeOffset now, DateTimeOffset rereadFrom)
    {
        var added = events.ToList();
        var written = new List<Segment>();
        Extent? reopened = null;
        if (added.Count > 0)
        {
            var last = _segments.Last?.Value;
            reopened = last is { Count: < Rewritten } ? last : null;
            var number = reopened?.Number ?? (last?.Number ?? 0) + 1;
            // Of the whole commit: an event without a time of its own is read again together with its neighbours.
            var newest = NewestHour(added, EventKey.HourOf(now));
            foreach (var some in Last(reopened?.Count ?? 0).Concat(added).Chunk(Longest))
            {
                written.Add(new Segment(number++, some, Math.Max(newest, reopened?.NewestHour ?? 0)));
            }
        }

        var (dropped, kept) = (new List<long>(), _known.Count + added.Count);
        foreach (var segment in _segments)
        {
            // What is written again in this commit has its number: dropped, it would take the new events with it.
            if (segment == reopened || segment.NewestHour >= EventKey.HourOf(rereadFrom) || kept - segment.Count < KeptAnyway)
            {
                break;
            }

            dropped.Add(segment.Number);
            kept -= segment.Count;
        }

        return new(written, dropped);
    }

    /// <summary>The change is committed.</summary>
    public void Apply(SeenChange change)
    {
        for (var dropped = change.Dropped.Count; dropped > 0; dropped--)
        {
            _known.RemoveFirst(_segments.First!.Value.Count);
            _segments.RemoveFirst();
        }

        foreach (var segment in change.Written)
        {
            var known = 0;
            if (_segments.Last is { Value: var last } && last.Number == segment.Number)
            {
                known = last.Count;
                _segments.RemoveLast();
            }

            Keep(segment, known);
        }
    }

    private void Keep(Segment segment, int known)
    {
        _segments.AddLast(new Extent(segment.Number, segment.Events.Count, segment.NewestHour));
        foreach (var seen in segment.Events.Skip(known))
        {
            _known.Add(seen);
        }
    }

    private IEnumerable<SeenEvent> Last(int count)
    {
        for (var i = _known.Count - count; i < _known.Count; i++)
        {
            yield return _known[i];
        }
    }

    /// <summary>Not later than the commit: a record from the future is read again no longer than one of the present.</summary>
    private static uint NewestHour(IReadOnlyList<SeenEvent> events, uint committed)
    {
        var newest = events.Max(e => e.Key.Hour);
        return newest == 0 ? committed : Math.Min(newest, committed);
    }

    /// <summary>Consecutive events that one record holds.</summary>
    private sealed record Extent(long Number, int Count, uint NewestHour);

    /// <summary>Consecutive events as one record holds them.</summary>
    internal sealed record Segment(long Number, IReadOnlyList<SeenEvent> Events, uint NewestHour)
    {
        public byte[] ToBytes()
        {
            var bytes = new byte[1 + (Events.Count * EntryBytes)];
            bytes[0] = Format;
            var rest = bytes.AsSpan(1);
            foreach (var (key, content) in Events)
            {
                BinaryPrimitives.WriteUInt32BigEndian(rest, key.Hour);
                BinaryPrimitives.WriteUInt128BigEndian(rest[sizeof(uint)..], key.Key);
                BinaryPrimitives.WriteUInt64BigEndian(rest[(EntryBytes - sizeof(ulong))..], content);
                rest = rest[EntryBytes..];
            }

            return bytes;
        }
    }
}

/// <summary>What a commit changes in a <see cref="SeenMemory"/>.</summary>
/// <param name="Written">Segments that are new or rewritten.</param>
/// <param name="Dropped">The numbers of the oldest segments, which are let go.</param>
internal sealed record SeenChange(IReadOnlyList<SeenMemory.Segment> Written, IReadOnlyList<long> Dropped);
