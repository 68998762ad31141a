using System.Buffers.Binary;

namespace ActivityConnector.Transforms.Records;

/// <summary>
/// A number for what a record says: the sum modulo 2^64 of a hash of each value that is not null and the path to it. So the order of members,
/// white space, escapes, the spelling of numbers and nulls do not count, and nothing needs sorting. A name twice: the last counts.
/// </summary>
/// <remarks>
/// <para>
/// The hash of a value takes in the names and array places of its path, from the root on, and then the value: of each a head of length (or place)
/// and kind, and the text in blocks of 16 bytes, little-endian, zeros after the last. An object or array has a hash of its own, empty or not,
/// beside those of what it holds. A string with a lone surrogate and a number with an exponent of 10^18 or more count as they are written.
/// </para>
/// <para>
/// Not cryptographic: a collision gains nothing. Both versions of a record would have to be written by a person who controls it at the vendor, and
/// the first one is already published. Stored in journals and part of the ids of revisions: it can never change. Not thread-safe.
/// </para>
/// </remarks>
internal sealed class ContentDigest(RecordTree record)
{
    private const ulong Root = 0x243F6A8885A308D3;
    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private const ulong HeadMultiplier = 0xD1B54A32D192ED03;
    private const int BlockBytes = 2 * sizeof(ulong);

    /// <summary>From the eighth on: which bits of a word are the first 0 to 8 bytes, and then always all.</summary>
    private static readonly ulong[] Masks =
        [.. Enumerable.Range(-8, 25).Select(bytes => bytes <= 0 ? 0 : ulong.MaxValue >> (8 * Math.Max(8 - bytes, 0)))];

    /// <summary>The members of all objects that are being read, the innermost last: the hash of each path, and what the member adds to the sum.</summary>
    private ulong[] _names = new ulong[64];
    private ulong[] _parts = new ulong[64];
    private int _memberCount;
    private int[] _places = new int[64];
    private int _items = -1;
    private ulong _itemPath;
    private ulong _log;
    private List<ulong>? _all;

    /// <summary>The digest of the whole record.</summary>
    public ulong Of() => NotZero(Sum(items: -1));

    /// <summary>Prepares <see cref="OfItem"/>.</summary>
    /// <param name="items">The array that holds the log's items, a member of the root.</param>
    public void ReadLog(int items) => _log = Sum(items);

    /// <summary>The digest of the log with that item as its only one.</summary>
    public ulong OfItem(int item) => NotZero(_log + Value(_itemPath, item));

    /// <summary>The part of every member in the digest: without the member, the digest is smaller by it.</summary>
    /// <param name="items">The array whose elements have a digest each, or -1.</param>
    public IReadOnlyList<ulong> Parts(int items = -1)
    {
        var all = _all = [];
        ReadLog(items);
        if (items >= 0 && record.Nodes[items].Kind == NodeKind.Array)
        {
            for (var item = items + 1; item < record.Nodes[items].Next; item = record.Nodes[item].Next) OfItem(item);
        }

        _all = null;
        return all;
    }

    /// <summary>0 says "not compared" where digests are stored.</summary>
    private static ulong NotZero(ulong sum) => sum == 0 ? 1 : sum;

    private ulong Sum(int items)
    {
        _items = items;
        return record.IsJson ? Value(Root, 0) : Leaf(Bytes(Root, record.NotJson, 'x'));
    }

    private ulong Value(ulong path, int node)
    {
        ref var value = ref record.Nodes[node];
        return value.Kind switch
        {
            NodeKind.String => Leaf(String(path, value, 's')),
            NodeKind.Null => 0,
            NodeKind.True => Leaf(path ^ Head(0, 't')),
            NodeKind.False => Leaf(path ^ Head(0, 'f')),
            NodeKind.Number => Leaf(Number(path, value.Raw)),
            NodeKind.Object => Leaf(path ^ Head(0, '{')) + Members(path, node),
            _ => Leaf(path ^ Head(0, '[')) + Elements(path, node),
        };
    }

    private ulong Elements(ulong path, int node)
    {
        if (node == _items)
        {
            _itemPath = Place(path, 0);
            return 0;
        }

        var (sum, place) = (0UL, 0);
        for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i].Next) sum += Value(Place(path, place++), i);

        return sum;
    }

    private ulong Members(ulong path, int node)
    {
        var nodes = record.Nodes;
        var (first, end) = (_memberCount, nodes[node].Next);
        var (sum, mayRepeat) = (0UL, false);
        Span<ulong> seen = [0, 0, 0, 0];
        for (var i = node + 1; i < end; i = nodes[i + 1].Next)
        {
            var name = String(path, nodes[i], 'm');
            var part = Value(name, i + 1);
            _all?.Add(part);
            sum += part;
            Push(name, part);

            // These bits know most objects in which no name can stand twice.
            ref var bits = ref seen[(int)(name >> 62)];
            var bit = 1UL << (int)(name >> 56);
            mayRepeat |= (bits & bit) != 0;
            bits |= bit;
        }

        var repeated = mayRepeat ? Repeated(_names.AsSpan(first.._memberCount), _parts.AsSpan(first.._memberCount)) : 0;
        _memberCount = first;
        return sum - repeated;
    }

    private void Push(ulong name, ulong part)
    {
        if (_memberCount == _names.Length)
        {
            Array.Resize(ref _names, _memberCount * 2);
            Array.Resize(ref _parts, _memberCount * 2);
        }

        _names[_memberCount] = name;
        _parts[_memberCount++] = part;
    }

    /// <summary>The sum of the members whose names come again later.</summary>
    private ulong Repeated(Span<ulong> names, ReadOnlySpan<ulong> parts)
    {
        if (_places.Length < names.Length) _places = new int[_names.Length];

        var places = _places.AsSpan(0, names.Length);
        for (var i = 0; i < places.Length; i++) places[i] = i;

        names.Sort(places);
        var sum = 0UL;
        for (var i = 1; i < names.Length; i++)
        {
            if (names[i] == names[i - 1])
            {
                sum += parts[Math.Min(places[i - 1], places[i])];
                places[i] = Math.Max(places[i - 1], places[i]);
            }
        }

        return sum;
    }

    /// <summary>Adds a string, a name or a value, exactly as it is decoded, or as it is written if it is no Unicode.</summary>
    private ulong String(ulong hash, in Node value, char kind)
        => value.Loss == TextLoss.None ? Bytes(hash, value.Text, kind) : Lossy(hash, value, kind);

    private ulong Lossy(ulong hash, in Node value, char kind)
        => value.Loss == TextLoss.Nul
            ? Bytes(hash, Escapes.Remove(record, value.Raw, keepNul: true, out _), kind)
            : Bytes(hash, value.Raw, char.ToUpperInvariant(kind));

    /// <summary>Adds a number as its sign, the power of ten of its last digit that is not 0, and the digits from the first to the last that is not 0.</summary>
    private ulong Number(ulong hash, Text raw)
    {
        var number = DecimalNumber.Read(record, raw);
        if (number.Digits.IsEmpty) return hash ^ Head(0, '+');

        return number.IsExact
            ? Words(Mix(hash ^ Head(number.Digits.Length, number.IsNegative ? '-' : '+'), (ulong)number.Exponent, 0), number.Digits)
            : Bytes(hash, raw, 'N');
    }

    private static ulong Place(ulong path, int place) => Mix(path ^ Head(place, 'e'), 0, 0);

    private ulong Bytes(ulong hash, Text text, char kind) => Words(hash ^ Head(text.Length, kind), text);

    /// <summary>Adds a text in blocks of two words, at least one.</summary>
    private ulong Words(ulong hash, Text text)
    {
        var bytes = record.WithSlack(text);
        var rest = text.Length;
        for (; rest > BlockBytes; rest -= BlockBytes, bytes = bytes[BlockBytes..])
        {
            hash = Mix(hash, Word(bytes), Word(bytes[sizeof(ulong)..]));
        }

        return Mix(hash, Word(bytes) & Masks[rest + sizeof(ulong)], Word(bytes[sizeof(ulong)..]) & Masks[rest]);
    }

    private static ulong Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    /// <summary>A length or place and a kind, spread over all bits, so that they do not look like text.</summary>
    private static ulong Head(int length, char kind) => (((ulong)length << 8) | kind) * HeadMultiplier;

    /// <summary>Adds two words: both halves of a product of 128 bits. The second factor is never 0: the multiplier's bytes are not UTF-8.</summary>
    private static ulong Mix(ulong hash, ulong first, ulong second)
    {
        var high = Math.BigMul(hash ^ first, second ^ Multiplier, out var low);
        return high ^ low;
    }

    /// <summary>The finaliser of MurmurHash3, so that sums of hashes are as good as hashes.</summary>
    private static ulong Leaf(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
